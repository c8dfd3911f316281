"""Undo: a desk's last move, for ten seconds, unless somebody else has acted since."""

from datetime import timedelta
from typing import Any

from django.db.models import Q

from accounts.models import User
from queues import clock, queries
from queues.changes import rows
from queues.changes.desk_press import pressing
from queues.changes.party import recount
from queues.models import Desk, Ticket, TicketEvent
from queues.refusals import ActedSince, DeskPaused, NothingToUndo, NumberTaken
from queues.states import OPEN, UNDOABLE, State

UNDO_WITHIN = timedelta(seconds=10)
GRACE = timedelta(seconds=2)
"""For a press that was on its way when the ten seconds ended."""


def undo(desk: Desk, *, by: User | None, saw: int | None = None) -> Ticket:
    """Put back what this person's last move at this desk has changed, followers included: the earlier state with its
    times. `saw` is the id of the event to be undone, as the page knew it. Returns the ticket as it is again.

    Raises NothingToUndo, also when it is too late; ActedSince when the ticket has been moved since; NumberTaken;
    DeskPaused, as nobody is brought back to a desk that rests. Locks the branch.
    """
    with pressing(desk, by) as here:
        last = queries.latest_event(here)
        if last is not None and saw is not None and last.undoes_id == saw:
            return last.ticket  # the same press again
        if last is None or not may_be_undone(last, by):
            raise NothingToUndo
        if saw is not None and last.pk != saw:
            raise ActedSince(last.ticket)
        if here.paused_since:
            raise DeskPaused(here)
        head = last.led_by_id or last.pk
        together = TicketEvent.objects.filter(Q(pk=head) | Q(led_by=head)).select_related("ticket").order_by("-id")
        members = {event.ticket_id for event in together}
        if Ticket.objects.filter(leader__in=members).exclude(pk__in=members).exists():
            raise ActedSince(last.ticket)  # somebody has joined them since, and would be left behind
        for event in together:
            _put_back(event, desk=here, by=by)
        if last.from_state == State.SERVING:
            rows.save(here, unrecorded_id=None)
        return Ticket.objects.select_related("desk").get(events__pk=head)


def may_be_undone(event: TicketEvent, by: User | None) -> bool:
    """Whether this event is a desk's move, recent, and this person's own."""
    return (
        event.undoes_id is None
        and event.before is not None
        and event.to_state in UNDOABLE
        and event.by_id == (by.pk if by else None)
        and -GRACE <= clock.now() - event.at <= UNDO_WITHIN + GRACE  # not for an hour when the clock is set back by one
    )


def _put_back(event: TicketEvent, *, desk: Desk, by: User | None) -> None:
    ticket = event.ticket
    later = ticket.events.filter(pk__gt=event.pk, undone_by__isnull=True, undoes__isnull=True)
    if later.exists():
        raise ActedSince(ticket)
    columns = _as_it_was(event)
    if ticket.state not in OPEN and columns["state"] in OPEN:
        taken = Ticket.objects.filter(branch=ticket.branch_id, shown=ticket.shown, state__in=OPEN)
        if taken.exists():
            raise NumberTaken(ticket)
    if event.to_state == State.CALLED and event.from_state != State.CALLED:
        columns["call_withdrawn_at"] = clock.now()
    followed = ticket.leader_id
    if not Ticket.objects.filter(pk=ticket.pk, state=event.to_state).update(**columns):
        raise ActedSince(ticket)
    TicketEvent.objects.create(
        ticket=ticket,
        from_state=event.to_state,
        to_state=event.from_state,
        action="undo",
        service_id=columns.get("service_id", ticket.service_id),
        desk=desk,
        by=by,
        at=max(clock.now(), event.at),
        undoes=event,
    )
    if followed is not None and "leader_id" in columns:
        recount(followed)


def _as_it_was(event: TicketEvent) -> dict[str, Any]:
    """The columns as they were before the event, from JSON's plain values."""
    fields = {field.attname: field for field in Ticket._meta.concrete_fields}
    return {name: fields[name].to_python(value) for name, value in (event.before or {}).items()}
