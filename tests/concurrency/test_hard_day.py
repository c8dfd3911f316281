"""A hard day's presses at once: two windows of a desk, other desks, a supervisor, a rule and the clock."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle, islice
from random import Random

import pytest
from django.db import connections

from accounts.models import User
from queues import actions, queries
from queues.models import Branch, Desk, Role, Service, Ticket, TicketEvent
from queues.refusals import ActedSince, DeskBusy, DeskTaken, NobodyWaiting, Refusal
from queues.states import AT_DESK, OPEN, State
from tests.kit import factories
from tests.kit.crowds import all_at_once
from tests.kit.invariants import assert_sound, doubled

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_change_notices")]

ROUNDS = 25
Press = Callable[[], object]


@pytest.fixture
def branch() -> Branch:
    return factories.branch(calls_limit=1, cool_down=0, breath=1)


def answer(press: Press) -> object:
    """What one press gives; a refusal is an answer."""
    try:
        return press()
    except Refusal as refusal:
        return refusal


def pressing(presses: Iterator[Press], *, times: int) -> list[object]:
    """So many presses one after another, as one browser or worker makes them."""
    try:
        return [answer(press) for press in islice(presses, times)]
    finally:
        connections.close_all()


def a_window(desk: Desk, clerk: User) -> Iterator[Press]:
    """Whatever its page shows as the next thing to do, and sometimes something else."""
    chance = Random(desk.pk)
    while True:
        has = queries.has_now(desk)
        latest = queries.latest_event(desk)
        if has is None:
            yield partial(actions.call_next, desk, by=clerk, saw=latest.pk if latest else 0)
        elif has.state == State.CALLED:
            press = chance.choice((actions.start_serving, actions.start_serving, actions.recall, actions.mark_absent))
            yield partial(press, desk, has.pk, by=clerk)
        else:
            yield partial(chance.choice((actions.finish, actions.finish, actions.put_back)), desk, has.pk, by=clerk)
        if chance.random() < 0.2:
            yield partial(actions.undo, desk, by=clerk)


def a_restless_desk(desk: Desk, clerk: User, to: Service) -> Iterator[Press]:
    """Holds, sends on, links and undoes."""
    for turn in cycle(range(5)):
        yield partial(actions.call_next, desk, by=clerk)
        has = queries.has_now(desk)
        if has is None:
            continue
        following = queries.line(desk.branch).filter(leader__isnull=True, party=1).last()
        if turn == 0 and following is not None:
            yield partial(actions.link, desk, has.shown, following.shown, by=clerk)
        if turn < 3:
            yield partial(actions.hold, desk, has.pk, minutes=1, by=clerk)
            yield partial(actions.undo, desk, by=clerk)
        yield partial(actions.transfer, desk, has.pk, service=to, at_the_end=True, by=clerk)


def a_supervisor(branch: Branch, desk: Desk, by: User, service: Service) -> Iterator[Press]:
    """Frees, lifts, sends on, and takes a desk over."""
    chance = Random(1)
    lifted = factories.priority(branch, minutes=30)
    while True:
        open_now = list(Ticket.objects.filter(branch=branch, state__in=OPEN))
        at_desk = [ticket for ticket in open_now if ticket.state in AT_DESK]
        if at_desk:
            yield partial(actions.release, chance.choice(at_desk), back=True, by=by)
        if open_now:
            yield partial(actions.set_priority, chance.choice(open_now), lifted, by=by)
            yield partial(actions.transfer_ticket, chance.choice(open_now), service=service, by=by)
        yield partial(actions.take_over, desk, by=by)
        yield partial(actions.call_next, desk, by=by)
        yield partial(actions.close_session, desk, by=by, puts_back=True)


def the_clock(branch: Branch) -> Iterator[Press]:
    yield from cycle(
        (
            actions.end_holds,
            actions.auto_call_idle_desks,
            actions.apply_rules,
            lambda: actions.close_day(Branch.objects.get(pk=branch.pk)),
        )
    )


def test_a_hard_day_at_once_leaves_everything_sound(branch: Branch) -> None:
    first, second = factories.service(branch), factories.service(branch, number_prefix="B")
    desks = [factories.desk(first), factories.desk(first, second), factories.desk(second), factories.desk(first)]
    clerks = [factories.clerk(branch) for _ in range(3)]
    supervisor = factories.clerk(branch, role=Role.SUPERVISOR)
    actions.close_day(Branch.objects.get(pk=branch.pk))
    for _ in range(15):
        factories.ticket(first)
        factories.ticket(second)
    actions.set_auto_call(desks[3], on=True, by=clerks[2])
    actions.add_rule(branch, name="Help with B", service=second, over=0, under=0, desks=[desks[0]])
    here = list(Desk.objects.filter(branch=branch).select_related("branch"))

    answers = all_at_once(
        [
            partial(pressing, a_window(here[0], clerks[0]), times=ROUNDS),
            partial(pressing, a_window(here[0], clerks[0]), times=ROUNDS),
            partial(pressing, a_restless_desk(here[1], clerks[1], second), times=2 * ROUNDS),
            partial(pressing, a_window(here[3], clerks[2]), times=ROUNDS),
            partial(pressing, a_supervisor(branch, here[2], supervisor, first), times=2 * ROUNDS),
            partial(pressing, the_clock(branch), times=2 * ROUNDS),
            partial(pressing, iter([partial(factories.ticket, first)] * ROUNDS), times=ROUNDS),
        ]
    )

    assert sum(len(given) for given in answers) == 10 * ROUNDS
    assert any(isinstance(one, Ticket) for given in answers for one in given)
    assert_sound(branch)
    assert_nobody_called_by_two(branch)


def assert_nobody_called_by_two(branch: Branch) -> None:
    """Whoever was called out of the line was in it: since the call before, a desk or a supervisor had put them back."""
    called = TicketEvent.objects.filter(ticket__branch=branch, to_state=State.CALLED).exclude(
        action__in=("recall", "undo")
    )
    assert not called.filter(from_state__in=AT_DESK).exists()
    leading = Ticket.objects.filter(branch=branch, state__in=AT_DESK, leader__isnull=True)
    assert not doubled(leading.values_list("desk", flat=True))


def test_an_undo_and_another_desks_call_at_once_give_the_visitor_to_one_of_them(branch: Branch) -> None:
    service = factories.service(branch)
    desks = [factories.desk(service) for _ in range(8)]
    for mine, theirs in zip(desks[::2], desks[1::2], strict=True):
        ticket = factories.ticket(service)
        actions.put_back(mine, factories.called(mine).pk, by=None)
        undone, called = all_at_once(
            [
                partial(pressing, iter([partial(actions.undo, mine, by=None)]), times=1),
                partial(pressing, iter([partial(actions.call_next, theirs, by=None)]), times=1),
            ]
        )
        ticket.refresh_from_db()
        if ticket.desk == mine:
            assert isinstance(called[0], NobodyWaiting)
        else:
            assert isinstance(undone[0], ActedSince)
        assert_sound(branch)
        assert ticket.desk is not None
        actions.finish(ticket.desk, actions.start_serving(ticket.desk, ticket.pk, by=None).pk, by=None)


def test_a_take_over_and_the_clerks_own_press_at_once_leave_one_person_at_the_desk(branch: Branch) -> None:
    service = factories.service(branch)
    desk = factories.desk(service)
    clerk, colleague = factories.clerk(branch), factories.clerk(branch)
    factories.waiting(3, service)
    actions.open_session(desk, by=clerk)
    presses: list[Press] = [
        partial(actions.take_over, desk, by=colleague),
        *[partial(actions.call_next, desk, by=clerk)] * 3,
        *[partial(actions.call_next, desk, by=colleague)] * 3,
    ]
    answers = all_at_once([partial(pressing, iter([press]), times=1) for press in presses])
    assert Desk.objects.get(pk=desk.pk).clerk == colleague
    found = Counter(type(given[0]) for given in answers)
    # Nobody is called when the take-over comes after all of the colleague's presses and before all of the clerk's.
    allowed = 6 - found[DeskTaken]
    called = min(1, allowed)
    assert found == Counter({Desk: 1, Ticket: called, DeskBusy: allowed - called, DeskTaken: 6 - allowed})
    assert_sound(branch)
