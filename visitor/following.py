"""What a visitor's phone shows: what all in the same situation are shown alike, and beside it what is one's own."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from live.source import Member, body, with_numbers, with_own
from queues.snapshot import CORRECTED_FOR, BranchSnapshot, FollowedRow, Part, Said, TicketRow
from queues.snapshot.explanation import others_may_come_before, reason
from queues.states import OPEN, State
from queues.topics import branch_topic
from visitor.place import place_of, places

MARKS = 5
"""Marks in the row of those ahead; for a visitor who is further back it begins with dots."""


@dataclass(frozen=True, slots=True)
class Following:
    """What all visitors in the same situation are shown alike. `near`: how many are ahead of them, counting no further
    than MARKS + 1. `missed`: a call was missed, and there is none again for a while. `unattended`: nobody serves what
    they wait for just now."""

    state: State
    desk: str = ""
    near: int = 0
    missed: bool = False
    withdrawn: bool = False
    unattended: bool = False
    may_come_back: bool = False
    may_thank: bool = False
    paused: bool = False
    notice: tuple[Said, ...] = ()

    @property
    def marks(self) -> range:
        return range(min(self.near, MARKS))

    @property
    def far(self) -> bool:
        return self.near > MARKS

    @classmethod
    def of(cls, branch: BranchSnapshot, ticket: FollowedRow, near: int | None, language: str) -> "Following":
        """`near` is None out of line."""
        state = shown_state(ticket, near)
        missed = is_missed(branch, ticket)
        withdrawn = ticket.call_withdrawn_at is not None and branch.at - ticket.call_withdrawn_at <= CORRECTED_FOR
        return cls(
            state=state,
            desk=ticket.desk if state in (State.CALLED, State.SERVING) else "",
            near=near if near and not missed else 0,
            missed=missed,
            withdrawn=withdrawn and state in (State.WAITING, State.HELD),
            unattended=state is State.WAITING and not missed and not _is_attended(branch, ticket),
            may_come_back=(missed or state is State.NO_SHOW) and not ticket.came_back,
            may_thank=ticket.may_thank,
            paused=branch.paused_since is not None and state in (*OPEN, State.NO_SHOW),
            notice=branch.notice.said_in([language]),
        )


@dataclass(frozen=True, slots=True)
class Own:
    """What is this visitor's alone, but for the place in line. `call` grows with every call and recall of this ticket,
    and is 0 unless it is being called. The rest are sentences in the active language, "" where there is nothing to
    say."""

    call: int = 0
    service: str = ""
    quoted_wait: str = ""
    together: str = ""
    held: str = ""
    plan: str = ""
    explanation: str = ""

    def as_data(self) -> dict[str, Any]:
        return {
            "call": self.call,
            "service": self.service,
            "told": self.quoted_wait,
            "together": self.together,
            "held": self.held,
            "plan": self.plan,
            "why": self.explanation,
        }

    @classmethod
    def of(
        cls, branch: BranchSnapshot, ticket: FollowedRow, near: int | None, explanation: str, language: str
    ) -> "Own":
        state = shown_state(ticket, near)
        waits = state is State.WAITING
        return cls(
            call=(ticket.last_call or 0) if state is State.CALLED else 0,
            service=_service(branch, ticket, language) if state in OPEN else "",
            quoted_wait=_("We expected about %(minutes)s min when you took your number.") % {"minutes": ticket.told}
            if waits and ticket.told
            else "",
            together=_together(ticket) if state in OPEN else "",
            held=_held(ticket) if state is State.HELD else "",
            plan=_plan(branch, ticket, language) if state in OPEN else "",
            explanation=explanation if waits else "",
        )


def shown_state(ticket: FollowedRow, near: int | None) -> State:
    """A visitor whose hold is over is in line again, even before the clockwork has said so."""
    return State.WAITING if ticket.state is State.HELD and near is not None else ticket.state


def is_missed(branch: BranchSnapshot, ticket: FollowedRow) -> bool:
    """Whether the visitor missed a call and is in the cool-down after it."""
    later = ticket.callable_from is not None and ticket.callable_from > branch.at
    return ticket.state is State.WAITING and later


def _is_attended(branch: BranchSnapshot, ticket: FollowedRow) -> bool:
    """Whether somebody is at a desk at which this visitor may be called. Whoever follows is called with their leader,
    who may wait for somebody else: of them nothing is said."""
    if ticket.leader_id is not None:
        return True
    if ticket.for_desk_id is not None:
        return any(desk == ticket.for_desk_id for desk, _clerk in branch.sessions)
    if ticket.for_clerk_id is not None:
        return any(clerk == ticket.for_clerk_id for _desk, clerk in branch.sessions)
    return any(service.id == ticket.service_id and service.desks for service in branch.services)


def _name(branch: BranchSnapshot, service_id: int, language: str) -> str:
    return next((one.name.in_(language) for one in branch.services if one.id == service_id), "")


def _service(branch: BranchSnapshot, ticket: FollowedRow, language: str) -> str:
    """A visitor who has been at a desk is told that this is the next step."""
    name = _name(branch, ticket.service_id, language)
    goes_on = ticket.state is State.WAITING and ticket.called_at and not is_missed(branch, ticket)
    return _("Next: %(service)s") % {"service": name} if goes_on else name


def _together(ticket: FollowedRow) -> str:
    """The party in which this visitor is called and served: the leader's number, or the followers'."""
    numbers = (ticket.leader,) if ticket.leader else ticket.along
    if not numbers:
        return ""
    said = ngettext("You go together with %(numbers)s.", "You go together with %(numbers)s.", len(numbers))
    return said % {"numbers": ", ".join(numbers)}


def _held(ticket: FollowedRow) -> str:
    if ticket.callable_from is None:
        return _("We call you again.")
    time = date_format(localtime(ticket.callable_from), "TIME_FORMAT")
    return _("Until %(time)s; then you are in the queue again.") % {"time": time}


def _plan(branch: BranchSnapshot, ticket: FollowedRow, language: str) -> str:
    if ticket.return_desk_id is not None:
        return _("After this you come back to the desk that sent you, with the same number.")
    names = [_name(branch, service_id, language) for service_id in ticket.plan]
    said = ", ".join(name for name in names if name)
    return _("After this, with the same number: %(services)s") % {"services": said} if said else ""


def explanations(branch: BranchSnapshot, members: Collection[Member]) -> dict[Member, str]:
    """Why those of these who wait stand where they do, where the branch tells its visitors; whoever follows is not
    told."""
    if not branch.shows_why:
        return {}
    lead = (ticket for ticket in branch.line if ticket.leader_id is None and ticket.id in members)
    return {ticket.id: _explanation(branch, ticket) for ticket in lead}


def _explanation(branch: BranchSnapshot, ticket: TicketRow) -> str:
    why = reason(ticket, None, now=branch.at)
    return f"{why.for_visitor()} {'' if why.minutes else others_may_come_before(branch.ahead_at_most)}".rstrip()


OVER = Following(state=State.EXPIRED)
"""For a ticket of a day that has ended while its page was open."""
OUT_OF_LINE = {"place": "", "ahead": 0}


def near_of(place: int | None) -> int | None:
    """How many are ahead, as far as `Following` counts them; None out of line."""
    return min(place - 1, MARKS + 1) if place else None


def situation(
    branch: BranchSnapshot, ticket: FollowedRow, near: int | None, explanation: str, language: str
) -> tuple[Following, Own]:
    """What this visitor shares with others, and what is theirs, in the language, which is the active one, and in the
    active time zone."""
    return Following.of(branch, ticket, near, language), Own.of(branch, ticket, near, explanation, language)


@dataclass(frozen=True, slots=True)
class VisitorAudience:
    """The phones of a branch's visitors in one language; a member is a ticket's id."""

    branch_id: int
    language: str

    needs: ClassVar[frozenset[Part]] = frozenset({Part.IN_LINE, Part.FOLLOWED, Part.SERVICES, Part.SESSIONS})

    @property
    def topic(self) -> str:
        return branch_topic(self.branch_id)

    def render(self, snapshot: BranchSnapshot, members: Collection[Member]) -> dict[Member, bytes]:
        """All but the place in line is made once for those who are shown it alike."""

        @cache
        def shown(shared: Following) -> bytes:
            return body(html=render_to_string("visitor/ticket.html#following", {"following": shared}))

        @cache
        def without_place(ticket: FollowedRow, near: int | None, explanation: str) -> bytes:
            shared, own = situation(snapshot, ticket, near, explanation, self.language)
            return with_own(shown(shared), own.as_data() | (OUT_OF_LINE if near is None else {}))

        known = places(snapshot)
        bodies: dict[Member, bytes] = {}
        with translation.override(self.language), timezone.override(ZoneInfo(snapshot.time_zone)):
            whys = explanations(snapshot, members)
            for member in members:
                if not isinstance(member, int) or (ticket := snapshot.followed.get(member)) is None:
                    bodies[member] = with_own(shown(OVER), Own().as_data() | OUT_OF_LINE)
                    continue
                place = place_of(member, ticket, known)
                shared = without_place(ticket, near_of(place), whys.get(member, ""))
                bodies[member] = with_numbers(shared, place=place, ahead=place - 1) if place else shared
        return bodies
