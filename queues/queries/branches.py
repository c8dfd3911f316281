"""Branches, as they are now."""

from collections.abc import Collection
from datetime import date, timedelta

from django.db.models import QuerySet

from queues import clock
from queues.compiled import compiled
from queues.models import Branch, BranchEvent, What

ASKED_AGAIN_AFTER = timedelta(minutes=1)
"""A visitor who asks for help at a kiosk sooner than that has been heard already."""


def today(branch: Branch) -> date:
    """The branch's present business day."""
    return branch.day_at(clock.now())


@compiled
def branch_row(branch: int) -> QuerySet[Branch]:
    return Branch.objects.filter(pk=branch).order_by()


def branch_now(branch_id: int) -> Branch | None:
    """The branch as it is now; None if it is gone."""
    return branch_row.first(branch=branch_id)


@compiled
def _branch_with_slug(slug: str) -> QuerySet[Branch]:
    return Branch.objects.filter(slug=slug).order_by()


def branch_by_slug(slug: str) -> Branch | None:
    """None if there is no such branch."""
    return _branch_with_slug.first(slug=slug)


def branches_by_slug(slugs: Collection[str]) -> dict[str, Branch]:
    """Those of them that there are, each by its slug. One query."""
    return {branch.slug: branch for branch in Branch.objects.filter(slug__in=slugs)}


def is_asked_at_kiosk(branch: Branch) -> bool:
    """Whether a visitor at a kiosk asks for a person, or did so just before. One query."""
    lately = BranchEvent.objects.filter(branch=branch, what=What.KIOSK_HELP, at__gt=clock.now() - ASKED_AGAIN_AFTER)
    return branch.kiosk_help_since is not None or lately.exists()
