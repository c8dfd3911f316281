"""A branch's services, and what is set up for them."""

from collections.abc import Collection

from django.db.models import QuerySet

from queues.compiled import compiled
from queues.models import Branch, Outcome, PriorityClass, Service


def services_of(branch: Branch) -> list[Service]:
    """All of the branch's services, in its own order."""
    return list(Service.objects.filter(branch=branch))


@compiled
def _offered(branch: int) -> QuerySet[Service]:
    return Service.objects.filter(branch=branch, is_offered=True)


def offered_services(branch: Branch) -> list[Service]:
    """Those that its kiosks show."""
    return _offered.all(branch=branch.pk)


def only_open_service(branch: Branch) -> str | None:
    """The slug of the only service that the branch offers, if it is open. None where there is a choice, or nothing."""
    offered = list(Service.objects.filter(branch=branch, is_offered=True).values_list("slug", "is_open")[:2])
    return offered[0][0] if len(offered) == 1 and offered[0][1] else None


def service_by_id(branch: Branch, pk: int) -> Service | None:
    """None if the branch has no such service."""
    return Service.objects.filter(branch=branch, pk=pk).first()


def services_by_id(branch: Branch, ids: Collection[int]) -> list[Service]:
    """Those of these services that the branch has."""
    return list(Service.objects.filter(branch=branch, pk__in=ids))


def outcomes_of(branch: Branch) -> list[Outcome]:
    """What a clerk may say of a visit, for all services of the branch."""
    return list(Outcome.objects.filter(service__branch=branch))


def priorities_of(branch: Branch) -> list[PriorityClass]:
    """The branch's priority classes, the smallest head start first."""
    return list(PriorityClass.objects.filter(branch=branch))


def priority_by_id(branch: Branch, pk: int) -> PriorityClass | None:
    """None if the branch has no such class."""
    return PriorityClass.objects.filter(branch=branch, pk=pk).first()
