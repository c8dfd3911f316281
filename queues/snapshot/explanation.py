"""Why a ticket stands where it stands in the line, in one sentence: for the desk that calls it, and for its visitor."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from queues.clock import whole_minutes
from queues.models.branch import WHOLE_DAY
from queues.snapshot import DeskRow, TicketRow
from queues.states import State


class Kind(Enum):
    """What decided, the most particular first."""

    SENT_TO_CLERK = auto()
    RETURNS = auto()
    SENT_TO_DESK = auto()
    HOLD_OVER = auto()
    HEAD_START = auto()
    MAIN_SERVICE = auto()
    SENT_ON = auto()
    CAME_BACK = auto()
    LONGEST = auto()


@dataclass(frozen=True, slots=True)
class Reason:
    """`minutes` is the head start where one decided, else 0. The place counts from `since`; where a hold is over, that
    is when it ended. `waited` is the time in line so far, in minutes."""

    kind: Kind
    minutes: int
    since: datetime
    waited: int

    def text(self) -> str:
        """What a desk's page says after the number, in the active language and time zone."""
        wait = _("%(minutes)s min") % {"minutes": self.waited} if self.waited else _("less than a minute")
        return _desk_sentence(self.kind) % {"wait": wait, "minutes": self.minutes, "time": _time(self.since)}

    def for_visitor(self) -> str:
        """What the visitor's page says, in the active language and time zone."""
        return _visitor_sentence(self) % {"minutes": self.minutes, "time": _time(self.since)}


def reason(ticket: TicketRow, desk: DeskRow | None, *, now: datetime) -> Reason:
    """Why this ticket, which waits, is where it is in the line of this desk; in that of its service without one."""
    kind, minutes, since = _decided(ticket, desk)
    return Reason(kind, minutes, since, waited=whole_minutes(ticket.waiting_since, now))


def others_may_come_before(minutes: int) -> str:
    """What a visitor without a head start is told where others have one of at most `minutes`; "" for none."""
    if not minutes:
        return ""
    if minutes >= WHOLE_DAY:
        return _("Visitors with priority come before you.")
    return _("Visitors with a head start may come before you if they came at most %(minutes)s min after you.") % {
        "minutes": minutes
    }


def _decided(ticket: TicketRow, desk: DeskRow | None) -> tuple[Kind, int, datetime]:
    since = ticket.due_at + timedelta(minutes=ticket.head_start)
    hold_over = ticket.callable_from if ticket.state is State.HELD else None
    is_main = desk is not None and desk.main_service == ticket.service_id and desk.main_head_start > 0
    kinds = {
        Kind.SENT_TO_CLERK: ticket.for_clerk_id is not None,
        Kind.RETURNS: ticket.for_desk_id is not None and ticket.was_served_there,
        Kind.SENT_TO_DESK: ticket.for_desk_id is not None,
        Kind.HOLD_OVER: hold_over is not None,
        Kind.HEAD_START: ticket.head_start > 0,
        Kind.MAIN_SERVICE: is_main,
        Kind.SENT_ON: ticket.sent_on > 0,
        Kind.CAME_BACK: ticket.called_at is not None,
        Kind.LONGEST: True,
    }
    kind = next(kind for kind, applies in kinds.items() if applies)
    if kind is Kind.HOLD_OVER and hold_over is not None:
        return kind, 0, hold_over
    if kind is Kind.MAIN_SERVICE and desk is not None:
        return kind, desk.main_head_start, since
    return kind, ticket.head_start if kind is Kind.HEAD_START else 0, since


def _desk_sentence(kind: Kind) -> str:
    return {
        Kind.SENT_TO_CLERK: _("was sent to you, and has waited %(wait)s"),
        Kind.RETURNS: _("comes back to this desk, and has waited %(wait)s"),
        Kind.SENT_TO_DESK: _("was sent to this desk, and has waited %(wait)s"),
        Kind.HOLD_OVER: _("was on hold until %(time)s, and has waited %(wait)s"),
        Kind.HEAD_START: _("has a head start of %(minutes)s min, and has waited %(wait)s"),
        Kind.MAIN_SERVICE: _(
            "comes for this desk's main work, %(minutes)s min ahead of the rest, and has waited %(wait)s"
        ),
        Kind.SENT_ON: _("was sent on from another desk, and has waited %(wait)s in all"),
        Kind.CAME_BACK: _("was called before and is back in the queue, and has waited %(wait)s"),
        Kind.LONGEST: _("has waited longest for this desk, %(wait)s"),
    }[kind]


def _visitor_sentence(why: Reason) -> str:
    match why.kind:
        case Kind.SENT_TO_CLERK | Kind.RETURNS | Kind.SENT_TO_DESK:
            return _("You are expected at one desk. Your place counts from %(time)s.")
        case Kind.HOLD_OVER:
            return _("Your place was kept until %(time)s, and you are in the queue again.")
        case Kind.HEAD_START if why.minutes >= WHOLE_DAY:
            return _("Your place counts from %(time)s, with priority.")
        case Kind.HEAD_START:
            return _("Your place counts from %(time)s, with a head start of %(minutes)s min.")
        case Kind.LONGEST | Kind.MAIN_SERVICE:
            return _("Your place counts from %(time)s, when you took your number.")
        case Kind.SENT_ON | Kind.CAME_BACK:
            return _("Your place counts from %(time)s.")


def _time(instant: datetime) -> str:
    return date_format(localtime(instant), "TIME_FORMAT")
