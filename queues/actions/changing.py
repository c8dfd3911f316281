"""The frame of every change to a branch."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import F

from live.announce import announce
from queues.models import Branch
from queues.refusals import BranchGone, Refusal
from queues.signals import refused
from queues.topics import branch_topic


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
    with transaction.atomic():
        if not Branch.objects.filter(pk=branch_id).update(revision=F("revision") + 1):
            raise BranchGone
        # Not a partial: Django logs a failing hook by its __qualname__, and would fail itself for want of one.
        transaction.on_commit(lambda: announce(branch_topic(branch_id)), robust=True)
        yield
