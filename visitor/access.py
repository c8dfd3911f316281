"""The only way to a visitor's ticket: its link."""

from collections.abc import Collection

from queues import queries
from queues.models import Ticket


def followed_ticket(token: str) -> Ticket | None:
    """The ticket of this link, until its business day ends."""
    return followed_tickets([token]).get(token)


def followed_tickets(tokens: Collection[str]) -> dict[str, Ticket]:
    """The tickets of these links, each by its own."""
    found = Ticket.objects.select_related("branch", "service", "desk").filter(token__in=tokens)
    return {ticket.token: ticket for ticket in found if ticket.business_day == queries.today(ticket.branch)}
