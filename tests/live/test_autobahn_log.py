"""A handshake is the same whether or not Autobahn writes out its options."""

import asyncio
from contextlib import closing
from typing import Any

import pytest

from live import autobahn_log
from live.autobahn_log import enable, inside, self_test
from live.daphne_connection import HANDSHAKE, DaphneConnection


async def application(scope: object, receive: object, send: Any) -> None:  # noqa: ARG001 - ASGI's names
    await send({"type": "websocket.accept"})


async def answer() -> bytes:
    with closing(DaphneConnection(application)) as connection:
        await connection.hear(HANDSHAKE)
        return connection.sent()


def test_a_browser_is_answered_the_same_and_nothing_is_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[object] = []
    monkeypatch.setattr(inside, "pformat", written.append)
    plain = asyncio.run(answer())
    assert plain.startswith(b"HTTP/1.1 101 ")
    assert len(written) == 1
    enable()
    enable()
    assert asyncio.run(answer()) == plain
    assert len(written) == 1


def test_today_it_may_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inside, "pformat", inside.pformat)
    self_test()
    enable()
    self_test()


def test_it_may_not_where_the_name_means_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inside, "pformat", repr)
    with pytest.raises(RuntimeError, match="is not pprint's"):
        self_test()


def test_nor_where_nothing_is_written_out_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autobahn_log.inside.WebSocketProtocol, "_connectionMade", application)
    with pytest.raises(RuntimeError, match="doesn't call pformat"):
        self_test()
