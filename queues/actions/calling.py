"""What a desk does with the line.

A desk's press names the ticket that its page showed, and a call the last move that its page knew (`saw`), so that a
second press of the same button is recognised and does nothing, and a press on an outdated page is told so.
"""

from datetime import timedelta
from typing import Any

from accounts.models import User
from queues import clock, queries
from queues.actions.visit_records import is_said_enough
from queues.changes import rows
from queues.changes.desk_press import pressing
from queues.changes.party import step_out
from queues.changes.tickets import has_gone_on, is_of_another_day, move_own, open_ticket, own_ticket
from queues.changes.transition import move, refusal_for
from queues.models import AfterVisit, Desk, Membership, Ticket
from queues.queries import wait_estimate
from queues.refusals import (
    AlreadyOver,
    BranchPaused,
    ChangedMeanwhile,
    DeskBusy,
    DeskPaused,
    NobodyWaiting,
    NotPermitted,
    ReasonMissing,
    Unrecorded,
)
from queues.states import State

NOTHING_YET = 0
"""What a desk has seen where nothing has happened yet."""


def call_next(desk: Desk, *, by: User | None, saw: int | None = None) -> Ticket:
    """Call the ticket due first at this desk. `saw` is the id of the desk's last event as the page knew it, NOTHING_YET
    if it had none, None if the caller doesn't say.

    A press that was already carried out gives the ticket it called. Raises NobodyWaiting, DeskBusy naming the ticket
    that the desk still has, DeskPaused, BranchPaused, Unrecorded, ChangedMeanwhile. Locks the branch.
    """
    with pressing(desk, by) as here:
        return call_due(here, by=by, saw=saw)


def call_due(desk: Desk, *, by: User | None, saw: int | None = None) -> Ticket:
    """`call_next`, inside a change of the desk's branch, for the desk as it is there."""
    done = _already_done(desk, saw)
    if done is not None:
        return done
    refuse_if_not_free(desk)
    ticket = queries.next_at(desk, by)
    if ticket is None:
        raise NobodyWaiting(desk)
    return _call(desk, ticket, "call_next", by)


def call_ticket(desk: Desk, number: str, *, reason: str, by: User | None, saw: int | None = None) -> Ticket:
    """Call this number out of turn, waiting or on hold, for a reason, which is logged. Needs the permission for it.

    Raises NotPermitted, ReasonMissing, UnknownTicket, as `call_next`, and what the ticket's state says. Locks the
    branch.
    """
    with pressing(desk, by) as here:
        if not may_call_any(here, by):
            raise NotPermitted
        ticket = open_ticket(here.branch, number)
        done = _already_done(here, saw)
        if done is not None and done.pk == ticket.pk:
            return done
        if not reason.strip():
            raise ReasonMissing
        refuse_if_not_free(here)
        if ticket.state not in (State.WAITING, State.HELD):
            raise refusal_for(ticket)
        if ticket.leader_id is not None:
            step_out(ticket)
        return _call(here, ticket, "call_ticket", by, reason.strip()[:120])


def call_held(desk: Desk, ticket_id: int, *, by: User | None) -> Ticket:
    """Call again whom this desk has put on hold today. Raises as `call_next`, and OnHold for another desk's. Locks the
    branch."""
    with pressing(desk, by) as here:
        ticket = own_ticket(here, ticket_id)
        if ticket.state == State.CALLED:
            return ticket
        refuse_if_not_free(here)
        if ticket.state == State.HELD and is_of_another_day(ticket):
            raise AlreadyOver(ticket)
        return _call(here, ticket, "call_held", by)


def recall(desk: Desk, ticket_id: int, *, by: User | None, calls_seen: int | None = None) -> Ticket:
    """Call the desk's called ticket once more; where the branch's limit of calls has been reached, mark it absent.

    With `calls_seen`, how often the page knew it to have been called, the same press twice recalls once. Raises a
    TicketRefusal, UnknownTicket or BranchPaused. Locks the branch.
    """
    with pressing(desk, by) as here:
        ticket = own_ticket(here, ticket_id)
        if calls_seen is not None and ticket.calls > calls_seen and ticket.state == State.CALLED:
            return ticket
        if here.branch.paused_since:
            raise BranchPaused
        limit = here.branch.calls_limit
        if ticket.state == State.CALLED and limit is not None and ticket.calls > limit:
            return _absent(here, ticket, by)
        return move_own(ticket, State.CALLED, action="recall", by=by)


def start_serving(desk: Desk, ticket_id: int, *, by: User | None) -> Ticket:
    """The called visitor is at the desk. Locks the branch."""
    with pressing(desk, by) as here:
        ticket = own_ticket(here, ticket_id)
        if ticket.state == State.SERVING:
            return ticket
        return move_own(ticket, State.SERVING, action="start_serving", by=by)


def finish(desk: Desk, ticket_id: int, *, by: User | None) -> Ticket:
    """The visitor has been served here. One who is to return to a desk, or has another service planned, goes back to
    the line for that; everybody else is DONE. Locks the branch."""
    with pressing(desk, by) as here:
        ticket = own_ticket(here, ticket_id)
        if ticket.state == State.DONE or has_gone_on(here, ticket, "finish"):
            return ticket
        onward = {} if is_of_another_day(ticket) else _onward(ticket)
        to = State.WAITING if onward else State.DONE
        finished = move_own(ticket, to, action="finish", by=by, changes=onward)
        if here.branch.after_visit != AfterVisit.OFF and by is not None:
            began = ticket.events.filter(to_state=State.SERVING, desk=here, undoes=None).order_by("-id").first()
            is_owed = began is not None and not is_said_enough(here.branch, began)
            rows.save(here, unrecorded_id=began.pk if began and is_owed else None)
        return finished


def mark_absent(desk: Desk, ticket_id: int, *, by: User | None) -> Ticket:
    """The called visitor did not come: back in line after a cool-down while the branch's limit of calls allows it, else
    a no-show. Locks the branch."""
    with pressing(desk, by) as here:
        ticket = own_ticket(here, ticket_id)
        if ticket.state == State.NO_SHOW or has_gone_on(here, ticket, "mark_absent"):
            return ticket
        return _absent(here, ticket, by)


def _absent(desk: Desk, ticket: Ticket, by: User | None) -> Ticket:
    limit = desk.branch.calls_limit
    if limit is None or ticket.calls > limit or is_of_another_day(ticket):
        return move_own(ticket, State.NO_SHOW, action="mark_absent", by=by)
    again = clock.now() + timedelta(seconds=desk.branch.cool_down)
    return move_own(ticket, State.WAITING, action="mark_absent", by=by, changes={"callable_from": again})


def _onward(ticket: Ticket) -> dict[str, Any]:
    """Where a served visitor goes next, as the columns to change; nothing for one who is done."""
    if ticket.state != State.SERVING:
        return {}
    if ticket.return_desk_id is not None:
        sits_at = Desk.objects.filter(branch=ticket.branch_id, clerk=ticket.return_clerk_id).order_by("id").first()
        at = sits_at.pk if sits_at and ticket.return_clerk_id else ticket.return_desk_id
        service = ticket.return_service_id or ticket.service_id
        gone = {"return_desk_id": None, "return_clerk_id": None, "return_service_id": None, "for_clerk_id": None}
        return {"for_desk_id": at, "service_id": service, **gone}
    ahead = wait_estimate.quickest_of(ticket.branch, ticket.plan)
    if ahead is None:
        return {}
    rest = [service for service in ticket.plan if service != ahead.pk]
    return {"service_id": ahead.pk, "plan": rest, "for_desk_id": None, "for_clerk_id": None}


def _call(desk: Desk, ticket: Ticket, action: str, by: User | None, reason: str = "") -> Ticket:
    if desk.unrecorded_id is not None:
        rows.save(desk, unrecorded_id=None)  # nothing was said of the visit before, and the branch lets that be
    return move(ticket, State.CALLED, action=action, desk=desk, by=by, reason=reason)


def refuse_if_not_free(desk: Desk) -> None:
    """Raises what keeps this desk from calling anybody now."""
    if desk.branch.paused_since:
        raise BranchPaused
    if desk.paused_since:
        raise DeskPaused(desk)
    has = queries.has_now(desk)
    if has is not None:
        raise DeskBusy(has)
    if desk.unrecorded_id is not None and desk.branch.after_visit == AfterVisit.REQUIRED:
        raise Unrecorded(Ticket.objects.get(events=desk.unrecorded_id))


def may_call_any(desk: Desk, by: User | None) -> bool:
    """Whether this person may call out of turn in the desk's branch. The clock and the simulations may."""
    if by is None or by.is_superuser:
        return True
    member = Membership.objects.filter(branch=desk.branch_id, user=by).first()
    return member is not None and (member.may_call_any or member.leads)


def _already_done(desk: Desk, saw: int | None) -> Ticket | None:
    """The ticket that this very press has called already. Raises ChangedMeanwhile if something else has happened since
    the page was shown."""
    if saw is None:
        return None
    latest = queries.latest_event(desk)
    if latest is None or latest.pk == saw:
        return None
    has = queries.has_now(desk)
    if has is None:
        raise ChangedMeanwhile(latest.ticket)
    return has
