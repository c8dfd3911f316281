"""What a visitor's phone shows."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from live.source import Member, body
from queues.snapshot import BranchSnapshot, Part, TicketRow
from queues.states import State
from queues.topics import branch_topic

MARKS = 5
"""Marks in the row of those ahead; the row of who is further back begins with dots."""


@dataclass(frozen=True, slots=True)
class Following:
    """What all visitors in the same situation are shown alike: the state, the desk, how many are ahead of them, which
    counts no further than MARKS + 1."""

    state: State
    desk: str
    near: int

    @property
    def marks(self) -> range:
        return range(min(self.near, MARKS))

    @property
    def far(self) -> bool:
        return self.near > MARKS


@dataclass(frozen=True, slots=True)
class Own:
    """What is this visitor's alone. `place` is 1 for the next one and None out of line; `ahead` is one less. `call`
    grows with every call and recall of this ticket, and is 0 unless it is being called."""

    place: int | None
    call: int

    @property
    def ahead(self) -> int:
        return self.place - 1 if self.place else 0

    def as_data(self) -> dict[str, Any]:
        return {"place": self.place or "", "ahead": self.ahead, "call": self.call}


def places(branch: BranchSnapshot) -> dict[int, int]:
    """Each waiting ticket's place in the line of its service, beginning with 1."""
    counts: dict[int, int] = {}
    result = {}
    for ticket in branch.line:
        counts[ticket.service_id] = result[ticket.id] = counts.get(ticket.service_id, 0) + 1
    return result


def situation(ticket: TicketRow, place: int | None) -> tuple[Following, Own]:
    """What this visitor shares with others, and what is theirs."""
    called = ticket.state is State.CALLED
    shared = Following(
        state=ticket.state,
        desk=ticket.desk if ticket.state in (State.CALLED, State.SERVING) else "",
        near=min((place or 1) - 1, MARKS + 1),
    )
    return shared, Own(place=place, call=(ticket.last_call or 0) if called else 0)


OVER = Following(state=State.EXPIRED, desk="", near=0)
"""For a ticket of a day that has ended while its page was open."""


@dataclass(frozen=True, slots=True)
class VisitorAudience:
    """The phones of a branch's visitors in one language; a member is a ticket's id."""

    branch_id: int
    language: str

    needs = frozenset({Part.LINE, Part.FOLLOWED})

    @property
    def topic(self) -> str:
        return branch_topic(self.branch_id)

    def render(self, snapshot: BranchSnapshot, members: Collection[Member]) -> dict[Member, str]:
        """One rendering for each situation, however many visitors are in it; the own place travels beside it."""
        place_of = places(snapshot)
        rendered: dict[Following, str] = {}
        bodies: dict[Member, str] = {}
        with translation.override(self.language):
            for member in members:
                ticket = snapshot.followed.get(member) if isinstance(member, int) else None
                shared, own = situation(ticket, place_of.get(ticket.id)) if ticket else (OVER, Own(None, 0))
                if shared not in rendered:
                    rendered[shared] = render_to_string("visitor/ticket.html#following", {"following": shared})
                bodies[member] = body(html=rendered[shared], own=own.as_data())
        return bodies
