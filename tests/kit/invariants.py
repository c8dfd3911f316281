"""What must hold of a branch's rows whatever has happened to them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from queues.models import Branch, NumberSeries, Ticket, TicketEvent
from queues.states import AT_DESK, MOVES, OPEN, State


def assert_sound(branch: Branch) -> None:
    """Every invariant at once: numbers, desks, parties, and each ticket's story."""
    assert_every_serial_once(branch)
    assert_no_open_number_twice(branch)
    assert_no_desk_with_two(branch)
    assert_parties_keep_together(branch)
    stories: dict[int, list[TicketEvent]] = {}
    for event in TicketEvent.objects.filter(ticket__branch=branch).order_by("id"):
        stories.setdefault(event.ticket_id, []).append(event)
    for ticket in Ticket.objects.filter(branch=branch):
        assert_legal_story(ticket, stories.get(ticket.pk, []))


def assert_every_serial_once(branch: Branch) -> None:
    drawn: dict[int, list[int]] = {}
    for series, serial in Ticket.objects.filter(branch=branch).order_by("serial").values_list("series", "serial"):
        drawn.setdefault(series, []).append(serial)
    for run in NumberSeries.objects.filter(service__branch=branch):
        assert drawn.get(run.pk, []) == list(range(1, run.last_serial + 1)), run


def assert_no_open_number_twice(branch: Branch) -> None:
    assert not doubled(Ticket.objects.filter(branch=branch, state__in=OPEN).values_list("shown", flat=True))


def assert_no_desk_with_two(branch: Branch) -> None:
    """Followers apart, who are where their leader is."""
    leading = Ticket.objects.filter(branch=branch, state__in=AT_DESK, leader__isnull=True)
    assert not doubled(leading.values_list("desk_id", flat=True))


def assert_parties_keep_together(branch: Branch) -> None:
    """A leader follows nobody and knows how many they are; whoever follows is where the leader is."""
    following = Counter[int]()
    for ticket in Ticket.objects.filter(branch=branch, leader__isnull=False).select_related("leader"):
        assert ticket.leader is not None
        following[ticket.leader.pk] += 1
        assert (ticket.leader.leader_id, ticket.party) == (None, 1), ticket
        assert ticket.state == ticket.leader.state, ticket
        assert ticket.state not in AT_DESK or ticket.desk_id == ticket.leader.desk_id, ticket
    for leader, party in Ticket.objects.filter(branch=branch, leader__isnull=True).values_list("pk", "party"):
        assert party == 1 + following[leader]


def assert_legal_story(ticket: Ticket, story: Sequence[TicketEvent]) -> None:
    """What counts of the events is a legal path that begins with the drawing, without a gap in states or a step back in
    time, and the ticket is where it ends."""
    assert story, f"{ticket} has no event"
    assert_undone_as_done(story)
    counted = effective(story)
    assert (counted[0].from_state, counted[0].to_state) == ("", State.WAITING)
    for before, after in pairwise(counted):
        assert after.from_state == before.to_state, f"{ticket}: {after}"
        assert after.action in MOVES[State(after.from_state), State(after.to_state)], f"{ticket}: {after}"
        assert before.at <= after.at
    assert (ticket.state, ticket.state_since) == (counted[-1].to_state, counted[-1].at)
    calls = [event.pk for event in counted if event.to_state == State.CALLED]
    assert ticket.last_call == (calls[-1] if calls else None)
    answered = [event.pk for event in counted if event.from_state == State.SERVING and event.to_state in OPEN]
    assert ticket.calls == len([pk for pk in calls if not answered or pk > answered[-1]])


def assert_undone_as_done(story: Sequence[TicketEvent]) -> None:
    """Whatever takes a move back goes its way back, not before it, and is not itself taken back."""
    by_id = {event.pk: event for event in story}
    for event in story:
        if event.undoes_id is not None:
            undone = by_id[event.undoes_id]
            assert (event.from_state, event.to_state) == (undone.to_state, undone.from_state)
            assert undone.undoes_id is None
            assert undone.at <= event.at


def effective(story: Iterable[TicketEvent]) -> list[TicketEvent]:
    """The events that count: neither taken back nor taking back."""
    events = list(story)
    undone = {event.undoes_id for event in events}
    return [event for event in events if event.undoes_id is None and event.pk not in undone]


def doubled(values: Iterable[object]) -> list[object]:
    return [value for value, times in Counter(values).items() if times > 1]
