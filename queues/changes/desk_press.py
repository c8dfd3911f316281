"""The frame of every press at a desk: one person at a desk."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import QuerySet

from accounts.models import User
from queues import clock
from queues.changes import rows
from queues.changes.branch_log import log_event
from queues.changes.transaction import changing
from queues.compiled import compiled
from queues.models import Desk, What
from queues.refusals import AlreadyCalled, DeskBusy, DeskGone, DeskTaken


@compiled
def _desk(desk: int) -> QuerySet[Desk]:
    return Desk.objects.filter(pk=desk)


@contextmanager
def at_desk(desk: Desk) -> Iterator[Desk]:
    """A change of the desk's branch that yields the desk as it is now, its branch with it. Raises DeskGone.
    Locks the branch."""
    with changing(desk.branch_id) as branch:
        here = _desk.first(desk=desk.pk)
        if here is None:
            raise DeskGone
        here.branch = branch
        yield here


@contextmanager
def pressing(desk: Desk, by: User | None) -> Iterator[Desk]:
    """As `at_desk`, for a press of the clerk signed in there. A press at a free desk opens a session.

    Raises DeskTaken when somebody else is signed in there, DeskGone, and DeskBusy where AlreadyCalled would name this
    very desk. `by` None is the clock, a simulation or a replay, which never sign in. Locks the branch.
    """
    with at_desk(desk) as here:
        if by is not None and here.clerk_id is None:
            set_clerk(here, by, What.SAT_DOWN)
        elif by is not None and here.clerk_id != by.pk:
            raise DeskTaken(here)
        try:
            yield here
        except AlreadyCalled as refusal:
            if refusal.ticket.desk_id == here.pk:
                raise DeskBusy(refusal.ticket) from refusal
            raise


def set_clerk(desk: Desk, clerk: User | None, what: What, *, by: User | None = None) -> None:
    """From now on this person is signed in at the desk, or nobody. What is still to be said of the last visit was its
    clerk's to say. Call it inside `changing`."""
    now = clock.now()
    since = now if clerk else None
    clerk_id = clerk.pk if clerk else None
    rows.save(desk, clerk_id=clerk_id, clerk_since=since, ready_since=since, calls_by_itself=False, unrecorded_id=None)
    desk.clerk = clerk
    log_event(desk.branch, what, desk=desk, by=clerk or by)


def end_session(desk: Desk, *, by: User | None) -> None:
    """The desk session is over, and nothing of its clerk's is left. Call it inside `changing`."""
    rows.save(desk, paused_since=None, pause_reason="", pause_until=None, help_since=None, helper_id=None)
    set_clerk(desk, None, What.STOOD_UP, by=by)
