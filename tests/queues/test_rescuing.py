"""What a supervisor does to one ticket: free it, send it on, lift it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import User
from queues import actions, clock, queries
from queues.models import Branch, Desk, Role, Service, Ticket
from queues.refusals import AlreadyCalled, AlreadyOver, ChangedMeanwhile, ElsewhereGone
from queues.states import State
from tests import factories
from tests.laws import assert_sound

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with clock.standing_at(NOON):
        yield


@pytest.fixture
def passports() -> Service:
    return factories.service(slug="passports", name_en="Passports", name_fi="Passit")


@pytest.fixture
def desk(passports: Service) -> Desk:
    return factories.desk(passports, name="3")


@pytest.fixture
def supervisor(passports: Service) -> User:
    return factories.clerk(passports.branch, role=Role.SUPERVISOR)


def state_of(ticket: Ticket) -> str:
    return str(Ticket.objects.get(pk=ticket.pk).state)


# A stuck ticket


def test_a_called_ticket_goes_back_to_its_old_place(passports: Service, desk: Desk, supervisor: User) -> None:
    first, second = factories.waiting(2, passports)
    factories.called(desk)
    actions.free(first, back=True, by=supervisor)
    assert queries.has_now(desk) is None
    assert list(queries.line(passports.branch)) == [first, second]
    assert factories.called(desk) == first
    assert_sound(passports.branch)


def test_a_served_ticket_is_ended_and_the_desk_is_free(passports: Service, desk: Desk, supervisor: User) -> None:
    factories.waiting(2, passports)
    ticket = factories.serving(desk)
    actions.free(ticket, back=False, by=supervisor)
    assert state_of(ticket) == State.DONE
    assert ticket.events.last().by == supervisor  # type: ignore[union-attr]
    assert factories.called(desk) != ticket


@pytest.mark.parametrize(("back", "state"), [(True, State.WAITING), (False, State.NO_SHOW)])
def test_who_was_only_called_did_not_come(
    back: bool,  # noqa: FBT001 - a parameter of the test
    state: State,
    passports: Service,
    desk: Desk,
    supervisor: User,
) -> None:
    factories.ticket(passports)
    ticket = factories.called(desk)
    assert actions.free(ticket, back=back, by=supervisor).state == state


@pytest.mark.parametrize(("back", "state"), [(True, State.WAITING), (False, State.LEFT)])
def test_a_hold_without_an_end_ends(
    back: bool,  # noqa: FBT001 - a parameter of the test
    state: State,
    passports: Service,
    desk: Desk,
    supervisor: User,
) -> None:
    factories.ticket(passports)
    ticket = factories.serving(desk)
    actions.hold(desk, ticket.pk, by=None)
    assert actions.free(ticket, back=back, by=supervisor).state == state
    assert_sound(passports.branch)


def test_who_waits_or_is_gone_is_not_freed(passports: Service, desk: Desk, supervisor: User) -> None:
    ticket = factories.ticket(passports)
    with pytest.raises(ChangedMeanwhile):
        actions.free(ticket, back=True, by=supervisor)
    factories.served(desk)
    with pytest.raises(AlreadyOver):
        actions.free(ticket, back=True, by=supervisor)


def test_a_family_is_freed_together(passports: Service, desk: Desk, supervisor: User) -> None:
    parent, child = factories.waiting(2, passports)
    actions.link(desk, parent.shown, child.shown, by=None)
    factories.serving(desk)
    actions.free(child, back=True, by=supervisor)
    assert [state_of(parent), state_of(child)] == [State.WAITING, State.WAITING]
    assert queries.has_now(desk) is None


def test_a_ticket_at_a_desk_is_freed_and_sent_on_at_once(passports: Service, desk: Desk, supervisor: User) -> None:
    elsewhere = factories.service(passports.branch, number_prefix="B")
    factories.ticket(passports)
    ticket = factories.serving(desk)
    sent = actions.send_on(ticket, service=elsewhere, by=supervisor)
    assert (sent.state, sent.service, sent.shown) == (State.WAITING, elsewhere, ticket.shown)
    assert_sound(passports.branch)


# Priority


def test_a_class_moves_a_ticket_by_its_head_start_and_taking_it_away_moves_it_back(
    passports: Service, supervisor: User
) -> None:
    families = factories.priority(passports.branch, minutes=15)
    first = factories.ticket(passports)
    with clock.standing_at(NOON + 10 * MINUTE):
        second = factories.ticket(passports)
        actions.set_priority(second, families, by=supervisor)
        assert list(queries.line(passports.branch)) == [second, first]
        second.refresh_from_db()
        assert (second.priority, second.head_start, second.due_at) == (families, 15, NOON - 5 * MINUTE)
        actions.set_priority(second, None, by=supervisor)
        assert list(queries.line(passports.branch)) == [first, second]
    assert set(second.events.values_list("reason", flat=True)) == {""}
    assert_sound(passports.branch)


@pytest.mark.parametrize("places", [None, 1])
def test_who_was_put_further_back_has_no_head_start_to_give_back(
    places: int | None, passports: Service, desk: Desk, supervisor: User
) -> None:
    """At the end, or behind the first one: taking the class away, or giving it anew, counts from that place."""
    families = factories.priority(passports.branch, minutes=15)
    ticket = factories.ticket(passports, priority=families)
    factories.ticket(passports)
    if places is None:
        actions.transfer(desk, factories.called(desk).pk, service=passports, at_the_end=True, by=None)
    else:
        actions.mark_absent(desk, factories.called(desk).pk, by=None)
        actions.bring_back(ticket, places=places)
    ticket.refresh_from_db()
    place = ticket.due_at
    assert actions.set_priority(ticket, families, by=supervisor).due_at == place - 15 * MINUTE
    assert actions.set_priority(ticket, None, by=supervisor).due_at == place


def test_a_class_never_lifts_beyond_the_branchs_ceiling(passports: Service, supervisor: User) -> None:
    Branch.objects.update(head_start_ceiling=20)
    ticket = actions.set_priority(
        factories.ticket(passports), factories.priority(passports.branch, minutes=90), by=supervisor
    )
    assert (ticket.head_start, ticket.due_at) == (20, NOON - 20 * MINUTE)


def test_the_same_class_twice_is_one_move(passports: Service, supervisor: User) -> None:
    families = factories.priority(passports.branch, minutes=15)
    ticket = factories.ticket(passports)
    for _press in range(2):
        actions.set_priority(ticket, families, by=supervisor)
    assert ticket.events.count() == 2


def test_only_who_waits_is_lifted_and_only_by_this_branchs_classes(
    passports: Service, desk: Desk, supervisor: User
) -> None:
    ticket = factories.ticket(passports)
    with pytest.raises(ElsewhereGone):
        actions.set_priority(ticket, factories.priority(factories.branch(), minutes=5), by=supervisor)
    factories.called(desk)
    with pytest.raises(AlreadyCalled):
        actions.set_priority(ticket, None, by=supervisor)
