"""Work that a caller waits for no longer than it can afford: some of it, such as looking up a name, knows no limit."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

THREADS = 8
"""So many pieces of work run at a time. Where all of them hang, the next one spends its time waiting for a thread."""
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="limited")


def within(seconds: float, work: Callable[[], T]) -> T:
    """What `work` returns or raises, on a thread of its own. Raises TimeoutError when that takes longer; work that has
    begun then goes on to its end, unheard."""
    running = _threads.submit(work)
    try:
        return running.result(seconds)
    except TimeoutError:
        running.cancel()
        raise
