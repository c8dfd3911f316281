"""What a visitor says of themselves: what they need, their name, what else the visit is for, and that they are here."""

from collections.abc import Iterable, Sequence

from accounts.models import User
from queues import queries
from queues.changes import rows
from queues.changes.desk_press import pressing
from queues.changes.place_in_line import back_in_line
from queues.changes.text import one_line
from queues.changes.tickets import fresh, own_ticket
from queues.changes.transaction import changing
from queues.changes.transition import refusal_for
from queues.models import Branch, Desk, Need, Service, Ticket
from queues.models.ticket import LONGEST_VISITOR_NAME
from queues.refusals import AlreadyOver, SecondNoShow, TargetGone
from queues.states import OPEN, State


def tell_needs(ticket: Ticket, needs: Iterable[str]) -> Ticket:
    """What the clerk should know when they meet, in place of what was said before; a code that is no Need is passed
    over. Forgotten when the day closes. Raises AlreadyOver. Locks the branch."""
    said = set(needs)
    with changing(ticket.branch_id) as branch:
        found = _present(branch, ticket)
        rows.save(found, needs=[need.value for need in Need if need.value in said])
        return found


def tell_name(ticket: Ticket, name: str) -> Ticket:
    """What the visitor wants to be called, where the branch asks for it; elsewhere nothing is kept. Forgotten when the
    day closes. Raises AlreadyOver. Locks the branch."""
    with changing(ticket.branch_id) as branch:
        found = _present(branch, ticket)
        if branch.asks_name:
            rows.save(found, visitor_name=one_line(name, LONGEST_VISITOR_NAME))
        return found


def plan(ticket: Ticket, services: Sequence[Service]) -> Ticket:
    """What else this visit is for, done in whatever order waits least; replaces what was planned. Raises TargetGone
    for a service of another branch, and AlreadyOver. Locks the branch."""
    with changing(ticket.branch_id) as branch:
        return _planned(fresh(branch, ticket), services)


def plan_here(desk: Desk, ticket_id: int, services: Sequence[Service], *, by: User | None) -> Ticket:
    """The same for the visitor at the desk, who has told its clerk. Raises as `plan`. Locks the branch."""
    with pressing(desk, by) as here:
        return _planned(own_ticket(here, ticket_id), services)


def come_back(ticket: Ticket) -> Ticket:
    """A visitor who missed a call says on the phone that they are here: back in line as the branch has it. Saying it
    again changes nothing.

    Once for each ticket: raises SecondNoShow for a second absence; NumberTaken when the number has been given to
    somebody else since, and what the ticket's state says. Locks the branch.
    """
    with changing(ticket.branch_id) as branch:
        found = _leading(fresh(branch, ticket))
        if found.state == State.WAITING and found.callable_from is None:
            return found
        if found.pk in queries.have_come_back([found.pk]):
            raise SecondNoShow(found)
        return back_in_line(branch, found)


def _present(branch: Branch, ticket: Ticket) -> Ticket:
    """The ticket, while its visitor is here and its day lasts. Raises AlreadyOver."""
    found = fresh(branch, ticket)
    if found.state not in OPEN or found.business_day != queries.today(branch):
        raise AlreadyOver(found)
    return found


def _planned(ticket: Ticket, services: Sequence[Service]) -> Ticket:
    if ticket.state not in OPEN:
        raise refusal_for(ticket)
    if any(service.branch_id != ticket.branch_id for service in services):
        raise TargetGone
    rows.save(ticket, plan=list(dict.fromkeys(one.pk for one in services if one.pk != ticket.service_id)))
    return ticket


def _leading(ticket: Ticket) -> Ticket:
    """In a cool-down a family waits as one."""
    return ticket.leader if ticket.leader is not None and ticket.state == State.WAITING else ticket
