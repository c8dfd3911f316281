"""A cable of our own between two programs, which can be cut, slowed down or held."""

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import suppress

from tests.kit.servers import HERE, free_port

CHUNK = 65536
BACKLOG = 4096
ESTABLISHED = 1
"""As TCP_INFO says it."""


def is_established(connection: socket.socket) -> bool:
    """Whether the kernel has heard of no end yet; what has arrived may be unread."""
    if connection.fileno() < 0:
        return False  # closed meanwhile
    return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == ESTABLISHED


class Link:
    """One connection through the wire."""

    def __init__(self, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        self._ends = (near, far)
        self.flows = asyncio.Event()
        self.flows.set()
        self.last = ""
        """The first line of what has come last, from either side: who this is, where something is wrong with it."""

    @property
    def is_held(self) -> bool:
        """Nothing passes any more, and the far end doesn't know."""
        return not self.flows.is_set() and is_established(self._ends[1].get_extra_info("socket"))

    def close(self) -> None:
        for writer in self._ends:
            writer.transport.abort()


class Wire:
    """Takes connections on `port` and carries each to one of its ends: to each in its turn, passing over those that
    refuse. Runs in the event loop that opened it."""

    def __init__(self) -> None:
        self.port = free_port()
        self.ends: list[int] = []
        self.delay = 0.0
        """Seconds that each piece takes, each way."""
        self._links: set[Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._whole = True
        self._turn = 0
        self._server: asyncio.Server | None = None

    async def open(self, ends: Sequence[int]) -> None:
        self.ends = list(ends)
        self._server = await asyncio.start_server(self._accept, HERE, self.port, backlog=BACKLOG)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """End every connection, and let no new one through."""
        self._whole = False
        for link in tuple(self._links):
            link.close()

    def mend(self) -> None:
        self._whole = True

    def hold(self) -> None:
        """Both sides of every present connection go on believing in it, and hear nothing any more. New ones work."""
        for link in self._links:
            link.flows.clear()

    def held(self) -> list[str]:
        """Such connections that the far ends still believe in, each by what came last on it."""
        return [link.last for link in self._links if link.is_held]

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._carry(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await self._connect() if self._whole else None
        if there is None:
            writer.transport.abort()
            return
        link = Link(writer, there[1])
        self._links.add(link)
        ways = [asyncio.create_task(self._pump(link, *way)) for way in ((reader, there[1]), (there[0], writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            link.close()
            self._links.discard(link)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for port in self._in_turn():
            with suppress(OSError):
                return await asyncio.open_connection(HERE, port)
        return None

    def _in_turn(self) -> Iterator[int]:
        self._turn += 1
        return (self.ends[(self._turn + step) % len(self.ends)] for step in range(len(self.ends)))

    async def _pump(self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(CHUNK):
                if self.delay:
                    await asyncio.sleep(self.delay)
                link.last = piece[:60].partition(b"\r\n")[0].decode("latin1")
                await link.flows.wait()
                writer.write(piece)
                await writer.drain()
