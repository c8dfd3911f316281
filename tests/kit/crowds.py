"""Many at once: threads that begin together, and the errors that would otherwise stay in them."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from threading import Barrier
from typing import TypeVar

import pytest
from django.db import connection, connections

from queues.changes import together
from queues.changes.transaction import changing
from queues.models import Branch
from queues.refusals import BranchBusy
from tests.kit.servers import clean_environment

T = TypeVar("T")
TOGETHER_WITHIN = 30.0


def all_at_once(works: Sequence[Callable[[], T]]) -> list[T]:
    """Run every work in a thread of its own, all beginning at the same moment; what they return, in their order. The
    first error is raised here."""
    start = Barrier(len(works))

    def run(work: Callable[[], T]) -> T:
        start.wait(TOGETHER_WITHIN)
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as threads:
        futures = [threads.submit(run, work) for work in works]
        return [future.result() for future in futures]


@contextmanager
def busy_after(turns: int) -> Iterator[None]:
    """A crowd is moved two at a time, and after so many turns others keep the branch's lock for too long."""
    free = iter(range(turns))

    def changing_while_free(branch_id: int) -> AbstractContextManager[Branch]:
        if next(free, None) is None:
            raise BranchBusy
        return changing(branch_id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(together, "AT_ONCE", 2)
        patch.setattr(together, "changing", changing_while_free)
        yield


def database_url() -> str:
    """Where the tests' rows are, for another process."""
    chosen = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{chosen['NAME']}"
    return f"postgres://{chosen['USER']}@{chosen['HOST']}:{chosen['PORT']}/{chosen['NAME']}"


def stores() -> dict[str, str]:
    """The environment in which another process works on the tests' own rows. It sends change notices to nobody."""
    return {**clean_environment(), "DATABASE_URL": database_url()}
