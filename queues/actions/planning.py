"""A visit of several services: what else a ticket is for, in whatever order waits least."""

from collections.abc import Sequence

from accounts.models import User
from queues.actions.calling import own_ticket
from queues.actions.sending import fresh
from queues.changes.desk_press import pressing
from queues.changes.transaction import changing
from queues.changes.transition import refusal_for
from queues.models import Desk, Service, Ticket
from queues.refusals import ElsewhereGone
from queues.states import OPEN


def plan(ticket: Ticket, services: Sequence[Service]) -> Ticket:
    """What else this visit is for; replaces what was planned. Raises ElsewhereGone for a service of another branch, and
    AlreadyOver. Locks the branch."""
    with changing(ticket.branch_id) as branch:
        return _keep(fresh(branch, ticket), services)


def plan_here(desk: Desk, ticket_id: int, services: Sequence[Service], *, by: User | None) -> Ticket:
    """The same for the visitor at the desk, who has told its clerk. Raises as `plan`. Locks the branch."""
    with pressing(desk, by) as here:
        return _keep(own_ticket(here, ticket_id), services)


def _keep(ticket: Ticket, services: Sequence[Service]) -> Ticket:
    if ticket.state not in OPEN:
        raise refusal_for(ticket)
    if any(service.branch_id != ticket.branch_id for service in services):
        raise ElsewhereGone
    ticket.plan = list(dict.fromkeys(service.pk for service in services if service.pk != ticket.service_id))
    Ticket.objects.filter(pk=ticket.pk).update(plan=ticket.plan)
    return ticket
