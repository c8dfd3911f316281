"""How a long-running command notices that it should end."""

import os
import select
import signal
from collections.abc import Collection
from contextlib import suppress
from types import FrameType

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Stopping:
    """From the moment it is made, SIGTERM, SIGINT and SIGHUP no longer interrupt: they set `asked` and end `wait`.
    `wake_on` names signals that end a wait only."""

    def __init__(self, wake_on: Collection[signal.Signals] = ()) -> None:
        self.asked = False
        # A pipe, because an Event's own lock may be held by the very thread that the signal interrupts.
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)
        for number in (*ENDING, *wake_on):
            signal.signal(number, self._heard)

    def wait(self, seconds: float) -> bool:
        """Sleep for so long, or until a signal comes. Returns whether the command should end."""
        if not self.asked and select.select([self._reader], [], [], max(0.0, seconds))[0]:
            os.read(self._reader, 4096)
        return self.asked

    def _heard(self, number: int, _frame: FrameType | None) -> None:
        self.asked = self.asked or number in ENDING
        with suppress(BlockingIOError):  # the pipe is full, so the wait ends anyway
            os.write(self._writer, b".")
