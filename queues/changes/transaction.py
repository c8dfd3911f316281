"""The frame of every change to a branch."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from live.announce import announce
from queues.compiled import CompiledQuery, Param
from queues.models import Branch
from queues.refusals import BranchGone, Refusal
from queues.signals import refused
from queues.topics import branch_topic

turns = threading.Lock()


def _grow(select: str) -> str:
    """The statement that makes the branch's revision grow and gives the branch as it is then."""
    columns = select.removeprefix("SELECT ").partition(" FROM ")[0]
    return f'UPDATE "queues_branch" SET "revision" = "revision" + 1 WHERE "id" = %s RETURNING {columns}'  # noqa: S608 - Django's own columns


GROWN = CompiledQuery(lambda: Branch.objects.filter(pk=Param("branch")).order_by(), written=_grow)


@contextmanager
def changing(branch_id: int) -> Iterator[Branch]:
    """One transaction that changes what this branch's screens may show; yields the branch, locked.

    Bumps the revision first: the row lock serialises the branch, so revisions are commits in order. Announces after
    the commit, never after a rollback. Raises BranchGone.
    """
    try:
        with _locked(branch_id) as branch:
            yield branch
    except Refusal as refusal:
        refused.send(sender=type(refusal), refusal=refusal)
        raise


@contextmanager
def _locked(branch_id: int) -> Iterator[Branch]:
    with _turn(), transaction.atomic():
        branch = GROWN.first(branch=branch_id)
        if branch is None:
            raise BranchGone
        # Not a partial: Django logs a failing hook by its __qualname__, and would fail itself for want of one.
        transaction.on_commit(lambda: announce(branch_topic(branch_id)), robust=True)
        yield branch


@contextmanager
def _turn() -> Iterator[None]:
    """Who waits for SQLite's lock asks again and again, and may go on asking in vain while others get it: the threads
    of one process queue up here instead. Never inside another transaction, which may have that lock already."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with turns:
            yield
    else:
        yield
