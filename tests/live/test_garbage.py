"""When Python's garbage collector looks at everything: after a reconnect storm, once it is calm."""

import gc
import time
from collections.abc import Iterator

import pytest

from live import garbage
from live.garbage import CALM, CALM_WITHIN, MANY, SELDOM, ReconnectStorms


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """One for each time that everything was looked at."""
    times: list[None] = []
    monkeypatch.setattr(garbage, "collect_and_freeze", lambda: times.append(None))
    return times


@pytest.fixture
def _as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def move(reconnect_storms: ReconnectStorms, times: int) -> None:
    for _ in range(times):
        reconnect_storms.moved()


def test_it_waits_until_it_is_calm(settled: list[None]) -> None:
    reconnect_storms = ReconnectStorms()
    for _second in range(3):
        move(reconnect_storms, MANY)
        reconnect_storms.tick(3 * MANY)
        assert not settled
    move(reconnect_storms, CALM)
    reconnect_storms.tick(3 * MANY)
    assert len(settled) == 1
    reconnect_storms.tick(3 * MANY)
    assert len(settled) == 1


def test_where_it_is_never_calm_it_waits_no_longer_than_a_storm_lasts(settled: list[None]) -> None:
    reconnect_storms = ReconnectStorms()
    for collected in (1, 2):
        for second in range(CALM_WITHIN):
            move(reconnect_storms, MANY)
            reconnect_storms.tick(MANY)
            assert len(settled) == collected - 1, second
        move(reconnect_storms, MANY)
        reconnect_storms.tick(MANY)
        assert len(settled) == collected


def test_a_few_that_come_and_go_are_no_storm_until_they_are_many(settled: list[None]) -> None:
    reconnect_storms = ReconnectStorms()
    for second in range(MANY):
        reconnect_storms.tick(10)
        assert len(settled) == 0, second
        move(reconnect_storms, 1)
    reconnect_storms.tick(10)
    assert len(settled) == 1


def test_where_thousands_are_open_a_quarter_of_them_has_to_move(settled: list[None]) -> None:
    reconnect_storms = ReconnectStorms()
    move(reconnect_storms, MANY)
    reconnect_storms.tick(40 * MANY)
    reconnect_storms.tick(40 * MANY)
    assert not settled
    move(reconnect_storms, 9 * MANY)
    reconnect_storms.tick(40 * MANY)
    reconnect_storms.tick(40 * MANY)
    assert len(settled) == 1


@pytest.mark.usefixtures("_as_before")
def test_garbage_among_what_was_not_looked_at_any_more_goes_with_the_next_look() -> None:
    class Node:
        def __init__(self) -> None:
            self.itself = self

    def alive() -> int:
        return sum(type(one) is Node for one in gc.get_objects())

    garbage.collect_seldom()
    assert gc.get_threshold()[2] == SELDOM
    kept = Node()
    garbage.collect_and_freeze()
    assert gc.get_freeze_count() > 0
    del kept
    gc.collect()
    garbage.collect_and_freeze()
    gc.unfreeze()
    assert alive() == 0


def test_what_requests_leave_is_collected_also_where_no_socket_comes_or_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    times: list[None] = []
    monkeypatch.setattr(gc, "collect", lambda: times.append(None))
    monkeypatch.setattr(garbage, "reconnect_storms", ReconnectStorms())
    requests = garbage.Requests()
    for _request in range(2 * garbage.REQUESTS + 1):
        requests.answered()
    assert len(times) == 2


def test_requests_in_a_storm_leave_the_look_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    times: list[None] = []
    monkeypatch.setattr(gc, "collect", lambda: times.append(None))
    reconnect_storms = ReconnectStorms()
    monkeypatch.setattr(garbage, "reconnect_storms", reconnect_storms)
    requests = garbage.Requests()
    move(reconnect_storms, CALM + 1)
    for _request in range(garbage.REQUESTS):
        requests.answered()
    assert not times
    later = time.monotonic() + garbage.CALM_AFTER
    monkeypatch.setattr(time, "monotonic", lambda: later)
    for _request in range(garbage.REQUESTS):
        requests.answered()
    assert len(times) == 1
