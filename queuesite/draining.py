"""A server that is told to stop answers what is under way first, and ends in any case.

By itself Daphne cancels every request at once and stops its event loop. A request in a thread then waits for that loop
for ever, and the process for the thread: it stood there until it was killed, and whoever had pressed got no answer.
"""

import os
import signal
import threading
import time
from typing import Any

from daphne import server as _server  # noqa: F401 - first: it chooses Twisted's reactor

from twisted.internet import reactor  # isort: skip
from twisted.internet.main import CONNECTION_DONE
from twisted.internet.tcp import Port
from twisted.python.failure import Failure

from live.socket import Receive, Scope, Send

DRAINS_FOR = 7.0
"""Seconds that requests under way are waited for."""
ENDS_WITHIN = 9.0
"""Seconds after which the process ends whatever is still going on in it."""
LOOKS_EVERY = 0.05
QUIET_LOOKS = 6
"""So many looks in a row must find no request: one that was sent in time may not have been read yet, and the last
answer's bytes must leave."""
WAITING = 4096
"""More connections than wait to be accepted."""


class Draining:
    """Counts the HTTP requests under way in front of an ASGI application. Used on the server's loop only."""

    def __init__(self, application: Any) -> None:
        self.application = application
        self.under_way = 0
        self._began = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        self.under_way += 1
        try:
            await self.application(scope, receive, send)
        finally:
            self.under_way -= 1

    def before_stopping(self) -> None:
        """From when the reactor runs, SIGTERM and SIGINT make this take no new connection and drain; then it stops."""
        _loop().callWhenRunning(self._take_signals)

    def _take_signals(self) -> None:
        for which in (signal.SIGTERM, signal.SIGINT):
            signal.signal(which, lambda *_signal: _loop().callFromThread(self._drain))

    def _drain(self) -> None:
        if self._began:
            return
        self._began = True
        threading.Thread(target=_end_at_last, name="end-at-last", daemon=True).start()
        for reader in _loop().getReaders():
            if isinstance(reader, Port):
                _close(reader)
        self._look(until=time.monotonic() + DRAINS_FOR)

    def _look(self, *, until: float, quiet: int = 0) -> None:
        quiet = 0 if self.under_way else quiet + 1
        if quiet == QUIET_LOOKS or time.monotonic() > until:
            _loop().stop()
        else:
            _loop().callLater(LOOKS_EVERY, self._look, until=until, quiet=quiet)


def _close(port: Port) -> None:
    """With `stopListening` those would be turned away who are connected and not accepted yet."""
    port.stopReading()  # type: ignore[no-untyped-call]  # Twisted's
    port.numberAccepts = WAITING
    port.doRead()  # type: ignore[no-untyped-call]
    port.connectionLost(Failure(CONNECTION_DONE))  # type: ignore[no-untyped-call]


def _loop() -> Any:
    """Twisted's reactor, which is a module to the type checker."""
    return reactor


def _end_at_last() -> None:
    """The interpreter would wait for its threads, and one may wait for what never comes."""
    time.sleep(ENDS_WITHIN)
    os._exit(0)
