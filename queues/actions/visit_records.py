"""After a visit: what it came to, what helped, and whether it was difficult."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from accounts.models import User
from queues import clock
from queues.changes import rows
from queues.changes.desk_press import pressing
from queues.models import AfterVisit, Desk, Outcome, Visit, VisitOutcome
from queues.refusals import NothingToRecord, TargetGone, Unrecorded

MOST = 99
"""Times one outcome may be counted for one visit."""


@dataclass(frozen=True, slots=True)
class VisitRecord:
    """What a clerk says of a visit. `outcomes`: how often each, by the outcome's id."""

    outcomes: Mapping[int, int] = field(default_factory=dict)
    note: str = ""
    helped: str = ""
    hard: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.outcomes or self.note.strip() or self.helped.strip() or self.hard)


def record(desk: Desk, ticket_id: int, said: VisitRecord, *, by: User) -> Visit:
    """Keep what the desk's clerk says of the visit that has just ended there; the same press again changes nothing.
    Of a visit whose end was undone the last word counts.

    Raises NothingToRecord, TargetGone for an outcome that isn't one of the visit's service, and Unrecorded when the
    branch requires an outcome and none is said. Locks the branch.
    """
    with pressing(desk, by) as here:
        began = here.unrecorded
        if began is None or began.ticket_id != ticket_id:
            return _recorded(here, ticket_id)
        known = {outcome.pk: outcome for outcome in Outcome.objects.filter(service=began.service_id)}
        if not set(said.outcomes) <= set(known):
            raise TargetGone
        if known and not said.outcomes and here.branch.after_visit == AfterVisit.REQUIRED:
            raise Unrecorded(began.ticket)
        Visit.objects.filter(desk=here, ticket=ticket_id, at__gte=began.at).delete()
        visit = Visit.objects.create(
            ticket_id=ticket_id,
            service_id=began.service_id,
            desk=here,
            by=by,
            at=clock.now(),
            note=said.note.strip()[:200],
            helped=said.helped.strip()[:200],
            hard=said.hard,
        )
        VisitOutcome.objects.bulk_create(
            VisitOutcome(visit=visit, outcome=known[pk], quantity=min(max(times, 1), MOST))
            for pk, times in said.outcomes.items()
        )
        rows.save(here, unrecorded_id=None)
        return visit


def skip_record(desk: Desk, ticket_id: int, *, by: User) -> None:
    """Nothing is said of that visit. Raises Unrecorded where the branch requires it. Locks the branch."""
    with pressing(desk, by) as here:
        began = here.unrecorded
        if began is None or began.ticket_id != ticket_id:
            return
        if here.branch.after_visit == AfterVisit.REQUIRED:
            raise Unrecorded(began.ticket)
        rows.save(here, unrecorded_id=None)


def _recorded(desk: Desk, ticket_id: int) -> Visit:
    visit = Visit.objects.filter(desk=desk, ticket=ticket_id).first()
    if visit is None:
        raise NothingToRecord
    return visit
