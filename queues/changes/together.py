"""Many tickets make the same move by one decision: the close of a day, the end of holds. Written with a few statements,
AT_ONCE of them under one lock, so that no press waits long for a branch in which thousands wait."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any

from django.db import transaction
from django.db.models import Case, DateTimeField, ExpressionWrapper, F, QuerySet, Value, When
from django.db.models.functions import Greatest

from accounts.models import User
from queues import clock
from queues.changes.transaction import changing
from queues.changes.transition import NO_CHANGES, refusal_for
from queues.models import Branch, Ticket, TicketEvent
from queues.signals import moved
from queues.states import AT_DESK, MOVES, State

AT_ONCE = 400
"""Tickets, their followers counted, that are moved while the branch is locked once."""


def move_together(
    branch: Branch,
    which: Callable[[Branch], QuerySet[Ticket]],
    to: State,
    *,
    action: str,
    by: User | None = None,
    changes: Mapping[str, Any] = NO_CHANGES,
) -> list[Ticket]:
    """Move those of the branch's leading tickets that `which` gives, each with its followers, to a state that is at no
    desk, and log each. As `transition.move` one by one, but that nobody can undo it. Returns those that lead, as they
    were before. Raises what `move` raises for a ticket that may not make this move.

    Locks the branch, again and again until none is left: what is pressed meanwhile comes in between. Raises BranchBusy
    where a later lock couldn't be had in time: what was moved before that stays moved, and the same call does the rest.
    """
    moved_so_far: list[Ticket] = []
    while True:
        with changing(branch.pk) as locked:
            found = list(which(locked).order_by("id")[:AT_ONCE])
            some = _first_of(found)
            _move(some, to, action=action, by=by, changes=changes)
        moved_so_far += some
        if len(some) == len(found) < AT_ONCE:
            return moved_so_far


def _first_of(leaders: Sequence[Ticket]) -> Sequence[Ticket]:
    """As many as are AT_ONCE with their followers. A larger family goes by itself: it is never parted."""
    counted = accumulate(ticket.party for ticket in leaders)
    return [ticket for ticket, so_far in zip(leaders, counted, strict=True) if so_far <= AT_ONCE] or leaders[:1]


def _move(leaders: Sequence[Ticket], to: State, *, action: str, by: User | None, changes: Mapping[str, Any]) -> None:
    now = clock.now()
    begun = _log(leaders, to, action=action, by=by, now=now, led_by={})
    followers = list(Ticket.objects.filter(leader__in=[one.pk for one in leaders if one.party > 1]).order_by("id"))
    _log(followers, to, action=action, by=by, now=now, led_by=begun)
    _update([*leaders, *followers], to, now=now, changes=changes)


def _log(
    tickets: Sequence[Ticket],
    to: State,
    *,
    action: str,
    by: User | None,
    now: datetime,
    led_by: Mapping[int, TicketEvent],
) -> dict[int, TicketEvent]:
    """The event of each move, by the ticket's id."""
    for ticket in tickets:
        if action not in MOVES.get((State(ticket.state), to), ()):
            raise refusal_for(ticket)
    events = TicketEvent.objects.bulk_create(
        TicketEvent(
            ticket=ticket,
            from_state=ticket.state,
            to_state=to,
            action=action,
            service_id=ticket.service_id,
            desk_id=ticket.desk_id if ticket.state in AT_DESK else None,
            by=by,
            at=max(now, ticket.state_since),
            led_by=led_by.get(ticket.leader_id or 0),
        )
        for ticket in tickets
    )
    transaction.on_commit(lambda: _tell(events), robust=True)
    return {event.ticket_id: event for event in events}


def _tell(events: Sequence[TicketEvent]) -> None:
    for event in events:
        moved.send(sender=TicketEvent, event=event)


def _update(tickets: Sequence[Ticket], to: State, *, now: datetime, changes: Mapping[str, Any]) -> None:
    at = Greatest(F("state_since"), Value(now, output_field=DateTimeField()))
    columns: dict[str, Any] = {"state": to, "state_since": at, "hold_reason": "", **changes}
    if to is State.WAITING:
        # The time at a desk, or on hold after it, is no time waited.
        waited_on = ExpressionWrapper(F("waiting_since") + (at - F("called_at")), output_field=DateTimeField())
        was_called = When(called_at__isnull=False, then=waited_on)
        columns["waiting_since"] = Case(was_called, default=F("waiting_since"), output_field=DateTimeField())
    Ticket.objects.filter(pk__in=[ticket.pk for ticket in tickets]).update(**columns)
