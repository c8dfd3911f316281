"""Why this one is next, in a sentence that is true."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from queues import actions, clock, snapshot
from queues.models import Branch, Desk, Service, Ticket
from queues.snapshot import Part
from queues.snapshot.explanation import Kind, Reason, others_may_come_before, reason
from tests.kit import factories

pytestmark = pytest.mark.django_db

NINE = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
"""In Helsinki, where the branch is."""
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _in_the_branch() -> Iterator[None]:
    with timezone.override("Europe/Helsinki"), clock.standing_at(NINE):
        yield


def now(ticket: Ticket, desk: Desk) -> Reason:
    """As the desk sees it."""
    seen = snapshot.read(Branch.objects.get(pk=desk.branch_id), {Part.DESKS, Part.HEADS})
    waiting = {one.id: one for head in seen.heads for one in head.tickets}
    return reason(waiting[ticket.pk], seen.desks[desk.pk], now=seen.at)


def why(ticket: Ticket, desk: Desk) -> Reason:
    """The same, twelve minutes past nine."""
    with clock.standing_at(NINE + 12 * MINUTE):
        return now(ticket, desk)


def came_first(service: Service, _desk: Desk, _other: Desk) -> Ticket:
    return factories.ticket(service)


def has_a_class(service: Service, _desk: Desk, _other: Desk) -> Ticket:
    return factories.ticket(service, priority=factories.priority(service.branch, minutes=15))


def is_for_the_main_service(service: Service, desk: Desk, _other: Desk) -> Ticket:
    Desk.objects.filter(pk=desk.pk).update(main_service=service, main_head_start=10)
    return factories.ticket(service)


def sent_to_the_desk(service: Service, desk: Desk, next_door: Desk) -> Ticket:
    factories.ticket(service)
    return actions.transfer(next_door, factories.serving(next_door).pk, to_desk=desk, by=None)


def sent_to_the_clerk(service: Service, desk: Desk, next_door: Desk) -> Ticket:
    factories.ticket(service)
    return actions.transfer(next_door, factories.serving(next_door).pk, to_clerk=factories.clerk(desk.branch), by=None)


def sent_away_to_return(service: Service, desk: Desk, next_door: Desk) -> Ticket:
    factories.ticket(service)
    actions.transfer(desk, factories.serving(desk).pk, service=service, returns=True, by=None)
    return actions.finish(next_door, factories.serving(next_door).pk, by=None)


def missed_its_call(service: Service, desk: Desk, _other: Desk) -> Ticket:
    factories.ticket(service)
    return factories.brought_back(actions.mark_absent(desk, factories.called(desk).pk, by=None))


def held_for_five_minutes(service: Service, desk: Desk, _other: Desk) -> Ticket:
    factories.ticket(service)
    return actions.hold(desk, factories.called(desk).pk, minutes=5, by=None)


def sent_on_to_a_service(service: Service, desk: Desk, _other: Desk) -> Ticket:
    factories.ticket(service)
    onward = factories.service(service.branch, number_prefix="B")
    return actions.transfer(desk, factories.serving(desk).pk, service=onward, by=None)


@dataclass(frozen=True, slots=True)
class Told:
    """What was decided, and what the desk and the visitor are told of it."""

    kind: Kind
    minutes: int
    desk: str
    visitor: str


COUNTS = "Your place counts from 09:00"
STORIES: dict[Callable[[Service, Desk, Desk], Ticket], Told] = {
    came_first: Told(
        Kind.LONGEST, 0, "has waited longest for this desk, 12 min", f"{COUNTS}, when you took your number."
    ),
    has_a_class: Told(
        Kind.HEAD_START,
        15,
        "has a head start of 15 min, and has waited 12 min",
        f"{COUNTS}, with a head start of 15 min.",
    ),
    is_for_the_main_service: Told(
        Kind.MAIN_SERVICE,
        10,
        "comes for this desk's main work, 10 min ahead of the rest, and has waited 12 min",
        f"{COUNTS}, when you took your number.",
    ),
    sent_to_the_desk: Told(
        Kind.SENT_TO_DESK,
        0,
        "was sent to this desk, and has waited 12 min",
        f"You are expected at one desk. {COUNTS}.",
    ),
    sent_to_the_clerk: Told(
        Kind.SENT_TO_CLERK, 0, "was sent to you, and has waited 12 min", f"You are expected at one desk. {COUNTS}."
    ),
    sent_away_to_return: Told(
        Kind.RETURNS,
        0,
        "comes back to this desk, and has waited 12 min",
        f"You are expected at one desk. {COUNTS}.",
    ),
    missed_its_call: Told(
        Kind.CAME_BACK, 0, "was called before and is back in the queue, and has waited 12 min", f"{COUNTS}."
    ),
    held_for_five_minutes: Told(
        Kind.HOLD_OVER,
        0,
        "was on hold until 09:05, and has waited 12 min",
        "Your place was kept until 09:05, and you are in the queue again.",
    ),
    sent_on_to_a_service: Told(
        Kind.SENT_ON, 0, "was sent on from another desk, and has waited 12 min in all", f"{COUNTS}."
    ),
}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_each_reason_is_said_to_the_desk_and_to_the_visitor(
    story: Callable[[Service, Desk, Desk], Ticket], service: Service, desk: Desk, next_door: Desk
) -> None:
    found = why(story(service, desk, next_door), desk)
    assert found.waited == 12
    assert Told(found.kind, found.minutes, found.text(), found.for_visitor()) == STORIES[story]


def test_a_desk_without_main_work_puts_none_first(service: Service, desk: Desk) -> None:
    Desk.objects.filter(pk=desk.pk).update(main_service=service)
    assert why(factories.ticket(service), desk).kind is Kind.LONGEST


def test_who_was_put_at_the_end_has_used_up_the_head_start(service: Service, desk: Desk) -> None:
    factories.ticket(service, priority=factories.priority(service.branch, minutes=15))
    serving = factories.serving(desk)
    with clock.standing_at(NINE + 2 * MINUTE):
        sent = actions.transfer(desk, serving.pk, service=service, at_the_end=True, by=None)
        # The two minutes at the desk were no wait.
        found = why(sent, desk)
    assert (found.kind, found.since, found.waited) == (Kind.SENT_ON, NINE + 2 * MINUTE, 10)


def test_a_wait_that_has_just_begun_is_less_than_a_minute(service: Service, desk: Desk) -> None:
    assert now(factories.ticket(service), desk).text() == "has waited longest for this desk, less than a minute"


def test_without_a_desk_it_is_about_the_line_alone(service: Service, desk: Desk) -> None:
    ticket = is_for_the_main_service(service, desk, desk)
    seen = snapshot.read(Branch.objects.get(pk=desk.branch_id), {Part.LINE})
    assert [one.id for one in seen.line] == [ticket.pk]
    assert reason(seen.line[0], None, now=seen.at).kind is Kind.LONGEST


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, ""),
        (15, "Visitors with a head start may come before you if they came at most 15 min after you."),
        (1440, "Visitors with priority come before you."),
    ],
)
def test_a_visitor_is_told_how_far_others_may_be_ahead(minutes: int, said: str) -> None:
    assert others_may_come_before(minutes) == said
