"""Writing a row: the same as Django's own, which is asked here beside it."""

import pytest

from queues import clock
from queues.changes import rows
from queues.models import Desk, NumberSeries, Service, TicketEvent
from tests.kit import factories

pytestmark = pytest.mark.django_db


def test_a_row_is_inserted_as_django_would(service: Service) -> None:
    (ticket,) = factories.waiting(1, service)
    fields = {"from_state": "", "to_state": "WAITING", "action": "issue", "service": service, "at": clock.now()}
    ours, theirs = (TicketEvent(ticket=ticket, before={"plan": [1]}, **fields) for _one in range(2))
    rows.insert(ours)
    theirs.save(force_insert=True)
    written = TicketEvent.objects.filter(pk__in=[ours.pk, theirs.pk]).values()
    assert len({str({**row, "id": None}) for row in written}) == 1
    assert not ours._state.adding
    ours.reason = "changed"
    ours.save()
    assert TicketEvent.objects.get(pk=ours.pk).reason == "changed"


def test_a_row_is_updated_only_if_it_is_as_was_thought(service: Service) -> None:
    (ticket,) = factories.waiting(1, service)
    assert not rows.update(ticket, {"plan": [7]}, only_if={"state": "CALLED"})
    assert rows.update(ticket, {"plan": [7], "for_desk_id": None}, only_if={"state": "WAITING"})
    ticket.refresh_from_db()
    assert ticket.plan == [7]
    NumberSeries.objects.filter(pk=ticket.series_id).update(last_serial=9)
    assert rows.update(ticket.series, {"last_serial": 10})
    series = NumberSeries.objects.get(pk=ticket.series_id)
    assert (series.last_serial, series.last_number) == (10, 1)
    gone = Desk(pk=2**40)
    assert not rows.update(gone, {"name": "x"})


def test_what_is_saved_is_on_the_object_too_and_nothing_else_is_written(service: Service) -> None:
    desk = factories.desk(service)
    Desk.objects.filter(pk=desk.pk).update(name="9")
    rows.save(desk, pause_reason="coffee")
    assert desk.pause_reason == "coffee"
    desk.refresh_from_db()
    assert (desk.name, desk.pause_reason) == ("9", "coffee")
