"""A clerk's session at a desk: opened, taken over, paused and closed."""

from datetime import timedelta

from django.db.models import F, Q

from accounts.models import User
from queues import clock, queries
from queues.changes import rows
from queues.changes.branch_log import log_event
from queues.changes.desk_press import at_desk, end_session, pressing, set_clerk
from queues.changes.one_by_one import one_by_one
from queues.changes.tickets import refuse_if_day_is_over
from queues.changes.transition import move
from queues.models import Desk, What
from queues.refusals import DeskBusy, DeskTaken
from queues.states import State

LONGEST_PAUSE = 8 * 60
"""Minutes."""


def open_session(desk: Desk, *, by: User) -> Desk:
    """This person is signed in at the desk from now on, with the visitor that the desk has. Raises DeskTaken when
    somebody else is. Locks the branch unless they are signed in there already."""
    if Desk.objects.filter(pk=desk.pk, clerk=by).exists():
        return desk
    with pressing(desk, by) as here:
        return here


def take_over(desk: Desk, *, by: User) -> Desk:
    """This person is signed in at the desk from now on, whoever was before, with the visitor that the desk has. Raises
    DeskGone. Locks the branch."""
    with at_desk(desk) as here:
        if here.clerk_id != by.pk:
            set_clerk(here, by, What.TOOK_OVER)
        return here


def close_session(desk: Desk, *, by: User, puts_back: bool = False) -> Desk:
    """Nobody is signed in at the desk from now on. A visitor who is there goes back to the line, in the old place, if
    that was chosen. Raises DeskBusy naming the visitor otherwise, DeskTaken, DeskGone. Locks the branch."""
    with at_desk(desk) as here:
        if here.clerk_id is None:
            return here
        if here.clerk_id != by.pk:
            raise DeskTaken(here)
        has = queries.has_now(here)
        if has is not None and not puts_back:
            raise DeskBusy(has)
        if has is not None:
            refuse_if_day_is_over(has)
            move(has, State.WAITING, action="put_back", by=by)
        end_session(here, by=by)
        return here


def vacate_desks() -> int:
    """Nobody is signed in any more who may not sign in, or no longer works in the desk's branch. A visitor who is there
    stays: the hall sees them stuck. Returns how many desks were left. One query where there are none; locks each
    branch where there are."""
    works_here = Q(clerk__is_superuser=True) | Q(pk__in=Desk.objects.filter(clerk__memberships__branch=F("branch")))
    signed_in = Desk.objects.filter(clerk__isnull=False)
    return one_by_one(list(signed_in.exclude(works_here, clerk__is_active=True)), _vacate)


def _vacate(desk: Desk) -> int:
    with at_desk(desk) as here:
        if here.clerk_id == desk.clerk_id:
            end_session(here, by=None)
        return 1


def pause(desk: Desk, *, reason: str = "", minutes: int | None = None, by: User) -> Desk:
    """The desk rests, for a reason and until a planned end, which only says when it will be back. Raises DeskBusy.
    Locks the branch."""
    with pressing(desk, by) as here:
        if here.paused_since:
            return here
        has = queries.has_now(here)
        if has is not None:
            raise DeskBusy(has)
        now = clock.now()
        until = now + timedelta(minutes=min(minutes, LONGEST_PAUSE)) if minutes else None
        rows.save(here, paused_since=now, pause_reason=reason.strip()[:60], pause_until=until)
        log_event(here.branch, What.PAUSED, desk=here, by=by, words=here.pause_reason)
        return here


def resume(desk: Desk, *, by: User) -> Desk:
    """The desk is there again. Locks the branch."""
    with pressing(desk, by) as here:
        if here.paused_since:
            rows.save(here, paused_since=None, pause_reason="", pause_until=None, ready_since=clock.now())
            log_event(here.branch, What.RESUMED, desk=here, by=by)
        return here
