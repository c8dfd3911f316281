"""A desk, or a visitor at a kiosk, asks for help, and somebody goes there."""

from accounts.models import User
from queues import clock, queries
from queues.changes import rows
from queues.changes.branch_log import log_event
from queues.changes.desk_press import at_desk, pressing
from queues.changes.transaction import changing
from queues.models import Branch, Desk, What


def ask_for_help(desk: Desk, *, by: User) -> Desk:
    """Quietly: colleagues and the hall see it, no public screen does. Asking twice is asking once. Locks the branch."""
    with pressing(desk, by) as here:
        if here.help_since is None:
            rows.save(here, help_since=clock.now(), helper_id=None)
            log_event(here.branch, What.HELP_ASKED, desk=here, by=by)
        return here


def go_and_help(desk: Desk, *, by: User) -> Desk:
    """Somebody of the branch is on the way to that desk. Raises DeskGone. Locks the branch."""
    with at_desk(desk) as here:
        if here.help_since is not None and here.helper_id is None:
            rows.save(here, helper_id=by.pk)
            log_event(here.branch, What.HELP_COMING, desk=here, by=by)
        return here


def end_help(desk: Desk, *, by: User) -> Desk:
    """The desk needs no help any more. Locks the branch."""
    with pressing(desk, by) as here:
        if here.help_since is not None:
            rows.save(here, help_since=None, helper_id=None)
            log_event(here.branch, What.HELP_ENDED, desk=here, by=by)
        return here


def ask_at_kiosk(branch: Branch) -> None:
    """A visitor at a kiosk asks for a person: every desk and the hall see it until somebody goes. However often it is
    pressed, it is asked once in a minute. Locks the branch unless it is asked already."""
    if queries.is_asked_at_kiosk(branch):
        return
    with changing(branch.pk) as here:
        if not queries.is_asked_at_kiosk(here):
            Branch.objects.filter(pk=here.pk).update(kiosk_help_since=clock.now())
            log_event(here, What.KIOSK_HELP)


def go_to_kiosk(branch: Branch, *, by: User) -> Branch:
    """This person goes to the visitor at the kiosk. Locks the branch."""
    with changing(branch.pk) as here:
        if here.kiosk_help_since is not None:
            Branch.objects.filter(pk=here.pk).update(kiosk_help_since=None)
            log_event(here, What.KIOSK_COMING, by=by)
        return here
