"""What a lobby screen may open: the board of any branch."""

from django.http import Http404

from live.batched_lookup import BatchedLookup
from queues import queries
from queues.models import Branch

branch_of_socket = BatchedLookup(queries.branches_by_slug)
"""The branch of this slug, None where there is none: one query for all screens that come back at once."""


def display_branch(slug: str) -> Branch:
    """Raises Http404 where there is no such branch."""
    branch = queries.branch_by_slug(slug)
    if branch is None:
        raise Http404
    return branch
