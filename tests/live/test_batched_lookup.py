"""All who come at once are looked up at once, and nobody's going or failing is another's."""

import asyncio
import threading
from collections.abc import Collection

import pytest

from live.batched_lookup import BatchedLookup
from tests.kit.waiting import eventually_here

NUMBERS = {"one": 1, "two": 2, "three": 3}


class Book:
    """Counts how often it is opened; keeps those who ask waiting while it is closed."""

    def __init__(self) -> None:
        self.asked: list[set[str]] = []
        self.open = threading.Event()
        self.open.set()
        self.is_torn = False

    def look_up(self, keys: Collection[str]) -> dict[str, int]:
        self.asked.append(set(keys))
        self.open.wait(5)
        if self.is_torn:
            raise RuntimeError("torn")
        return {key: NUMBERS[key] for key in keys if key in NUMBERS}


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.mark.django_db
def test_each_gets_its_own_answer_and_a_stranger_none(book: Book) -> None:
    async def scene() -> list[int | None]:
        ask = BatchedLookup(book.look_up)
        return [await ask("one"), await ask("two"), await ask("four")]

    assert asyncio.run(scene()) == [1, 2, None]
    assert book.asked == [{"one"}, {"two"}, {"four"}]


@pytest.mark.django_db
def test_all_who_come_while_it_is_asked_are_asked_for_next_at_once(book: Book) -> None:
    async def scene() -> list[int | None]:
        ask = BatchedLookup(book.look_up)
        book.open.clear()
        first = asyncio.create_task(ask("one"))
        await eventually_here(lambda: bool(book.asked), what="the book is being read")
        others = [asyncio.create_task(ask(key)) for key in ("two", "three", "two", "four")]
        await asyncio.sleep(0)
        book.open.set()
        return await asyncio.gather(first, *others)

    assert asyncio.run(scene()) == [1, 2, 3, 2, None]
    assert book.asked == [{"one"}, {"two", "three", "four"}]


@pytest.mark.django_db
def test_whoever_goes_takes_the_answer_from_nobody(book: Book) -> None:
    async def scene() -> int | None:
        ask = BatchedLookup(book.look_up)
        book.open.clear()
        one, other = asyncio.create_task(ask("one")), asyncio.create_task(ask("one"))
        await eventually_here(lambda: bool(book.asked), what="the book is being read")
        one.cancel()
        await asyncio.sleep(0)
        book.open.set()
        return await other

    assert asyncio.run(scene()) == 1


@pytest.mark.django_db
def test_an_error_is_told_to_all_who_wait_and_not_to_the_next(book: Book) -> None:
    async def scene() -> list[object]:
        ask = BatchedLookup(book.look_up)
        book.is_torn = True
        told = await asyncio.gather(ask("one"), ask("two"), return_exceptions=True)
        book.is_torn = False
        return [*map(str, told), await ask("one")]

    assert asyncio.run(scene()) == ["torn", "torn", 1]
