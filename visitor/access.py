"""A visitor's ticket is opened by its link and by nothing else, until its business day ends."""

from django.http import Http404

from live.batched_lookup import BatchedLookup
from queues import queries
from queues.models import Ticket

ticket_of_socket = BatchedLookup(queries.tickets_by_token)
"""The ticket of this link, None where there is none any more: one query for all phones that come back at once."""


def followed_ticket(token: str) -> Ticket:
    """The ticket of this link. Raises Http404, the same for an unknown link and for one whose day has ended."""
    ticket = queries.ticket_by_token(token)
    if ticket is None:
        raise Http404
    return ticket
