"""Auto-call: an idle desk calls the next visitor by itself after its branch's auto-call delay (`Branch.breath`)."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from queues import clock, queries
from queues.actions.calling import NOTHING_YET, call_due
from queues.changes import rows
from queues.changes.desk_press import at_desk, pressing
from queues.changes.one_by_one import one_by_one
from queues.models import AfterVisit, Desk, Ticket
from queues.states import AT_DESK

WRITING_LASTS = timedelta(seconds=5)
"""After a page has said that its clerk is writing."""
ATTENDED_FOR = timedelta(seconds=150)
"""After a page of the desk has said that it is open; browsers let a page in the background speak once a minute."""
ANOTHER_SPEAKS_IN = timedelta(seconds=35)
"""After a page has closed. One that is open says so every half a minute (`static/js/attendance.js`)."""


def set_auto_call(desk: Desk, *, on: bool, by: User) -> Desk:
    """The clerk's choice: whether the desk, when it is idle, calls the next one after the branch's auto-call delay.
    Locks the branch."""
    with pressing(desk, by) as here:
        rows.save(here, calls_by_itself=on, ready_since=clock.now(), attended_until=clock.now() + ATTENDED_FOR)
        return here


def attend(desk: Desk, *, by: User, is_open: bool, is_writing: bool) -> None:
    """What a page of the desk says of itself now and then. A desk without an open page doesn't call by itself; nor does
    one whose clerk is typing about a visitor, and its branch's delay begins afterwards. A page that closes leaves
    another one of the desk the time to say that it is open. No screen shows any of it: one statement, and no lock of
    the branch."""
    now = clock.now()
    said = {"attended_until": now + (ATTENDED_FOR if is_open else ANOTHER_SPEAKS_IN)}
    if is_writing:
        said["writing_until"] = now + WRITING_LASTS
    here = Desk.objects.filter(pk=desk.pk, clerk=by)
    if not is_open:
        here = here.filter(attended_until__gt=now + ANOTHER_SPEAKS_IN)
    here.update(**said)


def auto_call_idle_desks() -> int:
    """For every desk whose clerk wants it so and that has been idle for its branch's auto-call delay: call the next
    one. Only in branches that are in their present day, so `close_day` comes first. Returns how many were called. One
    query where there is nobody to call; locks each branch where somebody is called."""
    return one_by_one(_idle_desks(), _call_when_due)


def _call_when_due(desk: Any) -> int:
    """For a desk of `_idle_desks`."""
    instants = (desk.ready_since, desk.last_at, desk.clerk_since, desk.writing_until)
    since = max(instant for instant in instants if instant)
    is_due = clock.now() - since >= timedelta(seconds=desk.branch.breath)
    return _call_for(desk, saw=desk.last_event or NOTHING_YET) if is_due else 0


def _call_for(desk: Desk, *, saw: int) -> bool:
    """Call for the clerk who wanted it, unless they have changed their mind, begun to write, or gone."""
    with at_desk(desk) as here:
        wanted = here.calls_by_itself and here.clerk_id == desk.clerk_id and here.writing_until == desk.writing_until
        if wanted:
            call_due(here, by=here.clerk, saw=saw)
        return wanted


def _idle_desks() -> QuerySet[Desk, Any]:
    """The desks that wait to call by themselves and could, with their last event and its instant. As `queries.due_at`,
    but for all branches at once: their days are those that the clock has closed up to."""
    events = queries.latest_first(OuterRef("pk"))
    has = Ticket.objects.filter(desk=OuterRef("pk"), state__in=AT_DESK)
    now = clock.now()
    may_press = Q(clerk__is_superuser=True) | Q(clerk__memberships__branch=F("branch"))
    for_anybody = Q(service__desks=OuterRef("pk"), for_desk__isnull=True, for_clerk__isnull=True)
    due = (
        Ticket.objects.waiting(now)
        .callable_at(now)
        .leading()
        .filter(
            Q(business_day=OuterRef("branch__day")) | Q(branch__day__isnull=True),
            for_anybody | Q(for_desk=OuterRef("pk")) | Q(for_clerk=OuterRef("clerk")),
            branch=OuterRef("branch"),
        )
    )
    return (
        Desk.objects.select_related("branch", "clerk")
        .filter(~Exists(has), Exists(due), calls_by_itself=True, clerk__isnull=False, paused_since__isnull=True)
        .filter(may_press, clerk__is_active=True, attended_until__gt=now, branch__paused_since__isnull=True)
        .exclude(unrecorded__isnull=False, branch__after_visit=AfterVisit.REQUIRED)
        .distinct()
        .annotate(last_event=Subquery(events.values("pk")[:1]), last_at=Subquery(events.values("at")[:1]))
    )
