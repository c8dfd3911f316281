"""When Python's garbage collector looks at everything.

With 5,000 sockets open that takes half a second, in which nobody is sent or answered anything, and by itself it came in
the middle of a call, or six times while thousands of screens came back. Here it comes when many have come or gone and
it is calm again; what is there then is not looked at any more until the next time.
"""

import gc
import time
from itertools import count

OFTEN = (700, 10)
"""New objects until the young are looked at, and how often that happens until the middle-aged are: Python's own."""
SELDOM = 1000
"""How often those are looked at until everything is, whatever happens here. Python's own is 10."""
MANY = 500
"""Sockets that have come or gone since, or a quarter of those open if that is more: the collector's own measure."""
CALM = 20
"""So few in a second are no reconnect storm."""
REQUESTS = 1000
"""Answered until what they have left is collected."""
CALM_AFTER = 2.0
"""Seconds without more than that."""
CALM_WITHIN = 30
"""Seconds for which it waits for calm, once many have moved: where some always come and go it is never calm."""


def collect_and_freeze() -> None:
    """Look at everything now, and at what is still there then not again. For when a process has loaded what it needs,
    and for when a reconnect storm is over."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def collect_seldom() -> None:
    """From now on, for this process."""
    gc.set_threshold(*OFTEN, SELDOM)
    collect_and_freeze()


class ReconnectStorms:
    """Watches sockets come and go, and tidies up after many have. Used on the server's loop only."""

    def __init__(self) -> None:
        self._moved = 0
        self._lately = 0
        self._waited = 0
        self._stormy_at = -CALM_AFTER

    def moved(self) -> None:
        """A socket has come or gone, or was refused: what is left of it is garbage that only the collector finds."""
        self._moved += 1
        self._lately += 1
        if self._lately > CALM:
            self._stormy_at = time.monotonic()

    @property
    def is_calm(self) -> bool:
        """In any thread."""
        return time.monotonic() - self._stormy_at >= CALM_AFTER

    def tick(self, open_now: int) -> None:
        """To be called once a second."""
        calm, self._lately = self._lately <= CALM, 0
        if self._moved < max(MANY, open_now // 4):
            return
        self._waited += 1
        if calm or self._waited > CALM_WITHIN:
            self._moved = self._waited = 0
            collect_and_freeze()


class Requests:
    """Counts answered requests, each of which leaves some kilobytes that refer to themselves: where no socket comes or
    goes for hours, nobody else would tidy up after them."""

    def __init__(self) -> None:
        self._answered = count(1)

    def answered(self) -> None:
        """In any thread. What is frozen isn't looked at, so this takes a few milliseconds, once in REQUESTS. In a
        reconnect storm nothing of what has come is frozen yet: then it is left to the look that follows the storm."""
        if next(self._answered) % REQUESTS == 0 and reconnect_storms.is_calm:
            gc.collect()


requests = Requests()
"""Of this process."""
reconnect_storms = ReconnectStorms()
"""Of this process."""
