"""One query for all who come at once: after a broken line thousands of sockets are back within seconds."""

import asyncio
from collections.abc import Callable, Collection, Hashable, Mapping
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async

Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")


class BatchedLookup(Generic[Key, Found]):
    """Asks the database for one key, or for all that have come while it was asked before: `look_up` gives those of the
    keys that it finds, in a thread. A key that makes it raise fails for all that are asked for with it: the pattern of
    the address has to keep such keys out."""

    def __init__(self, look_up: Callable[[Collection[Key]], Mapping[Key, Found]]) -> None:
        self._look_up = database_sync_to_async(look_up)
        self._waiting: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Key, asyncio.Future[Found | None]]] = (
            WeakKeyDictionary()
        )
        self._asking: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Task[None]] = WeakKeyDictionary()

    async def __call__(self, key: Key) -> Found | None:
        """What the key stands for, None for nothing. Raises what `look_up` raises."""
        loop = asyncio.get_running_loop()
        waiting = self._waiting.setdefault(loop, {})
        if key not in waiting:
            waiting[key] = loop.create_future()
        answer = waiting[key]
        if loop not in self._asking:
            self._asking[loop] = loop.create_task(self._ask(loop))
        # Others may wait for the same answer: a socket that goes must not take it from them.
        return await asyncio.shield(answer)

    async def _ask(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            while waiting := self._waiting.pop(loop, None):
                await self._answer(waiting)
        finally:
            del self._asking[loop]

    async def _answer(self, waiting: Mapping[Key, "asyncio.Future[Found | None]"]) -> None:
        try:
            found = await self._look_up(tuple(waiting))
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait are told
            for answer in waiting.values():
                answer.set_exception(error)
                answer.exception()  # whoever waited may have gone: then nobody has to hear of it
            return
        for key, answer in waiting.items():
            answer.set_result(found.get(key))
