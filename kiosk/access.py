"""What a kiosk may open: the pages of any branch, in a language that it speaks, and the ticket of the visit."""

from django.http import Http404, HttpRequest
from django.utils import translation

from kiosk import visit
from live.batched_lookup import BatchedLookup
from queues import queries
from queues.models import Branch, Ticket

branch_of_socket = BatchedLookup(queries.branches_by_slug)
"""The branch of this slug, None where there is none: one query for all kiosks that come back at once."""


def kiosk_branch(slug: str) -> Branch:
    """Raises Http404 where there is no such branch."""
    branch = queries.branch_by_slug(slug)
    if branch is None:
        raise Http404
    return branch


def branch_speaking(slug: str, language: str) -> Branch:
    """The branch, and from here on this language, its visitor's. Raises Http404, also for a language that the branch
    doesn't speak."""
    branch = kiosk_branch(slug)
    if language not in branch.languages:
        raise Http404
    translation.activate(language)
    return branch


def drawn_ticket(request: HttpRequest, branch: Branch, token: str) -> Ticket | None:
    """The branch's ticket of this link, while the visit lasts in which this browser drew it; else None. A press on its
    page is taken for longer than the page is shown."""
    ticket = queries.ticket_by_token(token)
    within = visit.WRITES_FOR if request.method == "POST" else visit.LASTS
    return ticket if ticket and ticket.branch_id == branch.pk and visit.is_of(request, ticket, within) else None
