"""The audit counts what is in the events, so it must see what is wrong there."""

from datetime import timedelta

import pytest

from queues import actions, clock
from queues.models import NumberSeries, Service, Ticket, TicketEvent
from queues.states import State
from replay.audit import Findings, audit, overlaps
from tests.kit import factories
from tests.kit.factories import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def service() -> Service:
    """Two visitors have been served, one after the other."""
    service = factories.service()
    desk = factories.desk(service)
    for ticket in (factories.ticket(service), factories.ticket(service)):
        actions.call_next(desk, by=None)
        actions.start_serving(desk, ticket.pk, by=None)
        actions.finish(desk, ticket.pk, by=None)
    return service


def found(service: Service) -> Findings:
    return audit(service.branch, {ticket.business_day for ticket in Ticket.objects.all()})


def test_a_sound_day_has_neither_duplicates_nor_gaps(service: Service) -> None:
    assert found(service) == Findings(0, 0)


def test_a_serial_that_no_event_gave_is_a_gap(service: Service) -> None:
    NumberSeries.objects.update(last_serial=5)
    assert found(service) == Findings(0, 3)
    TicketEvent.objects.filter(ticket__serial=1, from_state="").delete()
    assert found(service) == Findings(0, 4)


def test_a_number_given_while_somebody_had_it_is_a_duplicate(service: Service) -> None:
    Ticket.objects.update(shown="A1")  # both were waiting at once
    assert found(service) == Findings(1, 0)


def test_a_visitor_called_by_a_second_desk_is_a_duplicate_and_a_recall_is_none(service: Service) -> None:
    ticket = factories.ticket(service)
    desk = service.desks.get()
    actions.call_next(desk, by=None)
    actions.recall(desk, ticket.pk, by=None)
    assert found(service) == Findings(0, 0)
    TicketEvent.objects.create(
        ticket=ticket,
        from_state=State.WAITING,
        to_state=State.CALLED,
        service=service,
        desk=factories.desk(service),
        at=clock.now(),
    )
    assert found(service) == Findings(1, 0)


def test_a_serial_given_twice_is_a_duplicate(service: Service) -> None:
    first = TicketEvent.objects.filter(from_state="")[0]
    TicketEvent.objects.create(ticket_id=first.ticket_id, to_state=State.WAITING, service=service, at=clock.now())
    assert found(service) == Findings(1, 0)


def test_a_desk_that_calls_while_it_has_somebody_is_a_duplicate(service: Service) -> None:
    desk = service.desks.get()
    factories.ticket(service)
    second = factories.ticket(service)
    actions.call_next(desk, by=None)
    assert found(service) == Findings(0, 0)
    TicketEvent.objects.create(
        ticket=second,
        from_state=State.WAITING,
        to_state=State.CALLED,
        service=service,
        desk=desk,
        at=clock.now(),
    )
    assert found(service) == Findings(1, 0)


def test_spans_of_two_imports_are_compared_in_time_not_in_the_order_of_writing(service: Service) -> None:
    """The second one's events all come after the first one's, though they tell of the same minutes."""
    desk = factories.desk(service)
    for minutes in (0, 5):
        with clock.standing_at(NOON + timedelta(minutes=minutes)):
            ticket = factories.ticket(service)
        events = [("", "WAITING", None, 0), ("WAITING", "CALLED", desk, 0), ("CALLED", "SERVING", desk, 0)]
        ticket.events.all().delete()
        for before, after, at, late in (*events, ("SERVING", "DONE", desk, 10)):
            TicketEvent.objects.create(
                ticket=ticket,
                from_state=before,
                to_state=after,
                desk=at,
                service=service,
                action="call_next",
                at=NOON + timedelta(minutes=minutes + late),
            )
    assert audit(service.branch, {NOON.date()}).duplicates == 1


@pytest.mark.parametrize(
    ("spans", "found"),
    [
        ([(0, 5), (5, 9)], 0),
        ([(0, 5), (4, 9)], 1),
        ([(5, 9), (0, 6)], 1),
        ([(0, 9), (1, 2), (3, 4)], 2),
        ([(3, 3), (3, 3)], 0),
    ],
)
def test_spans_overlap_when_one_begins_while_another_goes_on(spans: list[tuple[int, int]], found: int) -> None:
    as_times = [(NOON + timedelta(minutes=begin), NOON + timedelta(minutes=end)) for begin, end in spans]
    assert overlaps(as_times) == found
