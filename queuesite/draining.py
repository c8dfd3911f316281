"""A server that is told to stop answers what is under way first, and ends in any case.

By itself Daphne stops its event loop at once. A request in a thread then waits for that loop for ever, and the process
for the thread: it stood there until it was killed, and whoever had pressed got no answer.
"""

import os
import threading
import time
from typing import Any

from daphne import server as _server  # noqa: F401 - first: it chooses Twisted's reactor

from twisted.internet import reactor  # isort: skip
from twisted.internet.defer import Deferred
from twisted.internet.tcp import Port

from live.socket import Receive, Scope, Send

DRAINS_FOR = 7.0
"""Seconds that requests under way are waited for."""
ENDS_WITHIN = 9.0
"""Seconds after which the process ends whatever is still going on in it."""
LOOKS_EVERY = 0.05
FLUSHES_IN = 0.1
"""Seconds for the last answer's bytes to leave."""


class Draining:
    """Counts the HTTP requests under way in front of an ASGI application. Used on the server's loop only."""

    def __init__(self, application: Any) -> None:
        self.application = application
        self.under_way = 0

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
        """From now on the reactor, when it is told to stop, takes no new connection and lets this drain first."""
        _loop().addSystemEventTrigger("before", "shutdown", self._drain)

    def _drain(self) -> "Deferred[None]":
        threading.Thread(target=_end_at_last, name="end-at-last", daemon=True).start()
        for reader in _loop().getReaders():
            if isinstance(reader, Port):
                reader.stopListening()  # type: ignore[no-untyped-call]  # Twisted's
        drained: Deferred[None] = Deferred()
        self._look(drained, until=time.monotonic() + DRAINS_FOR)
        return drained

    def _look(self, drained: "Deferred[None]", *, until: float) -> None:
        if self.under_way == 0 or time.monotonic() > until:
            _loop().callLater(FLUSHES_IN, drained.callback, None)
        else:
            _loop().callLater(LOOKS_EVERY, self._look, drained, until=until)


def _loop() -> Any:
    """Twisted's reactor, which is a module to the type checker."""
    return reactor


def _end_at_last() -> None:
    """The interpreter would wait for its threads, and one may wait for what never comes."""
    time.sleep(ENDS_WITHIN)
    os._exit(0)
