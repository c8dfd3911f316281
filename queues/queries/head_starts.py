"""Head starts: how much earlier than its waiting began a ticket is due.

One column orders the line, `Ticket.due_at`: when a visitor began to wait, less a head start. A head start is a bounded
number of minutes, never more than the branch's ceiling, so that nobody is overtaken by somebody who came later than
that. A desk may put one of its services ahead of its others by minutes of its own; the class and the desk together stay
within the ceiling, too. Who is next at a desk: `waiting_line.next_at`.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Case, DateTimeField, ExpressionWrapper, F, Max, When
from django.db.models.expressions import Combinable

from queues.models import Branch, Desk, PriorityClass


def head_start(branch: Branch, priority: PriorityClass | None) -> int:
    """Minutes that this class is ahead in this branch."""
    return min(priority.head_start, branch.head_start_ceiling) if priority else 0


def main_head_start(minutes: int, ceiling: int, classes: Iterable[int]) -> int:
    """What is left of a desk's own head start under the ceiling, beside the branch's largest class. Minutes."""
    largest = min(max(classes, default=0), ceiling)
    return max(0, min(minutes, ceiling - largest))


def own_head_start(desk: Desk) -> int:
    """Minutes that the desk's main service is ahead of its others at this desk."""
    if desk.main_service_id is None or not desk.main_head_start:
        return 0
    return main_head_start(desk.main_head_start, desk.branch.head_start_ceiling, classes_of(desk.branch))


def classes_of(branch: Branch) -> list[int]:
    """Minutes of each of the branch's priority classes."""
    return list(PriorityClass.objects.filter(branch=branch).values_list("head_start", flat=True))


def longest_head_start(branch: Branch) -> int:
    """Minutes that anybody may be ahead of others in this branch, by class and desk together."""
    most = Branch.objects.filter(pk=branch.pk).aggregate(
        by_class=Max("priority_classes__head_start"), by_desk=Max("desks__main_head_start")
    )
    return min((most["by_class"] or 0) + (most["by_desk"] or 0), branch.head_start_ceiling)


def rank(due_at: datetime, service_id: int, *, main_service: int | None, minutes: int) -> datetime:
    """What a desk goes by that gives its main service a head start of `minutes`."""
    return due_at - timedelta(minutes=minutes) if service_id == main_service else due_at


def ranked_by(main_service: int | None, minutes: int) -> Combinable:
    """The same as `rank`, for the database."""
    if main_service is None or not minutes:
        return F("due_at")
    ahead = ExpressionWrapper(F("due_at") - timedelta(minutes=minutes), output_field=DateTimeField())
    return Case(When(service_id=main_service, then=ahead), default=F("due_at"), output_field=DateTimeField())
