"""Who may open a socket, and whose word about the client's address counts."""

import ipaddress
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.testing import WebsocketCommunicator
from pytest_django.fixtures import Settings

from live.socket import Receive, Scope, Send
from queuesite.asgi_middleware import OriginMiddleware, ProxyHeadersMiddleware
from queuesite.environment import IPNetwork

# Who refuses a socket looks after the connections that earlier tests have left open.
pytestmark = pytest.mark.django_db

PROXY = "10.0.0.7"
TRUSTED: tuple[IPNetwork, ...] = (ipaddress.ip_network("10.0.0.0/8"),)


async def anybody(_scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await receive()


def connects(*headers: tuple[bytes, bytes]) -> bool:
    async def scene() -> bool:
        socket = WebsocketCommunicator(OriginMiddleware(anybody), "/ws/display/x/", headers=list(headers))
        connected, _code = await socket.connect()
        await socket.disconnect()
        return bool(connected)

    return bool(async_to_sync(scene)())


def test_a_page_of_this_site_may_open_a_socket() -> None:
    assert connects((b"origin", b"http://localhost:8000"))


@pytest.mark.parametrize(
    ("origin", "host", "may"),
    [
        (b"https://queue.example.fi", b"queue.example.fi", True),
        (b"https://queue.example.fi:443", b"queue.example.fi", True),
        (b"http://inside.example.fi:8000", b"inside.example.fi:8000", True),
        (b"https://queue.example.fi:9", b"queue.example.fi", False),
        (b"http://queue.example.fi:9", b"queue.example.fi", False),
        (b"http://inside.example.fi:9", b"inside.example.fi:8000", False),
        (b"https://inside.example.fi:8000", b"inside.example.fi:8000", False),
        (b"http://evil.example:8000", b"evil.example:8000", False),
    ],
)
def test_an_origin_is_scheme_host_and_port(origin: bytes, host: bytes, may: bool, settings: Settings) -> None:  # noqa: FBT001 - a parameter of the test
    settings.PUBLIC_URL = "https://queue.example.fi"
    settings.ALLOWED_HOSTS = ["queue.example.fi", "inside.example.fi"]
    assert connects((b"origin", origin), (b"host", host)) is may


def test_a_foreign_page_may_not() -> None:
    assert not connects((b"origin", b"https://evil.example"))


@pytest.mark.parametrize("nonsense", [b"", b"null", b"http://", b"http://[", b"\xff\xfe"])
def test_an_origin_that_is_none_is_foreign(nonsense: bytes) -> None:
    assert not connects((b"origin", nonsense))


def test_a_program_that_sends_no_origin_may() -> None:
    assert connects()


def seen(client: str | None, **headers: str) -> Scope:
    scope: dict[str, Any] = {
        "type": headers.pop("type", "http"),
        "scheme": "http",
        "client": [client, 5000] if client else None,
        "headers": [(f"x-forwarded-{name}".encode(), value.encode()) for name, value in headers.items()],
    }
    return ProxyHeadersMiddleware(anybody, TRUSTED).seen_from_outside(scope)


def test_a_trusted_proxy_says_who_the_client_is_and_how_it_came() -> None:
    scope = seen(PROXY, **{"for": "203.0.113.9", "proto": "https"})
    assert (scope["client"][0], scope["scheme"]) == ("203.0.113.9", "https")


def test_a_socket_behind_a_proxy_with_tls_is_a_secure_one() -> None:
    assert seen(PROXY, type="websocket", proto="https")["scheme"] == "wss"


def test_nobody_else_is_believed() -> None:
    scope = seen("203.0.113.66", **{"for": "127.0.0.1", "proto": "https"})
    assert (scope["client"][0], scope["scheme"]) == ("203.0.113.66", "http")


def test_what_a_client_wrote_before_the_proxy_is_not_believed() -> None:
    assert seen(PROXY, **{"for": "127.0.0.1, 203.0.113.9, 10.1.1.1"})["client"][0] == "203.0.113.9"


@pytest.mark.parametrize("said", ["", "unknown", ",,", "10.0.0.8"])
def test_a_proxy_that_says_nothing_useful_leaves_the_client_as_it_is(said: str) -> None:
    assert seen(PROXY, **{"for": said})["client"][0] in (PROXY, said)


def test_the_headers_go_no_further() -> None:
    assert seen(PROXY, **{"for": "203.0.113.9", "host": "evil.example"})["headers"] == []


def test_only_a_trusted_proxy_names_a_request() -> None:
    named = (b"x-request-id", b"proxy-0123456789")
    scopes = [{"type": "http", "client": [client, 5000], "headers": [named]} for client in (PROXY, "203.0.113.9")]
    kept = [ProxyHeadersMiddleware(anybody, TRUSTED).seen_from_outside(scope)["headers"] for scope in scopes]
    assert kept == [[named], []]


def test_a_client_without_an_address_is_a_stranger() -> None:
    assert seen(None, proto="https")["scheme"] == "http"
