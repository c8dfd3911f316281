"""Whose turn it is when thousands of screens come back at once.

A handshake keeps the event loop for a millisecond. By itself the loop begins all that have arrived, hundreds in one
round, and a press needs several rounds until its answer is out. Here a few begin in each round, so that a press waits
for a few.
"""

import logging
from collections import deque
from collections.abc import Callable

logger = logging.getLogger(__name__)

EACH_ROUND = 2

Begin = Callable[[], None]
CallLater = Callable[[float, Begin], object]


class HandshakeTurns:
    """A line of handshakes, first come, first served. Used on the server's loop only."""

    def __init__(self) -> None:
        self._line: deque[Begin] = deque()

    def wait(self, begin: Begin, call_later: CallLater) -> None:
        """Call `begin` when its turn has come, never at once. `call_later` is the loop's."""
        self._line.append(begin)
        if len(self._line) == 1:
            call_later(0, lambda: self._round(call_later))

    def _round(self, call_later: CallLater) -> None:
        begins = [self._line.popleft() for _begin in range(min(EACH_ROUND, len(self._line)))]
        if self._line:
            call_later(0, lambda: self._round(call_later))
        for begin in begins:
            try:
                begin()
            except Exception:
                logger.exception("A handshake failed.")
