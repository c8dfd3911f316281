"""The change of the business day, and when it comes."""

from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from modeltranslation.utils import build_localized_fieldname

from queues import queries
from queues.changes import rows
from queues.changes.desk_press import end_session
from queues.changes.together import move_together
from queues.changes.transaction import changing
from queues.models import Branch, Desk, Ticket, Visit
from queues.models.branch import all_languages
from queues.states import State

NO_CHANGE = MappingProxyType({"next_time_zone": "", "next_rollover_hour": None})
"""The boundary of the day stays as it is."""


def close_day(branch: Branch) -> int:
    """Close every business day before today's, once. Visitors who wait, were called or are on hold are EXPIRED; a
    visitor who is being served stays with the desk until it finishes.

    What was known of anybody but the number is forgotten: names, needs, notes. No desk has a session any more, unless
    somebody is served there. Their notice, pause, closing and call for help end. Returns how many expired. Locks the
    branch.
    """
    today = queries.today(branch)
    if branch.day == today:
        return 0
    expired = move_together(branch, queries.left_over, State.EXPIRED, action="close_day")
    with changing(branch.pk) as locked:
        _forget(locked, since=branch.day)
        _end_sessions(locked)
        Branch.objects.filter(pk=locked.pk).update(day=today, **_ended(locked), **_next_boundary(locked))
        branch.day = today
        return len(expired)


def change_day_boundary(branch: Branch, *, time_zone: str, rollover_hour: int) -> bool:
    """The branch's days begin at this hour of this time zone from its next change of day on: whoever is in the house
    stays in the day that they came on. At once, where nobody has come today. Returns whether it was at once. Locks the
    branch."""
    with changing(branch.pk) as here:
        as_it_is = (here.time_zone, here.rollover_hour) == (time_zone, rollover_hour)
        at_once = as_it_is or not Ticket.objects.filter(branch=here, business_day__gte=queries.today(here)).exists()
        if at_once:
            rows.save(here, time_zone=time_zone, rollover_hour=rollover_hour, **NO_CHANGE)
        else:
            rows.save(here, next_time_zone=time_zone, next_rollover_hour=rollover_hour)
        return at_once


def _next_boundary(branch: Branch) -> dict[str, Any]:
    """What was to take over at this change of day, as the columns to change."""
    if branch.next_rollover_hour is None:
        return {}
    return {"time_zone": branch.next_time_zone, "rollover_hour": branch.next_rollover_hour, **NO_CHANGE}


def _end_sessions(branch: Branch) -> None:
    """A session that was opened on an earlier day ends; this may run late, when today's clerks are there already."""
    serving = Ticket.objects.filter(branch=branch, state=State.SERVING).values("desk")
    for desk in Desk.objects.filter(branch=branch, clerk__isnull=False).exclude(pk__in=serving):
        if _is_over(branch, desk.clerk_since):
            desk.branch = branch
            end_session(desk, by=None)


def _ended(branch: Branch) -> dict[str, Any]:
    """What was said of an earlier day, as the columns to change."""
    columns: dict[str, Any] = {}
    if _is_over(branch, branch.notice_since):
        unsaid = {build_localized_fieldname("notice", language): "" for language in all_languages()}
        columns |= {"notice": "", "notice_since": None, **unsaid}
    for column in ("paused_since", "kiosk_help_since"):
        if _is_over(branch, getattr(branch, column)):
            columns[column] = None
    if branch.closed_day is not None and branch.closed_day < queries.today(branch):
        columns["closed_day"] = None
    return columns


def _is_over(branch: Branch, since: datetime | None) -> bool:
    return since is not None and branch.business_day(since) < queries.today(branch)


def _forget(branch: Branch, *, since: date | None) -> None:
    """Nothing of the days that have just ended says any more who somebody was or what they needed."""
    ended = Ticket.objects.filter(branch=branch, business_day__lt=queries.today(branch))
    if since is not None:
        ended = ended.filter(business_day__gte=since)
    ended.exclude(visitor_name="", needs=[]).update(visitor_name="", needs=[])
    # Whoever was being served when a day closed may have been noted about since, however long ago that day was.
    noted = Visit.objects.filter(ticket__branch=branch, ticket__business_day__lt=queries.today(branch))
    noted.exclude(note="").update(note="")
