"""The cable between a browser and a server, which a test may cut and mend."""

import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.kit.servers import HERE

CHUNK = 65536


class Link:
    """Passes bytes on, both ways, between its own port and the server's. Cut, it refuses every connection."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._listening: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.port = 0
        self.mend()

    @property
    def url(self) -> str:
        return f"http://{HERE}:{self.port}"

    def mend(self) -> None:
        listening = socket.create_server((HERE, self.port))
        self.port = int(listening.getsockname()[1])
        self._listening = listening
        threading.Thread(target=self._accept, args=[listening], daemon=True).start()

    def cut(self) -> None:
        """Nothing passes any more, and nobody can connect."""
        if self._listening is not None:
            self._listening.shutdown(socket.SHUT_RDWR)
            self._listening.close()
            self._listening = None
        with self._lock:
            for end in self._open:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def _accept(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _address = listening.accept()
                threading.Thread(target=self._carry, args=[near], daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with near, suppress(OSError), socket.create_connection((HERE, self._to_port)) as far:
            with self._lock:
                self._open |= {near, far}
            try:
                self._pass_on(near, far)
            finally:
                with self._lock:
                    self._open -= {near, far}

    def _pass_on(self, near: socket.socket, far: socket.socket) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(near, selectors.EVENT_READ, far)
            ready.register(far, selectors.EVENT_READ, near)
            while True:
                for key, _events in ready.select():
                    received = socket.socket.recv(key.fileobj, CHUNK)  # type: ignore[arg-type]
                    if not received:
                        return
                    key.data.sendall(received)


@contextmanager
def linked(to_port: int) -> Iterator[Link]:
    link = Link(to_port)
    try:
        yield link
    finally:
        link.cut()
