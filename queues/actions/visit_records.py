"""What a clerk says of a visit: what it came to, what helped, and whether it was difficult."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Q

from accounts.models import User
from queues import clock, queries
from queues.changes import rows
from queues.changes.desk_press import pressing
from queues.models import AfterVisit, Branch, Desk, Outcome, TicketEvent, Visit, VisitOutcome
from queues.refusals import NothingToRecord, TargetGone, Unrecorded
from queues.states import State

MOST = 99
"""Times one outcome may be counted for one visit."""
LONGEST_WORDS = 200
"""Characters."""


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
    """Keep what the desk's clerk says of a visit there: of one that has just ended, of the one that goes on, whoever
    began it, or of one that this person has had here today, whoever is at the desk by now. Words that are left out stay
    as they were; of everything else the last word counts, so the same press again changes nothing.

    Raises NothingToRecord, TargetGone for an outcome that isn't one of the visit's service, and Unrecorded when the
    branch requires an outcome of a visit that has ended and none is said. Locks the branch.
    """
    with pressing(desk, by) as here:
        began = _began(here, ticket_id, by)
        is_owed = here.unrecorded_id == began.pk
        known = {outcome.pk: outcome for outcome in Outcome.objects.filter(service=began.service_id)}
        if not set(said.outcomes) <= set(known):
            raise TargetGone
        if is_owed and known and not said.outcomes and here.branch.after_visit == AfterVisit.REQUIRED:
            raise Unrecorded(began.ticket)
        visit = visit_since(began) or Visit(ticket_id=ticket_id, desk=here, at=clock.now())
        visit.service_id = began.service_id
        visit.by = by
        visit.note = said.note.strip()[:LONGEST_WORDS] or visit.note
        visit.helped = said.helped.strip()[:LONGEST_WORDS] or visit.helped
        visit.hard = said.hard
        visit.save()
        visit.outcomes.all().delete()
        VisitOutcome.objects.bulk_create(
            VisitOutcome(visit=visit, outcome=known[pk], quantity=min(max(times, 1), MOST))
            for pk, times in said.outcomes.items()
        )
        if is_owed:
            rows.save(here, unrecorded_id=None)
        return visit


def visit_since(began: TicketEvent) -> Visit | None:
    """What has been recorded of the visit that began with this event. One query."""
    return Visit.objects.filter(desk=began.desk_id, ticket=began.ticket_id, at__gte=began.at).first()


def is_said_enough(branch: Branch, began: TicketEvent) -> bool:
    """Whether nothing more is asked of the visit that began with this event."""
    visit = visit_since(began)
    if visit is None:
        return False
    if branch.after_visit != AfterVisit.REQUIRED or visit.outcomes.exists():
        return True
    return not Outcome.objects.filter(service=began.service_id).exists()


def skip_record(desk: Desk, ticket_id: int, *, by: User) -> None:
    """Nothing is said of that visit. Raises Unrecorded where the branch requires it. Locks the branch."""
    with pressing(desk, by) as here:
        began = here.unrecorded
        if began is None or began.ticket_id != ticket_id:
            return
        if here.branch.after_visit == AfterVisit.REQUIRED:
            raise Unrecorded(began.ticket)
        rows.save(here, unrecorded_id=None)


def _began(desk: Desk, ticket_id: int, by: User) -> TicketEvent:
    """The beginning of the visit that may be spoken of. Raises NothingToRecord."""
    if desk.unrecorded is not None and desk.unrecorded.ticket_id == ticket_id:
        return desk.unrecorded
    served = TicketEvent.objects.select_related("ticket").filter(
        ticket=ticket_id, desk=desk, to_state=State.SERVING, undoes__isnull=True, undone_by__isnull=True
    )
    goes_on = Q(ticket__desk=desk, ticket__state=State.SERVING)
    began = served.filter(goes_on | Q(by=by)).order_by("-id").first()
    is_asked = desk.branch.after_visit != AfterVisit.OFF
    if began is None or not is_asked or began.ticket.business_day != queries.today(desk.branch):
        raise NothingToRecord
    return began
