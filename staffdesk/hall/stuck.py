"""What is stuck in a branch, and why, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from queues.clock import whole_minutes
from queues.snapshot import BranchSnapshot, DeskRow, ServiceRow, TicketRow
from queues.states import State

UNUSUALLY_LONG = timedelta(minutes=45)
"""For a service with too few visits to know its 99th percentile."""
CALLED_LONG = timedelta(minutes=10)
HELD_LONG = timedelta(minutes=30)
HOLD_FORGOTTEN = timedelta(minutes=1)
SHOWN = 12


@dataclass(frozen=True, slots=True)
class Stuck:
    """One ticket, its state and since when, or a whole line where `number` is empty."""

    why: str
    number: str = ""
    ticket: int = 0
    state: str = ""
    since: datetime | None = None


def stuck(branch: BranchSnapshot, language: str) -> tuple[Stuck, ...]:
    """Everything that won't go on by itself, lines first."""
    services = {service.id: service for service in branch.services}
    return (
        *_unserved(branch, language),
        *_at_desks(branch, services, language),
        *_on_hold(branch),
        *_for_nobody(branch),
    )


def _unserved(branch: BranchSnapshot, language: str) -> Iterator[Stuck]:
    staffed = {service for desk in branch.desks.values() if desk.clerk_id for service in desk.services}
    for service in branch.services:
        if service.waiting and service.id not in staffed:
            words = {"service": service.name.in_(language), "waiting": service.waiting}
            yield Stuck(_("%(service)s: %(waiting)s in the queue, and nobody sits at a desk that serves it.") % words)


def _at_desks(branch: BranchSnapshot, services: dict[int, ServiceRow], language: str) -> Iterator[Stuck]:
    for desk in branch.desks.values():
        ticket = desk.current
        if ticket is not None:
            why = _why_at_desk(desk, ticket, services[ticket.service_id], branch.at, language)
            if why:
                yield Stuck(why, ticket.shown, ticket.id, ticket.state, ticket.state_since)


def _why_at_desk(desk: DeskRow, ticket: TicketRow, service: ServiceRow, now: datetime, language: str) -> str:
    lasted = now - ticket.state_since
    words = {
        "desk": desk.name,
        "minutes": whole_minutes(ticket.state_since, now),
        "service": service.name.in_(language),
        "usual": (service.p99_seconds or 0) // 60,
    }
    if ticket.state is State.CALLED and lasted > CALLED_LONG:
        return _("called to desk %(desk)s %(minutes)s min ago, and not begun.") % words
    if ticket.state is State.SERVING and service.p99_seconds is None and lasted > UNUSUALLY_LONG:
        return _("at desk %(desk)s for %(minutes)s min, which is unusually long.") % words
    if ticket.state is State.SERVING and service.p99_seconds and lasted.total_seconds() > service.p99_seconds:
        return _("at desk %(desk)s for %(minutes)s min; for %(service)s, 99 in 100 take at most %(usual)s min.") % words
    if desk.clerk_id is None:
        return _("is at desk %(desk)s, where nobody sits.") % words
    return ""


def _on_hold(branch: BranchSnapshot) -> Iterator[Stuck]:
    for ticket in branch.held:
        if ticket.leader_id is None and ticket.callable_from is None and branch.at - ticket.state_since > HELD_LONG:
            words = {"minutes": whole_minutes(ticket.state_since, branch.at), "desk": ticket.desk}
            why = _("on hold for %(minutes)s min at desk %(desk)s, without an end.") % words
            yield Stuck(why, ticket.shown, ticket.id, ticket.state, ticket.state_since)
    for ticket in branch.line:
        until = ticket.callable_from
        over = until is not None and branch.at - until > HOLD_FORGOTTEN
        if ticket.leader_id is None and ticket.state is State.HELD and until is not None and over:
            why = _("on hold until %(time)s, which is past.") % {"time": date_format(localtime(until), "TIME_FORMAT")}
            yield Stuck(why, ticket.shown, ticket.id, ticket.state, ticket.state_since)


def _for_nobody(branch: BranchSnapshot) -> Iterator[Stuck]:
    present = {desk.clerk_id for desk in branch.desks.values()}
    for ticket in branch.line:
        if ticket.leader_id is not None or ticket.state is not State.WAITING:
            continue
        desk = branch.desks.get(ticket.for_desk_id or 0)
        if desk is not None and desk.clerk_id is None:
            why = _("waits for desk %(desk)s, where nobody sits.") % {"desk": desk.name}
            yield Stuck(why, ticket.shown, ticket.id, ticket.state, ticket.state_since)
        elif ticket.for_clerk_id is not None and ticket.for_clerk_id not in present:
            yield Stuck(
                _("waits for a colleague who sits at no desk."),
                ticket.shown,
                ticket.id,
                ticket.state,
                ticket.state_since,
            )
