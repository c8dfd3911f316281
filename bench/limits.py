"""The physical limits, each as small and fast as it can be made: what the system's figures are held against.

`python -m bench.limits` is a bare `websockets` server that says the same bytes to everybody: no compression, no pings,
no HTTP, no templates, no database. It prints its port, then takes one text a line and answers each with the moment (of
the monotonic clock) just before it was broadcast.
"""

import asyncio
import gc
import json
import resource
import socket
import sys
import time

from websockets.asyncio.server import ServerConnection, broadcast, serve

HERE = "127.0.0.1"
BACKLOG = 4096
LONGEST = 1 << 26

sockets: set[ServerConnection] = set()


async def stay(here: ServerConnection) -> None:
    sockets.add(here)
    await here.wait_closed()
    sockets.discard(here)


async def broadcasting() -> None:
    async with serve(
        stay, HERE, 0, backlog=BACKLOG, compression=None, ping_interval=None, open_timeout=None, server_header=None
    ) as server:
        # As the system's own server does: what is loaded by now need not be looked at again.
        gc.collect()
        gc.freeze()
        _say({"port": next(iter(server.sockets)).getsockname()[1]})
        orders = asyncio.StreamReader(limit=LONGEST)
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
        while line := await orders.readline():
            text = json.loads(line)["say"]
            began = time.monotonic()
            broadcast(sockets, text)
            _say({"began": began})


def _say(answer: dict[str, float]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


class RawPublish:
    """Redis alone: two connections, and the bytes of one PUBLISH."""

    def __init__(self, port: int) -> None:
        self._subscriber = socket.create_connection((HERE, port))
        self._subscriber.sendall(b"SUBSCRIBE bench\r\n")
        self._subscriber.recv(1 << 16)
        self._publisher = socket.create_connection((HERE, port))
        for one in (self._subscriber, self._publisher):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def seconds(self) -> float:
        """From PUBLISH to the subscriber's message."""
        began = time.perf_counter()
        self._publisher.sendall(b"PUBLISH bench notice\r\n")
        self._subscriber.recv(1 << 16)
        took = time.perf_counter() - began
        self._publisher.recv(1 << 16)
        return took


if __name__ == "__main__":
    _soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(broadcasting())
