"""Many at once: threads that begin together, and the errors that would otherwise stay in them."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection, connections

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


def database_url() -> str:
    """Where the tests' rows are, for another process."""
    chosen = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{chosen['NAME']}"
    return f"postgres://{chosen['USER']}@{chosen['HOST']}:{chosen['PORT']}/{chosen['NAME']}"


def stores() -> dict[str, str]:
    """The environment in which another process works on the tests' own rows. It sends change notices to nobody."""
    return {**clean_environment(), "DATABASE_URL": database_url()}
