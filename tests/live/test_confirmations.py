"""A browser's confirmations on a real connection of Daphne's, in every shape in which they may come."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import count
from typing import Any

import pytest
from django.conf import settings
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from live.socket import CLOSE_NONSENSE, WINDOW
from tests.kit import factories
from tests.kit.crowds import database_url
from tests.kit.sample_branch import SampleBranch
from tests.kit.servers import Server, running_server

pytestmark = [pytest.mark.networked, pytest.mark.django_db(transaction=True)]

Shape = Callable[[bytes], list[bytes]]
CONTINUATION, TEXT, PING, LAST = 0, 1, 9, 0x80


@pytest.fixture(scope="module")
def server(django_db_setup: None) -> Iterator[Server]:  # noqa: ARG001 - the database comes first
    with running_server(database_url=database_url(), redis_url=settings.ENVIRONMENT.redis_url) as running:
        yield running


@pytest.fixture
def screen(server: Server, sample: SampleBranch) -> Iterator[ClientConnection]:
    with connect(display(server, sample)) as connected:
        yield connected


def display(server: Server, sample: SampleBranch) -> str:
    return f"ws://127.0.0.1:{server.port}/ws/display/{sample.branch.slug}/"


def next_frame(screen: ClientConnection) -> dict[str, Any]:
    """The next one that shows something. TimeoutError where none comes."""
    while True:
        said: dict[str, Any] = json.loads(screen.recv(timeout=10))
        if "html" in said:
            return said


def so_far(screen: ClientConnection) -> Iterator[str | bytes]:
    """What has come already."""
    with suppress(TimeoutError):
        while True:
            yield screen.recv(timeout=0)


def framed(kind: int, payload: bytes) -> bytes:
    mask = os.urandom(4)
    masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
    return bytes([kind, 0x80 | len(payload)]) + mask + masked


def as_live_js_says_it(key: bytes) -> list[bytes]:
    return [framed(LAST | TEXT, b'{"key":"%s"}' % key)]


def written_otherwise(key: bytes) -> list[bytes]:
    return [framed(LAST | TEXT, b'{ "key" : "%s" }' % key)]


def behind_a_ping(key: bytes) -> list[bytes]:
    return [framed(LAST | PING, b"there?") + as_live_js_says_it(key)[0]]


def twice(key: bytes) -> list[bytes]:
    return as_live_js_says_it(key) * 2


def in_two_frames(key: bytes) -> list[bytes]:
    return [framed(TEXT, b'{"key":"'), framed(LAST | CONTINUATION, b'%s"}' % key)]


def in_pieces(key: bytes) -> list[bytes]:
    (whole,) = as_live_js_says_it(key)
    return [whole[:1], whole[1:9], whole[9:]]


def confirm(screen: ClientConnection, frame: Mapping[str, str], shape: Shape = as_live_js_says_it) -> None:
    for piece in shape(frame["key"].encode()):
        screen.socket.sendall(piece)


@pytest.mark.parametrize(
    "shape", [as_live_js_says_it, written_otherwise, behind_a_ping, twice, in_two_frames, in_pieces]
)
def test_whoever_confirms_sees_every_change(shape: Shape, screen: ClientConnection, sample: SampleBranch) -> None:
    frame = next_frame(screen)
    for _change in range(WINDOW + 3):
        confirm(screen, frame, shape)
        factories.ticket(sample.passports)
        frame = next_frame(screen)


def test_whoever_confirms_nothing_is_sent_no_more_than_a_window(
    screen: ClientConnection, server: Server, sample: SampleBranch
) -> None:
    with connect(display(server, sample)) as witness:
        confirm(witness, next_frame(witness))
        for _change in range(WINDOW + 3):
            factories.ticket(sample.passports)
            confirm(witness, next_frame(witness))
    assert screen.ping().wait(10)
    keys = [json.loads(text)["key"] for text in so_far(screen)]
    assert len(keys) == WINDOW
    confirm(screen, {"key": keys[-1]})
    assert "html" in next_frame(screen)


def test_nonsense_after_confirmations_ends_the_socket(screen: ClientConnection) -> None:
    confirm(screen, next_frame(screen))
    screen.send("nonsense")
    with pytest.raises(ConnectionClosed) as closed:
        all(screen.recv(timeout=10) for _beat in count())
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == CLOSE_NONSENSE
