"""Waiting for what another thread, task or process does: look again until a deadline, never sleep and hope."""

import asyncio
import time
from collections.abc import Callable

LOOK_EVERY = 0.01


def eventually(holds: Callable[[], bool], *, what: str | Callable[[], str], within: float = 10.0) -> None:
    """Return as soon as `holds()`; AssertionError naming `what` after `within` seconds."""
    deadline = time.monotonic() + within
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"Not within {within} s: {what if isinstance(what, str) else what()}")
        time.sleep(LOOK_EVERY)


async def eventually_here(holds: Callable[[], bool], *, what: str | Callable[[], str], within: float = 10.0) -> None:
    """The same on an event loop, which goes on meanwhile."""
    deadline = time.monotonic() + within
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"Not within {within} s: {what if isinstance(what, str) else what()}")
        await asyncio.sleep(LOOK_EVERY)
