"""Many moves under one lock, written together. Only the import of a log needs it; every move is still a transition, and
decided one by one."""

from django.db.models import OuterRef, Subquery

from queues.models import Desk, Ticket, TicketEvent
from queues.refusals import DeskBusy
from queues.states import AT_DESK, State

AT_ONCE = 500
"""Rows named in one statement."""


class BulkWriter:
    """Tickets drawn and moves made under one lock, written together: the import of a log makes thousands at a time.

    Only what a ticket is in the end reaches its row, so that until then no constraint of the database sees whether a
    desk has two: the writer does.
    """

    def __init__(self) -> None:
        self._drawn: list[Ticket] = []
        self._events: list[TicketEvent] = []
        self._at_desk: dict[int, Ticket] = {}

    def add(self, ticket: Ticket) -> None:
        """A ticket that has just been drawn, and is in the database when the writer has written."""
        self._drawn.append(ticket)

    def refuse_if_busy(self, desk: Desk, ticket: Ticket) -> None:
        """Raises DeskBusy naming another ticket of this writer that is still at the desk."""
        if self._at_desk.get(desk.pk, ticket) is not ticket:
            raise DeskBusy(self._at_desk[desk.pk])

    def append(self, event: TicketEvent) -> None:
        if event.desk_id is not None and event.to_state in AT_DESK:
            self._at_desk[event.desk_id] = event.ticket
        elif event.desk_id is not None:
            self._at_desk.pop(event.desk_id, None)
        self._events.append(event)

    def write(self) -> None:
        """Write tickets and events in their order, once, before `changing` ends."""
        Ticket.objects.bulk_create(self._drawn)
        TicketEvent.objects.bulk_create(self._events)
        called = sorted({event.ticket_id for event in self._events if event.to_state == State.CALLED})
        last_call = TicketEvent.objects.filter(ticket=OuterRef("pk"), to_state=State.CALLED).order_by("-pk")
        for first in range(0, len(called), AT_ONCE):
            tickets = Ticket.objects.filter(pk__in=called[first : first + AT_ONCE])
            tickets.update(last_call=Subquery(last_call.values("pk")[:1]))
