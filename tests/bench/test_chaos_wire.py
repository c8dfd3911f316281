"""The chaos test's own tools: a wire that does what is said of it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from bench.chaos.wire import Wire, is_established
from tests.kit.servers import HERE, free_port

pytestmark = pytest.mark.embedded

SOON = 5.0


class Talk:
    """One connection through the wire to a server that says everything again."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def hears(self, word: bytes) -> bytes:
        """What comes back; b"" where the connection ends instead. Raises TimeoutError."""
        self._writer.write(word)
        try:
            return await asyncio.wait_for(self._reader.read(100), SOON)
        except ConnectionError:
            return b""


@asynccontextmanager
async def wired(*ends: int) -> AsyncIterator[tuple[Wire, Callable[[], Awaitable[Talk]]]]:
    """A wire to these ports and to an echo, which is the last of its ends; and what opens a connection through it."""
    writers: list[asyncio.StreamWriter] = []

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while word := await reader.read(100):
            writer.write(word)
        writer.close()

    async def talk() -> Talk:
        reader, writer = await asyncio.open_connection(HERE, wire.port)
        writers.append(writer)
        return Talk(reader, writer)

    wire = Wire()
    async with await asyncio.start_server(echo, HERE, 0) as server:
        await wire.open([*ends, server.sockets[0].getsockname()[1]])
        try:
            yield wire, talk
        finally:
            await wire.close()
            for writer in writers:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()


def test_a_wire_passes_over_an_end_that_refuses() -> None:
    async def scene() -> None:
        async with wired(free_port()) as (_wire, talk):
            for _turn in range(2):
                assert await (await talk()).hears(b"a") == b"a"

    asyncio.run(scene())


def test_a_cut_wire_ends_what_is_on_it_and_refuses_what_comes_until_it_is_mended() -> None:
    async def scene() -> None:
        async with wired() as (wire, talk):
            before = await talk()
            assert await before.hears(b"a") == b"a"
            wire.cut()
            assert await before.hears(b"b") == b""
            assert await (await talk()).hears(b"c") == b""
            wire.mend()
            assert await (await talk()).hears(b"d") == b"d"

    asyncio.run(scene())


def test_a_connection_that_is_closed_here_is_none() -> None:
    with socket.socket() as connection:
        pass
    assert not is_established(connection)


def test_a_held_connection_is_silent_while_both_sides_believe_in_it_and_new_ones_work() -> None:
    async def scene() -> None:
        async with wired() as (wire, talk):
            before = await talk()
            assert await before.hears(b"a") == b"a"
            wire.hold()
            saying = asyncio.create_task(before.hears(b"b"))
            assert await (await talk()).hears(b"c") == b"c"
            assert (saying.done(), len(wire.held())) == (False, 1)
            saying.cancel()

    asyncio.run(scene())


def test_a_slow_wire_delays() -> None:
    async def scene() -> None:
        async with wired() as (wire, talk):
            wire.delay = 0.1
            began = asyncio.get_running_loop().time()
            assert await (await talk()).hears(b"a") == b"a"
            assert asyncio.get_running_loop().time() - began > 0.2

    asyncio.run(scene())
