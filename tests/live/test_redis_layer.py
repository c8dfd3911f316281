"""A press's change notice on its way through a real Redis, by the fast path and by the plain way."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from typing import Any

import pytest
from channels_redis.pubsub import RedisPubSubLoopLayer
from redis import Redis as Client
from redis import RedisError

from live import redis_layer
from live.redis_layer import RedisLayer, enable, self_test
from tests.kit.servers import Redis, throwaway_redis
from tests.kit.waiting import eventually

pytestmark = pytest.mark.networked
NOTICE = {"type": "live.hint", "topic": "branch.1"}


@pytest.fixture(params=["fast", "plain"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    way: str = request.param
    monkeypatch.setattr(redis_layer.switch, "is_on", way == "fast")
    return way


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_layer.switch, "is_on", True)


@pytest.fixture(scope="module")
def server() -> Iterator[Redis]:
    with throwaway_redis() as redis:
        yield redis


@pytest.fixture
def redis(server: Redis) -> Iterator[Client]:
    """Somebody who looks on."""
    with closing(Client(port=server.port)) as client:
        client.flushall()
        client.config_resetstat()
        yield client
        client.config_set("requirepass", "")


def layer_of(address: str) -> RedisLayer:
    return RedisLayer(hosts=[{"address": address}], prefix="queuesite")


@pytest.fixture
def layer(server: Redis) -> RedisLayer:
    return layer_of(server.url)


def told(redis: Client) -> dict[str, int]:
    """What Redis was told, and how often, but for what this test itself asks."""
    calls = {name.removeprefix("cmdstat_"): one["calls"] for name, one in redis.info("commandstats").items()}
    own = ("info", "config", "client", "flushall", "ping")
    return {name: count for name, count in calls.items() if not name.startswith(own)}


def hang_up(redis: Client) -> None:
    """As Redis does when it restarts."""
    for one in redis.client_list():
        if int(one["id"]) != redis.client_id():
            redis.client_kill_filter(_id=one["id"])


@pytest.mark.usefixtures("way")
def test_the_layer_hears_what_is_published(layer: RedisLayer) -> None:
    async def scene() -> object:
        hearing = asyncio.create_task(layer.receive("channel"))
        await asyncio.sleep(0)  # it has a queue now
        await layer.group_add("branch.1", "channel")
        await asyncio.to_thread(layer.publish, "branch.1", NOTICE)
        async with asyncio.timeout(5):
            return await hearing

    assert asyncio.run(scene()) == NOTICE


@pytest.mark.usefixtures("fast")
def test_change_notices_share_a_connection_that_says_nothing_else(layer: RedisLayer, redis: Client) -> None:
    connected = redis.info("stats")["total_connections_received"]
    for _press in range(5):
        layer.publish("branch.1", NOTICE)
    assert told(redis) == {"publish": 5}
    assert redis.info("stats")["total_connections_received"] == connected + 1


@pytest.mark.usefixtures("fast")
def test_another_thread_is_needed_only_to_open_a_connection(
    layer: RedisLayer, redis: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_another_thread = []
    monkeypatch.setattr(redis_layer, "within", lambda _seconds, work: in_another_thread.append(work()))
    for _press in range(3):
        layer.publish("branch.1", NOTICE)
    assert (told(redis), len(in_another_thread)) == ({"publish": 3}, 1)


def test_it_signs_in_and_chooses_as_the_address_says(server: Redis, redis: Client, way: str) -> None:
    redis.config_set("requirepass", "secret")
    layer_of(f"redis://:secret@127.0.0.1:{server.port}/3").publish("branch.1", NOTICE)
    commands = told(redis)
    assert (commands["select"], commands["publish"]) == (1, 1)
    if way == "fast":
        assert commands == {"auth": 1, "select": 1, "publish": 1}


@pytest.mark.usefixtures("way")
def test_what_redis_refuses_is_raised(server: Redis, redis: Client) -> None:
    redis.config_set("requirepass", "secret")
    layer = layer_of(server.url)
    with pytest.raises(RedisError, match="uthenticat"):
        layer.publish("branch.1", NOTICE)


@pytest.mark.usefixtures("way")
def test_a_connection_that_redis_has_closed_loses_no_change_notice(layer: RedisLayer, redis: Client) -> None:
    layer.publish("branch.1", NOTICE)
    hang_up(redis)
    layer.publish("branch.1", NOTICE)
    assert told(redis)["publish"] == 2


def at_once(layer: RedisLayer, *, presses: int) -> None:
    together = threading.Barrier(presses)

    def press() -> None:
        for _ in range(20):
            together.wait(10)
            layer.publish("branch.1", NOTICE)

    threads = [threading.Thread(target=press) for _ in range(presses)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(10)


@pytest.mark.usefixtures("fast")
def test_presses_at_once_use_a_connection_each_and_leave_them_for_the_next(layer: RedisLayer, redis: Client) -> None:
    at_once(layer, presses=8)
    assert told(redis)["publish"] == 160
    connected = redis.info("stats")["total_connections_received"]
    layer.publish("branch.1", NOTICE)
    assert redis.info("stats")["total_connections_received"] == connected


@pytest.mark.usefixtures("fast")
def test_it_connects_again_as_often_as_it_takes(layer: RedisLayer, redis: Client) -> None:
    """Redis's own pool counts what it has ever opened, and stops at a hundred."""
    for _restart in range(120):
        layer.publish("branch.1", NOTICE)
        hang_up(redis)
    assert told(redis)["publish"] == 120


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("wish", ["", "?socket_timeout=60&health_check_interval=1&protocol=3&max_connections=9"])
@pytest.mark.parametrize("connected", ["connected", "not connected"])
def test_a_stopped_redis_keeps_no_press(connected: str, wish: str, server: Redis) -> None:
    """Case 27: it takes connections and answers nothing. Whatever its address says of patience."""
    layer = layer_of(f"{server.url}{wish}")
    if connected == "connected":
        layer.publish("branch.1", NOTICE)
    server.freeze()
    try:
        with pytest.raises((RedisError, TimeoutError)):
            layer.publish("branch.1", NOTICE)
    finally:
        server.thaw()
    eventually(lambda: is_sent(layer), what="notices go out again")


def is_sent(layer: RedisLayer) -> bool:
    try:
        layer.publish("branch.1", NOTICE)
    except (RedisError, TimeoutError):
        return False
    return True


@pytest.mark.usefixtures("fast")
def test_one_failure_is_enough_for_all_connections(layer: RedisLayer, server: Redis, redis: Client) -> None:
    """Else each that a silent wire has killed would cost another press its time."""
    at_once(layer, presses=4)
    server.freeze()
    with pytest.raises(RedisError):
        layer.publish("branch.1", NOTICE)
    server.thaw()
    connected = redis.info("stats")["total_connections_received"]
    eventually(lambda: is_sent(layer), what="notices go out again")
    assert redis.info("stats")["total_connections_received"] > connected


@pytest.mark.usefixtures("way")
def test_nobody_there_is_said() -> None:
    with throwaway_redis() as gone:
        layer = layer_of(gone.url)
    with pytest.raises((RedisError, TimeoutError)):
        layer.publish("branch.1", NOTICE)


def test_a_name_that_nobody_resolves_keeps_no_press(
    server: Redis, redis: Client, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its cable pulled a box may look for a name for half a minute. On the fast path what is found late serves the
    next press."""
    layer = layer_of(f"redis://redis.hall.example:{server.port}")
    cable = threading.Event()
    asked = count(1)

    def look_up(_host: str, port: int, *_how: Any, **_more: Any) -> list[Any]:
        if next(asked) > 1 and way == "fast":
            raise OSError("asked again")
        assert cable.wait(10)
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(TimeoutError):
        layer.publish("branch.1", NOTICE)
    cable.set()
    eventually(lambda: is_sent(layer), what="a notice goes out by what was looked up")
    assert told(redis)["publish"] >= 1


def test_it_is_plain_until_it_is_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    switch = redis_layer.Switch()
    monkeypatch.setattr(redis_layer, "switch", switch)
    assert not switch.is_on
    enable()
    enable()
    assert switch.is_on


def test_today_the_fast_path_may_be_taken() -> None:
    self_test()


def test_it_may_not_where_the_layer_names_its_groups_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RedisPubSubLoopLayer, "_get_group_channel_name", lambda _layer, group: f"group:{group}")
    with pytest.raises(RuntimeError, match="hears a group at 'group:group', not at 'prefix__group__group'"):
        self_test()
