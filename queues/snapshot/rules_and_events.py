"""What only the hall reads of a branch: its rules, and what has happened in it apart from the moves of tickets."""

from dataclasses import dataclass
from datetime import datetime

from queues.models import Branch, BranchEvent, Rule, What

EVENTS_KEPT = 20


@dataclass(frozen=True, slots=True)
class RuleRow:
    """As the model has it; `desks` are the ids of those that help, `lent` of those that do so only now."""

    id: int
    name: str
    service_id: int
    over: int
    under: int
    desks: frozenset[int]
    lent: frozenset[int]
    is_on: bool
    acting_since: datetime | None


@dataclass(frozen=True, slots=True)
class EventRow:
    """`by` is a person's name, `rule` that of the rule that did it, or to which a person did it; without either it was
    the clock."""

    id: int
    what: What
    at: datetime
    desk: str
    service_id: int | None
    by: str
    rule: str
    words: str


def rules(branch: Branch) -> tuple[RuleRow, ...]:
    """Three queries."""
    return tuple(
        RuleRow(
            id=rule.pk,
            name=rule.name,
            service_id=rule.service_id,
            over=rule.over,
            under=rule.under,
            desks=frozenset(desk.pk for desk in rule.desks.all()),
            lent=frozenset(desk.pk for desk in rule.lent.all()),
            is_on=rule.is_on,
            acting_since=rule.acting_since,
        )
        for rule in Rule.objects.filter(branch=branch).prefetch_related("desks", "lent")
    )


def events(branch: Branch) -> tuple[EventRow, ...]:
    """The last ones, the newest first. By their time, as the index has them: by their ids PostgreSQL may look through
    all branches' for those of a new one."""
    here = BranchEvent.objects.filter(branch=branch).select_related("desk", "by")
    found = here.order_by("-at", "-id")[:EVENTS_KEPT]
    return tuple(
        EventRow(
            id=event.pk,
            what=What(event.what),
            at=event.at,
            desk=event.desk.name if event.desk else "",
            service_id=event.service_id,
            by=event.by.shown_name if event.by else "",
            rule=event.rule,
            words=event.words,
        )
        for event in found
    )
