"""What was done lately is counted the same in Redis and in one process."""

from collections.abc import Iterator

import pytest

from live.announce import Breaker
from live.counts import Counts, ProcessCounts, RedisCounts
from live.redis_layer import RedisLayer
from tests.kit.servers import throwaway_redis
from tests.kit.waiting import eventually

pytestmark = pytest.mark.networked

MOST = {"kiosk": 2, "address": 3}


@pytest.fixture(params=["redis", "process"])
def counts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counts]:
    monkeypatch.setattr("live.counts.breaker", Breaker())
    if request.param == "process":
        yield ProcessCounts()
        return
    with throwaway_redis() as redis:
        yield RedisCounts(RedisLayer(hosts=[{"address": redis.url}], prefix="queuesite"))


def test_so_many_and_no_more(counts: Counts) -> None:
    asked = [counts.is_too_much(str(number), MOST, seconds=60) for number in range(4)]
    assert asked == [False, False, True, True]


def test_each_name_has_its_own_limit(counts: Counts) -> None:
    asked = [counts.is_too_much(str(number), {f"kiosk {number}": 2, "address": 3}, seconds=60) for number in range(5)]
    assert asked == [False, False, False, True, True]


def test_the_same_again_is_not_counted_and_never_too_much(counts: Counts) -> None:
    asked = [counts.is_too_much(once, MOST, seconds=60) for once in ("a", "a", "b", "a", "b", "c", "b")]
    assert asked == [False, False, False, False, False, True, False]


def test_what_was_too_much_is_asked_for_again(counts: Counts) -> None:
    assert [counts.is_too_much("a", {"kiosk": 0}, seconds=60) for _time in range(2)] == [True, True]
    assert not counts.is_too_much("a", {"another": 1}, seconds=60)


def test_a_count_ends(counts: Counts) -> None:
    assert not counts.is_too_much("a", {"kiosk": 1}, seconds=1)
    assert counts.is_too_much("b", {"kiosk": 1}, seconds=1)
    eventually(lambda: not counts.is_too_much("c", {"kiosk": 1}, seconds=1), what="the second is over")
