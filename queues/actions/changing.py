"""The frame of every change to a branch."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.models import F

from live.announce import announce
from queues.models import Branch
from queues.refusals import BranchGone, Refusal
from queues.signals import refused
from queues.topics import branch_topic

turns = threading.Lock()


@contextmanager
def changing(branch_id: int) -> Iterator[Branch]:
    """One transaction that changes what this branch's screens may show; yields the branch, locked. Raises
    BranchGone."""
    with lock(branch_id):
        yield Branch.objects.get(pk=branch_id)


@contextmanager
def lock(branch_id: int) -> Iterator[None]:
    """As `changing`, for who reads the branch together with something else.

    Bumps the revision first: the row lock serialises the branch, so revisions are commits in order. Announces after
    the commit, never after a rollback. Raises BranchGone.
    """
    try:
        with _locked(branch_id):
            yield
    except Refusal as refusal:
        refused.send(sender=type(refusal), refusal=refusal)
        raise


@contextmanager
def _locked(branch_id: int) -> Iterator[None]:
    with _turn(), transaction.atomic():
        if not Branch.objects.filter(pk=branch_id).update(revision=F("revision") + 1):
            raise BranchGone
        # Not a partial: Django logs a failing hook by its __qualname__, and would fail itself for want of one.
        transaction.on_commit(lambda: announce(branch_topic(branch_id)), robust=True)
        yield


@contextmanager
def _turn() -> Iterator[None]:
    """Who waits for SQLite's lock asks again and again, and may go on asking in vain while others get it: the threads
    of one process queue up here instead. Never inside another transaction, which may have that lock already."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with turns:
            yield
    else:
        yield
