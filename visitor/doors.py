"""The only way to a visitor's ticket: its link."""

from queues import queries
from queues.models import Ticket


def followed_ticket(token: str) -> Ticket | None:
    """The ticket of this link, until its business day ends."""
    found = Ticket.objects.select_related("branch", "service", "desk").filter(token=token).first()
    if found is None or found.business_day != queries.today(found.branch):
        return None
    return found
