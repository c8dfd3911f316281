"""The frame of every change to a branch."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.db import OperationalError, connection, transaction

from live.announce import announce
from queues.models import Branch
from queues.queries.branches import branch_row
from queues.refusals import BranchBusy, BranchGone, Refusal
from queues.signals import refused
from queues.topics import branch_topic

turns = threading.Lock()
LOCK_NOT_AVAILABLE = "55P03"


@contextmanager
def changing(branch_id: int) -> Iterator[Branch]:
    """One transaction that changes what this branch's screens may show; yields the branch, locked.

    Bumps the revision first: the row lock serialises the branch, so revisions are commits in order. Announces after
    the commit, never after a rollback. Raises BranchGone, and BranchBusy where the lock couldn't be had in time.
    """
    try:
        with _turn(), transaction.atomic():
            branch = next(iter(branch_row.returned_by(_bump(), [branch_id])), None)
            if branch is None:
                raise BranchGone
            # Not a partial: Django logs a failing hook by its __qualname__, which a partial lacks.
            transaction.on_commit(lambda: announce(branch_topic(branch_id)), robust=True)
            yield branch
    except Refusal as refusal:
        refused.send(sender=type(refusal), refusal=refusal)
        raise
    except OperationalError as error:
        if not _was_busy(error):
            raise
        busy = BranchBusy()
        refused.send(sender=BranchBusy, refusal=busy)
        raise busy from error


def _was_busy(error: OperationalError) -> bool:
    """Whether somebody else had the lock for too long: PostgreSQL's lock_timeout (55P03), or SQLite's busy timeout."""
    if connection.vendor == "sqlite":
        return "locked" in str(error)
    return getattr(error.__cause__, "sqlstate", None) == LOCK_NOT_AVAILABLE


@cache
def _bump() -> str:
    """The statement that makes the branch's revision grow, locks its row, and gives it as it is then."""
    columns = ", ".join(f'"{field.column}"' for field in Branch._meta.concrete_fields)
    return f'UPDATE "queues_branch" SET "revision" = "revision" + 1 WHERE "id" = %s RETURNING {columns}'  # noqa: S608 - names only


@contextmanager
def _turn() -> Iterator[None]:
    """Whoever waits for SQLite's lock asks again and again, and may never get it while others do: the threads of one
    process queue up here instead. Never inside another transaction, which may have that lock already."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with turns:
            yield
    else:
        yield
