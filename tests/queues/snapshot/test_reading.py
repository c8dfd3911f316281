"""One reading of a branch: what is in it, and what it costs."""

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from datetime import timedelta
from random import Random

import pytest

from queues import actions, clock, queries, snapshot
from queues.changes.transaction import changing
from queues.models import Branch, Desk, Service
from queues.snapshot import HEADS_KEPT, BranchSnapshot, Names, Part
from queues.snapshot.source import BranchSource
from queues.states import State
from queues.topics import branch_topic
from tests.kit import factories
from tests.kit.factories import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

MINUTE = timedelta(minutes=1)
Counted = Callable[[int], AbstractContextManager[object]]


@pytest.fixture
def passports() -> Service:
    return factories.service(slug="passports", name="Passports")


@pytest.fixture
def permits(passports: Service) -> Service:
    return factories.service(passports.branch, slug="permits", name="Permits", number_prefix="B", position=1)


@pytest.fixture
def desk(passports: Service, permits: Service) -> Desk:
    return factories.desk(passports, permits, name="3")


def read(branch: Branch, parts: Collection[Part] = tuple(Part), follow: Collection[int] = ()) -> BranchSnapshot:
    return snapshot.read(Branch.objects.get(pk=branch.pk), parts, follow)


# What it holds


def test_it_says_whose_it_is_of_which_revision_and_when() -> None:
    branch = factories.branch(slug="town", name="Town hall", languages=["sv", "fi"], time_zone="Europe/Stockholm")
    with changing(branch.pk):
        pass
    seen = read(branch, ())
    assert (seen.id, seen.slug, seen.rev, seen.at) == (branch.pk, "town", 1, NOON)
    assert (seen.languages, seen.time_zone, seen.name.in_("en")) == (("sv", "fi"), "Europe/Stockholm", "Town hall")


def test_a_branch_with_nothing_in_it_reads_as_nothing() -> None:
    """Case 11: nobody was ever served, no desk, no service."""
    seen = read(factories.branch())
    assert (seen.services, seen.desks, seen.line, seen.calls, seen.followed) == ((), {}, (), (), {})


def test_only_the_parts_asked_for_are_there(desk: Desk, passports: Service) -> None:
    factories.waiting(2, passports)
    followed = factories.called(desk)
    actions.add_rule(passports.branch, service=passports, over=15, under=5, desks=[desk])
    actions.stop_numbers(passports.branch, by=None)
    actions.open_session(desk, by=factories.clerk(passports.branch))
    for part in Part:
        seen = read(passports.branch, {part}, [followed.pk])
        assert [other for other in Part if getattr(seen, other.name.lower())] == [part]


def test_each_service_says_how_many_wait_for_it_today(desk: Desk, passports: Service, permits: Service) -> None:
    with clock.standing_at(NOON - timedelta(days=1)):
        factories.waiting(4, passports)
    factories.waiting(3, passports)
    factories.called(desk)
    seen = read(passports.branch)
    assert [(row.slug, row.waiting, row.prefix) for row in seen.services] == [
        ("passports", 2, "A"),
        ("permits", 0, "B"),
    ]
    assert seen.services[1].id == permits.pk


def test_the_line_is_in_the_order_in_which_they_are_due(passports: Service, permits: Service) -> None:
    hurried = factories.priority(passports.branch, minutes=10)
    factories.ticket(passports)
    with clock.standing_at(NOON + MINUTE):
        factories.ticket(permits)
        factories.ticket(permits, priority=hurried)
    with clock.standing_at(NOON + 2 * MINUTE):
        actions.leave(factories.ticket(passports))
        assert [row.shown for row in read(passports.branch).line] == ["B2", "A1", "B1"]


def test_the_heads_are_the_first_of_the_whole_line_by_where_they_wait(
    desk: Desk, passports: Service, permits: Service
) -> None:
    clerk = factories.clerk(passports.branch)
    chance = Random(7)
    for number, ticket in enumerate(factories.waiting(60, passports)):
        ticket.service = chance.choice([passports, permits])
        ticket.for_desk, ticket.for_clerk = chance.choice([(None, None), (None, None), (desk, None), (None, clerk)])
        ticket.callable_from = chance.choice([None, None, NOON - MINUTE, NOON + MINUTE])
        ticket.due_at = NOON - chance.randrange(100) * MINUTE
        ticket.waiting_since = NOON - chance.randrange(100) * MINUTE
        ticket.leader_id = ticket.pk - 1 if number % 10 == 1 else None
        ticket.save()
    seen = read(passports.branch)
    groups = defaultdict(list)
    for one in (one for one in seen.line if one.leader_id is None):
        later = one.callable_from is not None and one.callable_from > NOON
        groups[one.service_id, one.for_desk_id, one.for_clerk_id, later].append(one)
    expected = {
        (
            *there[:3],
            tuple(one.id for one in those)[:HEADS_KEPT],
            len(those),
            min(one.waiting_since for one in those),
        )
        for there, those in groups.items()
    }
    assert len(expected) > 10
    found = set()
    for head in seen.heads:
        ids = tuple(one.id for one in head.tickets)
        found.add((head.service_id, head.for_desk_id, head.for_clerk_id, ids, head.count, head.waiting_since))
    assert found == expected
    for service in seen.services:
        those = [one for one in seen.line if one.service_id == service.id]
        assert (service.waiting, service.waiting_since) == (len(those), min(one.waiting_since for one in those))


def test_the_last_six_calls_of_today_the_newest_first(desk: Desk, passports: Service) -> None:
    with clock.standing_at(NOON - timedelta(days=1)):
        factories.ticket(passports)
        factories.served(desk)
    factories.waiting(8, passports)
    for _ in range(7):
        factories.served(desk)
    last = factories.called(desk)
    calls = read(passports.branch).calls
    assert [row.shown for row in calls] == ["A8", "A7", "A6", "A5", "A4", "A3"]
    assert (calls[0].desk, calls[0].called_at, calls[0].last_call) == ("3", NOON, last.last_call)


def test_whoever_is_awaited_is_known_however_many_were_called_since(passports: Service) -> None:
    desks = [factories.desk(passports, name=str(number)) for number in range(10, 19)]
    factories.waiting(16, passports)
    awaited = [factories.called(one) for one in desks[:8]]
    for _ in range(7):
        factories.served(desks[8])
    factories.serving(desks[8])
    calls = read(passports.branch).calls
    assert [row.shown for row in calls] == [*(ticket.shown for ticket in reversed(awaited)), "A16"]
    for one, ticket in zip(desks[2:8], awaited[2:], strict=True):
        factories.finished(one, ticket)
    calls = read(passports.branch).calls
    assert [row.shown for row in calls] == ["A2", "A1", "A16", "A15", "A14", "A13"]


def test_a_recall_brings_a_number_back_to_the_top(desk: Desk, passports: Service) -> None:
    factories.waiting(2, passports)
    first = factories.called(desk)
    factories.called(factories.desk(passports, name="4"))
    actions.recall(desk, first.pk, by=None)
    assert [(row.shown, row.calls) for row in read(passports.branch).calls] == [("A1", 2), ("A2", 1)]


def test_each_desk_shows_the_ticket_that_it_has_and_its_last_move(
    desk: Desk, passports: Service, permits: Service
) -> None:
    idle = factories.desk(passports, name="4")
    factories.waiting(2, passports)
    factories.served(desk)
    second = factories.called(desk)
    desks = read(passports.branch).desks
    assert (desks[idle.pk].current, desks[idle.pk].last_move, desks[idle.pk].seen) == (None, None, 0)
    mine = desks[desk.pk]
    assert mine.current is not None
    assert mine.last_move is not None
    assert (mine.name, mine.current.id, mine.current.state) == ("3", second.pk, State.CALLED)
    assert (mine.last_move.ticket, mine.last_move.to, mine.seen) == ("A2", State.CALLED, second.last_call)
    assert mine.services == {passports.pk, permits.pk}


def test_followed_are_todays_tickets_of_this_branch_among_those_asked_for(passports: Service) -> None:
    with clock.standing_at(NOON - timedelta(days=1)):
        old = factories.ticket(passports)
    mine, _other = factories.waiting(2, passports)
    foreign = factories.ticket(factories.service())
    seen = read(passports.branch, {Part.FOLLOWED}, [old.pk, mine.pk, foreign.pk, 10**9])
    assert set(seen.followed) == {mine.pk}


def test_tickets_that_phones_show_alike_share_one_row(passports: Service) -> None:
    first, second, third = factories.waiting(3, passports)
    other = factories.ticket(factories.service(passports.branch, number_prefix="B"))
    actions.tell_needs(second, ["more-time"])
    actions.plan(third, [other.service])
    seen = read(passports.branch, {Part.IN_LINE, Part.FOLLOWED}, [first.pk, second.pk, third.pk, other.pk])
    rows = [seen.followed[ticket.pk] for ticket in (first, second, third, other)]
    assert rows[0] is rows[1], "what only the staff see makes no difference"
    assert len(set(rows)) == 3
    assert (rows[2].plan, rows[3].service_id) == ((other.service_id,), other.service_id)
    assert list(seen.in_line) == [first.pk, second.pk, third.pk, other.pk]
    assert seen.line == ()


def test_the_line_is_read_whole_for_phones_only_where_visitors_are_told_why(passports: Service) -> None:
    ticket = factories.ticket(passports)
    Branch.objects.update(shows_why=True)
    seen = read(Branch.objects.get(pk=passports.branch_id), {Part.IN_LINE})
    assert [one.id for one in seen.line] == [ticket.pk]


def test_a_snapshot_cannot_be_changed(passports: Service) -> None:
    factories.ticket(passports)
    seen = read(passports.branch)
    for part, name in ((seen, "rev"), (seen.line[0], "shown"), (seen.services[0], "waiting")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(part, name, 0)


def test_a_text_that_a_language_lacks_is_shown_in_one_that_has_it() -> None:
    names = Names({"fi": "Passit", "sv": "", "en": "Passports"})
    assert [names.in_(code) for code in ("fi", "sv", "en", "se")] == ["Passit", "Passit", "Passports", "Passit"]
    assert Names({"fi": "", "sv": ""}).in_("fi") == ""


def test_a_text_is_said_once_and_marked_with_the_language_that_it_is_in() -> None:
    def said(names: Names, *languages: str) -> list[tuple[str, str]]:
        return [(one.language, one.words) for one in names.said_in(languages)]

    finnish = Names({"fi": "Hissi on rikki", "sv": "", "en": ""})
    assert said(finnish, "fi", "sv", "en") == said(finnish, "sv") == [("fi", "Hissi on rikki")]
    two = Names({"fi": "Hissi on rikki", "sv": "", "en": "The lift is broken"})
    assert said(two, "en", "sv", "fi") == [("en", "The lift is broken"), ("fi", "Hissi on rikki")]
    assert said(two, "sv") == [("fi", "Hissi on rikki")]
    assert said(Names({"fi": "Wi-Fi", "sv": "Wi-Fi", "en": ""}), "sv", "fi") == [("sv", "Wi-Fi")]
    assert said(Names({"fi": "", "sv": "", "en": ""}), "fi", "sv") == []


# What it costs: as many queries for one who waits as for a hundred

COSTS = [
    ({Part.WAITING}, 1),
    ({Part.SERVICES}, 1),
    ({Part.CALLS}, 1),
    ({Part.LINE}, 1),
    ({Part.IN_LINE}, 1),
    ({Part.HEADS}, 1),
    ({Part.DESKS}, 4),
    ({Part.FOLLOWED}, 1),
    ({Part.SESSIONS}, 1),
    ({Part.RULES}, 1),
    ({Part.EVENTS}, 1),
    (set(), 0),
    (set(Part), 14),
]


@pytest.mark.parametrize("waiting", [1, 3, 100])
def test_a_reading_costs_the_same_however_many_wait(
    waiting: int, desk: Desk, passports: Service, django_assert_num_queries: Counted
) -> None:
    tickets = factories.waiting(waiting + 3, passports)
    for busy in (desk, factories.desk(passports, name="4"), factories.desk(passports, name="5")):
        factories.called(busy)
    branch = Branch.objects.get(pk=passports.branch_id)
    for parts, cost in COSTS:
        with django_assert_num_queries(cost):
            snapshot.read(branch, parts, [ticket.pk for ticket in tickets])


@pytest.mark.parametrize("waiting", [1, 3, 100])
def test_a_press_costs_the_same_however_many_wait(
    waiting: int, desk: Desk, passports: Service, django_assert_num_queries: Counted
) -> None:
    factories.waiting(waiting, passports)
    desk = Desk.objects.select_related("branch").get(pk=desk.pk)
    with django_assert_num_queries(8):
        called = actions.call_next(desk, by=None)
    with django_assert_num_queries(7):
        actions.start_serving(desk, called.pk, by=None)


# The relay's door


@dataclasses.dataclass(frozen=True)
class Following:
    branch_id: int
    needs: frozenset[Part] = frozenset({Part.FOLLOWED})


def test_the_source_reads_what_the_audiences_present_need(passports: Service) -> None:
    first, second, _third = factories.waiting(3, passports)
    audiences = {
        Following(1): frozenset({first.pk, None}),
        Following(2, frozenset({Part.LINE})): frozenset({second.pk}),
    }
    seen = BranchSource().read(branch_topic(passports.branch_id), audiences)
    assert seen is not None
    assert (set(seen.followed), len(seen.line)) == ({first.pk, second.pk}, 3)
    assert (seen.services, seen.desks, seen.calls) == ((), {}, ())


def test_the_source_has_nothing_to_read_of_a_branch_that_is_gone() -> None:
    assert BranchSource().read(branch_topic(10**9), {}) is None


def test_all_revisions_are_read_in_one_query(django_assert_num_queries: Counted) -> None:
    branches = [factories.branch() for _ in range(3)]
    with changing(branches[1].pk):
        pass
    topics = [branch_topic(branch.pk) for branch in branches]
    with django_assert_num_queries(1):
        assert BranchSource().revisions([*topics, branch_topic(10**9)]) == dict(zip(topics, (0, 1, 0), strict=True))


# The place in line


def test_ahead_of_a_visitor_are_those_due_before_for_the_same_service(passports: Service, permits: Service) -> None:
    factories.waiting(2, permits)
    first, second, third = factories.waiting(3, passports)
    assert [queries.ahead_of(ticket) for ticket in (first, second, third)] == [0, 1, 2]
    actions.leave(first)
    assert [queries.ahead_of(ticket) for ticket in (second, third)] == [0, 1]
