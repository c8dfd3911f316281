"""What must hold of a branch's rows whatever has happened to them."""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from queues.models import Branch, NumberSeries, Ticket, TicketEvent
from queues.states import AT_DESK, MOVES, OPEN, State


def assert_sound(branch: Branch) -> None:
    """Every law at once: numbers, desks, and each ticket's story."""
    assert_every_serial_once(branch)
    assert_no_open_number_twice(branch)
    assert_no_desk_with_two(branch)
    stories: dict[int, list[TicketEvent]] = {}
    for event in TicketEvent.objects.filter(ticket__branch=branch).order_by("id"):
        stories.setdefault(event.ticket_id, []).append(event)
    for ticket in Ticket.objects.filter(branch=branch):
        assert_legal_story(ticket, stories.get(ticket.pk, []))


def assert_every_serial_once(branch: Branch) -> None:
    for series in NumberSeries.objects.filter(service__branch=branch):
        serials = sorted(Ticket.objects.filter(series=series).values_list("serial", flat=True))
        assert serials == list(range(1, series.last_serial + 1)), f"{series}: {serials}"


def assert_no_open_number_twice(branch: Branch) -> None:
    assert not doubled(Ticket.objects.filter(branch=branch, state__in=OPEN).values_list("shown", flat=True))


def assert_no_desk_with_two(branch: Branch) -> None:
    assert not doubled(Ticket.objects.filter(branch=branch, state__in=AT_DESK).values_list("desk_id", flat=True))


def assert_legal_story(ticket: Ticket, story: list[TicketEvent]) -> None:
    """The events are a legal path that begins with the drawing, without a gap in states or a step back in time, and
    ends where the ticket is. Somebody who waited was called out of the line once."""
    assert story, f"{ticket} has no event"
    assert (story[0].from_state, story[0].to_state) == ("", State.WAITING)
    for before, after in pairwise(story):
        assert after.from_state == before.to_state
        assert (State(after.from_state), State(after.to_state)) in MOVES
        assert before.at <= after.at
    assert (ticket.state, ticket.state_since) == (story[-1].to_state, story[-1].at)
    assert sum(event.from_state == State.WAITING and event.to_state == State.CALLED for event in story) <= 1
    assert ticket.calls == sum(event.to_state == State.CALLED for event in story)
    calls = [event.pk for event in story if event.to_state == State.CALLED]
    assert ticket.last_call == (calls[-1] if calls else None)


def doubled(values: Iterable[object]) -> list[object]:
    return [value for value, times in Counter(values).items() if times > 1]
