"""What a desk's page shows: the visitor who is there, those who wait, and the next one with the reason."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from live.source import Member, body
from queues.actions import UNDO_WITHIN
from queues.clock import whole_minutes
from queues.snapshot import BranchSnapshot, DeskRow, LastMove, Part, Said, ServiceRow, TicketRow
from queues.snapshot.explanation import reason
from queues.states import UNDOABLE, State
from queues.topics import branch_topic
from staffdesk.desk.lines import (
    Held,
    Line,
    Transferred,
    heads_for,
    in_order,
    is_callable,
    is_late,
    is_transferred_to,
    lines,
    longest,
    visitor_needs,
)

FREE = "FREE"
"""A desk's state while no visitor is there."""
PAUSED = "PAUSED"
"""Its state during a pause."""

ACTIONS: dict[str, tuple[str, ...]] = {
    FREE: ("call-next",),
    PAUSED: ("resume",),
    State.CALLED: ("start", "recall", "absent"),
    State.SERVING: ("finish",),
}
"""What a desk may do in each state; the first is the likely one, on the space bar."""


@dataclass(frozen=True, slots=True)
class Current:
    """The visitor at the desk, and what is good to know before the first word. `waited` and `quoted_wait` are minutes;
    the latter is None where none was quoted, and `late` says that more than that was waited."""

    number: str
    party: tuple[str, ...]
    service: str
    state: State
    since: datetime
    waited: int
    quoted_wait: int | None
    late: bool
    transfers: int
    calls: int
    name: str
    needs: tuple[str, ...]
    notes: tuple[str, ...]
    plan: tuple[str, ...]
    returns_to: str

    @classmethod
    def of(cls, branch: BranchSnapshot, desk: DeskRow, services: dict[int, ServiceRow], language: str) -> "Current":
        leader, *others = desk.has
        waited = whole_minutes(leader.waiting_since, leader.called_at or leader.state_since)
        returns_to = branch.desks.get(leader.return_desk_id or 0)
        return cls(
            number=leader.shown,
            party=tuple(one.shown for one in others),
            service=services[leader.service_id].name.in_(language),
            state=leader.state,
            since=leader.state_since,
            waited=waited,
            quoted_wait=leader.told,
            late=is_late(leader, waited, services.get(leader.service_id)),
            transfers=leader.sent_on,
            calls=leader.calls,
            name=leader.visitor_name,
            needs=visitor_needs(leader, language),
            notes=desk.notes,
            plan=tuple(services[service].name.in_(language) for service in leader.plan if service in services),
            returns_to=returns_to.name if returns_to else "",
        )


@dataclass(frozen=True, slots=True)
class Next:
    """The visitor who is due next here, and why, in one line; in privacy mode the reason is left out."""

    number: str
    service: str
    why: str


@dataclass(frozen=True, slots=True)
class Undo:
    """The move that can be taken back, until when."""

    event: int
    words: str
    until: datetime

    @property
    def until_ms(self) -> str:
        """For the page's clock, which counts in ms since the epoch."""
        return str(round(self.until.timestamp() * 1000))

    @classmethod
    def of(cls, desk: DeskRow, now: datetime) -> "Undo | None":
        move = desk.last_move
        if (
            desk.paused_since
            or move is None
            or move.undone
            or move.by is None
            or move.by != desk.clerk_id
            or move.to not in UNDOABLE
        ):
            return None
        until = move.at + UNDO_WITHIN
        return cls(move.event, _done(move), until) if now < until <= now + UNDO_WITHIN else None


def _done(move: LastMove) -> str:
    words = {
        State.CALLED: _("%(number)s called"),
        State.SERVING: _("%(number)s started"),
        State.DONE: _("%(number)s finished"),
        State.NO_SHOW: _("%(number)s absent"),
        State.HELD: _("%(number)s on hold"),
        State.WAITING: _("%(number)s back in the queue"),
    }
    return words[move.to] % {"number": move.ticket}


@dataclass(frozen=True, slots=True)
class Colleague:
    """A colleague's desk that asks for help; `helper` is on the way there, "" while nobody is."""

    desk_id: int
    desk: str
    clerk: str
    helper: str


@dataclass(frozen=True, slots=True)
class DeskView:
    """`ticket` is the one that the desk has or had last, `seen` the id of the desk's last event: the next press sends
    both back. `unrecorded` is the visit that something may still be said about."""

    desk_id: int
    desk: str
    state: str
    clerk_id: int
    current: Current | None
    ticket: int
    seen: int
    calls: int
    lines: tuple[Line, ...]
    transferred: tuple[Transferred, ...]
    held: tuple[Held, ...]
    waiting: int
    longest: int
    next: Next | None
    undo: Undo | None
    auto_call: bool
    paused_since: datetime | None
    pause_reason: str
    pause_until: datetime | None
    help_asked: bool
    helper: str
    asking_for_help: tuple[Colleague, ...]
    kiosk_asks: bool
    unrecorded: int
    unrecorded_number: str
    record_service: int
    all_paused: bool
    is_closed: bool
    notice: tuple[Said, ...]
    privacy_mode: bool
    at: datetime

    @property
    def allowed(self) -> tuple[str, ...]:
        return ACTIONS[self.state]

    @property
    def spoken_of(self) -> int:
        """The visit that the clerk may say something about: the one that has just ended, or the one that goes on."""
        return self.unrecorded or (self.ticket if self.state == State.SERVING else 0)

    @property
    def spoken_of_number(self) -> str:
        return self.unrecorded_number or (self.current.number if self.current else "")

    @classmethod
    def of(cls, branch: BranchSnapshot, desk: DeskRow, language: str) -> "DeskView":
        services = {service.id: service for service in branch.services}
        mine = heads_for(branch, desk)
        current = desk.current
        due = next((ticket for ticket in in_order(desk, mine) if is_callable(ticket, branch.at)), None)
        return cls(
            desk_id=desk.id,
            desk=desk.name,
            state=current.state if current else PAUSED if desk.paused_since else FREE,
            clerk_id=desk.clerk_id or 0,
            current=Current.of(branch, desk, services, language) if current else None,
            ticket=current.id if current else desk.last_move.ticket_id if desk.last_move else 0,
            seen=desk.seen,
            calls=current.calls if current else 0,
            lines=lines(branch, desk, mine, language),
            transferred=tuple(
                Transferred.of(one, services[one.service_id].name.in_(language), branch.at)
                for one in in_order(desk, (head for head in mine if is_transferred_to(desk, head)))
            ),
            held=tuple(Held.of(ticket, desk) for ticket in branch.held if ticket.leader_id is None),
            waiting=sum(head.count for head in mine),
            longest=longest(mine, branch.at),
            next=_next(due, branch, desk, services, language) if due else None,
            undo=Undo.of(desk, branch.at),
            auto_call=desk.calls_by_itself,
            paused_since=desk.paused_since,
            pause_reason=desk.pause_reason,
            pause_until=desk.pause_until,
            help_asked=desk.help_since is not None,
            helper=desk.helper,
            asking_for_help=tuple(
                Colleague(other.id, other.name, other.clerk, other.helper)
                for other in branch.desks.values()
                if other.help_since and other.id != desk.id
            ),
            kiosk_asks=branch.kiosk_help_since is not None,
            unrecorded=desk.unrecorded.ticket_id if desk.unrecorded else 0,
            unrecorded_number=desk.unrecorded.ticket if desk.unrecorded else "",
            record_service=desk.unrecorded.service_id if desk.unrecorded else current.service_id if current else 0,
            all_paused=branch.paused_since is not None,
            is_closed=branch.is_closed,
            notice=branch.notice.said_in([language]),
            privacy_mode=branch.hides_until_called,
            at=branch.at,
        )


def _next(
    ticket: TicketRow, branch: BranchSnapshot, desk: DeskRow, services: dict[int, ServiceRow], language: str
) -> Next:
    return Next(
        number=ticket.shown,
        service=services[ticket.service_id].name.in_(language),
        why="" if branch.hides_until_called else reason(ticket, desk, now=branch.at).text(),
    )


@dataclass(frozen=True, slots=True)
class DeskAudience:
    """The windows of one desk in one language."""

    branch_id: int
    desk_id: int
    language: str

    needs = frozenset({Part.SERVICES, Part.DESKS, Part.HEADS})

    @property
    def topic(self) -> str:
        return branch_topic(self.branch_id)

    def render(self, snapshot: BranchSnapshot, members: Collection[Member]) -> dict[Member, bytes]:
        desk = snapshot.desks.get(self.desk_id)
        if desk is None:
            return {}
        with translation.override(self.language), timezone.override(ZoneInfo(snapshot.time_zone)):
            view = DeskView.of(snapshot, desk, self.language)
            html = render_to_string("staffdesk/desk/desk.html#panel", {"view": view})
        return dict.fromkeys(members, body(html=html))
