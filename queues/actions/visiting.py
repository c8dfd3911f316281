"""What a visitor says of themselves: what they need, their name, and that they are here after all."""

from collections.abc import Iterable

from queues import queries
from queues.actions.sending import back_in_line, fresh
from queues.changes.transaction import changing
from queues.models import Branch, Need, Ticket
from queues.refusals import AlreadyOver, AwayTwice
from queues.states import OPEN, State

LONGEST_NAME = 80
"""Characters, as the column has it."""


def tell_needs(ticket: Ticket, needs: Iterable[str]) -> Ticket:
    """What the clerk should know when they meet, in place of what was said before; a code that is no Need is passed
    over. Forgotten when the day closes. Raises AlreadyOver. Locks the branch."""
    said = set(needs)
    with changing(ticket.branch_id) as branch:
        return _keep(_here(branch, ticket), needs=[need.value for need in Need if need.value in said])


def tell_name(ticket: Ticket, name: str) -> Ticket:
    """What the visitor wants to be called, where the branch asks for it; elsewhere nothing is kept. Forgotten when the
    day closes. Raises AlreadyOver. Locks the branch."""
    with changing(ticket.branch_id) as branch:
        found = _here(branch, ticket)
        if not branch.asks_name:
            return found
        return _keep(found, visitor_name=" ".join(name.replace("\x00", "").split())[:LONGEST_NAME])


def come_back(ticket: Ticket) -> Ticket:
    """The visitor, who missed a call, says on the phone that they are here: back in line as the branch has it. Saying
    it again changes nothing.

    Once for each ticket: raises AwayTwice for a second absence; else as `bring_back`. Locks the branch.
    """
    with changing(ticket.branch_id) as branch:
        found = _leading(fresh(branch, ticket))
        if found.state == State.WAITING and found.callable_from is None:
            return found
        if found.pk in queries.have_come_back([found.pk]):
            raise AwayTwice(found)
        return back_in_line(branch, found)


def _leading(ticket: Ticket) -> Ticket:
    """In a cool-down a family waits as one."""
    return ticket.leader if ticket.leader is not None and ticket.state == State.WAITING else ticket


def _here(branch: Branch, ticket: Ticket) -> Ticket:
    """The ticket, while its visitor is in the house and its day lasts. Raises AlreadyOver."""
    found = fresh(branch, ticket)
    if found.state not in OPEN or found.business_day != queries.today(branch):
        raise AlreadyOver(found)
    return found


def _keep(ticket: Ticket, **columns: object) -> Ticket:
    Ticket.objects.filter(pk=ticket.pk).update(**columns)
    for name, value in columns.items():
        setattr(ticket, name, value)
    return ticket
