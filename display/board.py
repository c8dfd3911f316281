"""What a lobby screen shows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, ClassVar

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from live.source import Member, body
from queues.snapshot import BranchSnapshot, Part, Said, TicketRow
from queues.states import AT_DESK, State
from queues.topics import branch_topic

ROOM = 6
"""Calls for which the board has room in its usual shape: the newest large, the others beside it."""
LONG_NOTICE = 90
"""Characters."""


@dataclass(frozen=True, slots=True)
class Call:
    """`id` grows with every call and recall; `others` is how many go along with this number; `now` while the visitor is
    still awaited. The `newest` is first, and `large` in the usual shape."""

    id: int
    number: str
    others: int
    desk: str
    at: datetime
    now: bool
    large: bool
    newest: bool

    @property
    def looks(self) -> str:
        """The classes that tell it from others."""
        marks = (" call-newest", self.newest), (" call-large", self.large), (" call-now", self.now)
        return "".join(name for name, is_so in marks if is_so)

    @classmethod
    def of(cls, ticket: TicketRow, *, large: bool, newest: bool) -> "Call":
        return cls(
            id=ticket.last_call or 0,
            number=ticket.shown,
            others=ticket.party - 1,
            desk=ticket.desk,
            at=ticket.called_at or ticket.state_since,
            now=ticket.state is State.CALLED,
            large=large,
            newest=newest,
        )


@dataclass(frozen=True, slots=True)
class Words:
    """The board's words in one of the branch's languages, all of which it shows side by side."""

    language: str
    hours: str
    desk: str
    waiting: str
    updated: str
    stale: str
    silent: str
    withdrawn: str
    closed: str
    paused: str
    follow: str
    kept: str

    @classmethod
    def of(cls, branch: BranchSnapshot, language: str) -> "Words":
        return cls(language, branch.opening_hours.in_(language), **_fixed_words(language))


@cache
def _fixed_words(language: str) -> Mapping[str, str]:
    with translation.override(language):
        return {
            "desk": _("Desk"),
            "waiting": _("In the queue"),
            "updated": _("As of"),
            "stale": _("No connection. The numbers may be out of date."),
            "silent": _("Sound is off. Touch to turn it on."),
            "withdrawn": _("call withdrawn"),
            "closed": _("No more numbers today."),
            "paused": _("Everything is paused."),
            "follow": _("Please follow the staff's instructions."),
            "kept": _("Your place is kept."),
        }


@dataclass(frozen=True, slots=True)
class Board:
    """What a lobby screen may show: numbers and desks, nothing about anybody."""

    title: str
    words: tuple[Words, ...]
    notice: tuple[Said, ...]
    calls: tuple[Call, ...]  # every one who is awaited, then those just met as room allows; each the newest first
    withdrawn: tuple[str, ...]  # numbers whose call was just taken back
    waiting: int
    idle: bool  # nobody waits and nobody is being called or served
    paused: bool
    closed: bool  # no more numbers today

    @classmethod
    def of(cls, branch: BranchSnapshot) -> "Board":
        idle = not branch.waiting and not any(call.state in AT_DESK for call in branch.calls)
        return cls(
            title=branch.name.in_(branch.languages[0]),
            words=tuple(Words.of(branch, language) for language in branch.languages),
            notice=branch.notice.said_in(branch.languages),
            calls=_calls(branch.calls, idle=idle),
            withdrawn=tuple(ticket.shown for ticket in branch.withdrawn),
            waiting=branch.waiting,
            idle=idle,
            paused=branch.paused_since is not None,
            closed=branch.is_closed,
        )

    @property
    def is_crowded(self) -> bool:
        """More are awaited than the usual shape has room for: all are shown alike."""
        return len(self.calls) > ROOM

    @property
    def notice_size(self) -> str:
        """How large it can be written."""
        longest = max((len(said.words) for said in self.notice), default=0)
        return "long" if longest > LONG_NOTICE else "short"

    def announced(self) -> list[dict[str, Any]]:
        """What the chime and the voice follow: the calls, each with its `id`, which grows with every call and recall,
        and its instant in ms since the epoch."""
        return [
            {"id": call.id, "number": call.number, "desk": call.desk, "at": round(call.at.timestamp() * 1000)}
            for call in self.calls
        ]


def _calls(tickets: tuple[TicketRow, ...], *, idle: bool) -> tuple[Call, ...]:
    awaited = sum(ticket.state is State.CALLED for ticket in tickets)
    with_room = tickets[: max(awaited, ROOM)]
    is_crowded = len(with_room) > ROOM
    return tuple(
        Call.of(ticket, newest=place == 0 and not idle, large=place == 0 and not idle and not is_crowded)
        for place, ticket in enumerate(with_room)
    )


@dataclass(frozen=True, slots=True)
class BoardAudience:
    """Every lobby screen of a branch."""

    branch_id: int

    needs: ClassVar[frozenset[Part]] = frozenset({Part.WAITING, Part.CALLS})

    @property
    def topic(self) -> str:
        return branch_topic(self.branch_id)

    def render(self, snapshot: BranchSnapshot, members: Collection[Member]) -> dict[Member, bytes]:
        board = Board.of(snapshot)
        with translation.override(snapshot.languages[0]):
            html = render_to_string("display/display.html#board", {"board": board})
        return dict.fromkeys(members, body(html=html, calls=board.announced()))
