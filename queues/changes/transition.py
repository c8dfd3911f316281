"""The state transition: every move of a ticket passes here, and leaves an event."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from queues import clock
from queues.changes import rows
from queues.changes.bulk import BulkWriter
from queues.models import Desk, Ticket, TicketEvent
from queues.refusals import AlreadyCalled, AlreadyOver, ChangedMeanwhile, OnHold, TicketRefusal
from queues.signals import moved
from queues.states import AT_DESK, MOVES, OPEN, State

NO_CHANGES: Mapping[str, Any] = {}
TAKES_A_CALL_BACK = ("put_back", "free")
"""A visitor who was called is not expected any more, through no fault of theirs: their phone and the screens say so."""


def move(
    ticket: Ticket,
    to: State,
    *,
    action: str,
    desk: Desk | None = None,
    by: User | None = None,
    reason: str = "",
    changes: Mapping[str, Any] = NO_CHANGES,
    alone: bool = False,
    led_by: TicketEvent | None = None,
    bulk: BulkWriter | None = None,
) -> Ticket:
    """Move the ticket, as seen by the caller, and log it; the ticket is updated in place and returned. Its followers go
    with it, unless it goes `alone`. `changes` are further columns that the move sets, on all of them.

    Compares and swaps: if the row is no longer in the state that `ticket` names, or MOVES doesn't let this action make
    this move, raises the TicketRefusal that says how it is now. The instant is the clock's, but never before the
    ticket's last move: one state ends when the next begins. Call it inside `changing`. With `bulk`, the event is
    written when that is, and so is a ticket that was drawn into it and has no row to compare yet.
    """
    event = _move_one(
        ticket, to, action=action, desk=desk, by=by, reason=reason, changes=changes, led_by=led_by, bulk=bulk
    )
    if ticket.party > 1 and not alone:
        for follower in ticket.followers.select_related("desk").order_by("id"):
            _move_one(follower, to, action=action, desk=desk, by=by, reason=reason, changes=changes, led_by=event)
    return ticket


def _move_one(
    ticket: Ticket,
    to: State,
    *,
    action: str,
    desk: Desk | None,
    by: User | None,
    reason: str,
    changes: Mapping[str, Any],
    led_by: TicketEvent | None,
    bulk: BulkWriter | None = None,
) -> TicketEvent:
    seen = State(ticket.state)
    if action not in MOVES.get((seen, to), ()):
        raise refusal_for(ticket)
    if desk is not None and bulk is not None:
        bulk.refuse_if_busy(desk, ticket)
    at = max(clock.now(), ticket.state_since)
    columns = {"state": to, "state_since": at, **_consequences(ticket, seen, to, at), **changes}
    if seen is State.CALLED and action in TAKES_A_CALL_BACK:
        columns["call_withdrawn_at"] = at
    if desk is not None:
        columns["desk_id"] = desk.pk
    before = None if bulk else {name: _plain(getattr(ticket, name)) for name in {**columns, "last_call": None}}
    event = TicketEvent(
        ticket=ticket,
        from_state=seen,
        to_state=to,
        action=action,
        service_id=columns.get("service_id", ticket.service_id),
        desk_id=columns.get("desk_id", ticket.desk_id) if desk or seen in AT_DESK or to in AT_DESK else None,
        by=by,
        at=at,
        reason=reason,
        led_by=led_by,
        before=before,
    )
    if bulk is None:
        rows.insert(event)  # before the ticket's own row, which names the event that called it last
        if to is State.CALLED:
            columns["last_call"] = event.pk
    if ticket.pk is not None and not rows.update(ticket, columns, only_if={"state": seen}):
        if bulk is None:
            event.delete()
        ticket.refresh_from_db()
        raise refusal_for(ticket)
    for name, value in columns.items():
        setattr(ticket, name, value)
    _log(event, bulk)
    return event


def _consequences(ticket: Ticket, seen: State, to: State, at: datetime) -> dict[str, Any]:
    """What a move changes by itself: the count of calls, which begins anew after a service, and the time waited, in
    which the time since a call doesn't count."""
    columns: dict[str, Any] = {}
    if ticket.called_at and seen is not State.WAITING and to in (State.WAITING, State.CALLED):
        columns["waiting_since"] = ticket.waiting_since + (at - ticket.called_at)
    if seen is State.HELD:
        columns["hold_reason"] = ""
    if seen is State.SERVING and to in OPEN:
        columns["calls"] = 0
    if to is State.CALLED:
        columns |= {"called_at": at, "calls": ticket.calls + 1, "callable_from": None, "call_withdrawn_at": None}
    return columns


def log_drawing(ticket: Ticket, *, by: User | None, at: datetime, bulk: BulkWriter | None) -> None:
    """Append the event of a ticket that has just been drawn."""
    event = TicketEvent(
        ticket=ticket, from_state="", to_state=State.WAITING, action="issue", service_id=ticket.service_id, by=by, at=at
    )
    if bulk is None:
        rows.insert(event)
    _log(event, bulk)


def _log(event: TicketEvent, bulk: BulkWriter | None) -> None:
    if bulk is None:
        transaction.on_commit(lambda: moved.send(sender=TicketEvent, event=event), robust=True)
    else:
        bulk.append(event)


def _plain(value: object) -> object:
    """As JSON has it, to the microsecond."""
    return value.isoformat() if isinstance(value, datetime) else value


def refusal_for(ticket: Ticket) -> TicketRefusal:
    """Why this ticket can't be moved as somebody wished: how it is now."""
    if ticket.state in AT_DESK:
        return AlreadyCalled(ticket)
    if ticket.state == State.HELD:
        return OnHold(ticket)
    if ticket.state in OPEN:
        return ChangedMeanwhile(ticket)
    return AlreadyOver(ticket)
