"""A WSGI application behind ASGI: what it is asked, what becomes of its answer, and on which threads."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from live.socket import Scope
from queuesite.http_threads import OnThreads

Message = dict[str, Any]
WHOLE: Message = {"type": "http.request", "body": b""}


def asked(**more: Any) -> Scope:
    return {
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "https", "path": "/", "root_path": "",
        "query_string": b"", "headers": [], "client": ("192.0.2.7", 5000), "server": ("10.0.0.1", 8000), **more,
    }  # fmt: skip


async def answered(application: Callable[..., Iterable[bytes]], scope: Scope, *messages: Message) -> list[Message]:
    """What is sent for this request."""
    coming, sent = iter(messages), list[Message]()

    async def receive() -> Message:
        return next(coming)

    async def send(message: Message) -> None:
        sent.append(message)

    await OnThreads(application)(scope, receive, send)
    return sent


class Asked:
    """An application that keeps what it was asked."""

    def __init__(self) -> None:
        self.environ: dict[str, Any] = {}

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        self.environ = {**environ, "body": environ["wsgi.input"].read()}
        start("201 Created", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        return [b"first, ", b"second"]


def test_a_request_comes_as_it_was_sent() -> None:
    application = Asked()
    headers = [(b"host", b"queue.example.fi"), (b"content-type", b"text/plain"), (b"accept", b"a"), (b"accept", b"b")]
    scope = asked(method="POST", path="/kiosk/töölö/", query_string=b"size=1", headers=headers)
    pieces = {**WHOLE, "body": b"one ", "more_body": True}, {**WHOLE, "body": b"two"}
    start, body = asyncio.run(answered(application, scope, *pieces))
    assert start["status"] == 201
    assert start["headers"] == [(b"Set-Cookie", b"a=1"), (b"Set-Cookie", b"b=2")]
    assert body["body"] == b"first, second"
    told = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/kiosk/töölö/".encode().decode("latin1"), "QUERY_STRING": "size=1",
        "HTTP_HOST": "queue.example.fi", "CONTENT_TYPE": "text/plain", "CONTENT_LENGTH": "7", "HTTP_ACCEPT": "a,b",
        "REMOTE_ADDR": "192.0.2.7", "wsgi.url_scheme": "https", "SERVER_NAME": "10.0.0.1", "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1", "body": b"one two",
    }  # fmt: skip
    assert {name: application.environ[name] for name in told} == told


def test_a_header_with_an_underscore_passes_for_no_other() -> None:
    application = Asked()
    headers = [(b"x_forwarded_for", b"192.0.2.1"), (b"x-forwarded-for", b"192.0.2.2"), (b"content_length", b"99")]
    asyncio.run(answered(application, asked(headers=headers), WHOLE))
    assert application.environ["HTTP_X_FORWARDED_FOR"] == "192.0.2.2"
    assert application.environ["CONTENT_LENGTH"] == "0"


def test_cookies_in_several_headers_are_all_there() -> None:
    application = Asked()
    asyncio.run(answered(application, asked(headers=[(b"cookie", b"a=1"), (b"cookie", b"b=2")]), WHOLE))
    assert application.environ["HTTP_COOKIE"] == "a=1; b=2"


def test_nobody_says_where_the_site_begins() -> None:
    application = Asked()
    asyncio.run(answered(application, asked(root_path="/admin", path="/x"), WHOLE))
    assert (application.environ["SCRIPT_NAME"], application.environ["PATH_INFO"]) == ("", "/x")


def test_who_goes_before_all_was_said_has_asked_nothing() -> None:
    application = Asked()
    begun = {**WHOLE, "body": b"half", "more_body": True}
    assert asyncio.run(answered(application, asked(method="POST"), begun, {"type": "http.disconnect"})) == []
    assert application.environ == {}


class Failing:
    """An answer that breaks off."""

    def __init__(self) -> None:
        self.is_closed = False

    def __call__(self, _environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start("200 OK", [])
        return self

    def __iter__(self) -> Iterator[bytes]:
        raise OSError

    def close(self) -> None:
        self.is_closed = True


def test_an_answer_is_closed_also_where_it_breaks_off() -> None:
    """Django gives the database's connection back then."""
    failing = Failing()
    with pytest.raises(OSError):  # noqa: PT011 - it has no words
        asyncio.run(answered(failing, asked(), WHOLE))
    assert failing.is_closed


def test_requests_are_answered_beside_each_other() -> None:
    """Each of these waits for the others."""
    together = threading.Barrier(10, timeout=20)

    def application(_environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        together.wait()
        start("200 OK", [])
        return []

    async def ask() -> list[list[Message]]:
        threads = OnThreads(application)
        sent: list[list[Message]] = [[] for _request in range(together.parties)]

        async def receive() -> Message:
            return WHOLE

        async def one(here: list[Message]) -> None:
            async def send(message: Message) -> None:
                here.append(message)

            await threads(asked(), receive, send)

        await asyncio.gather(*map(one, sent))
        return sent

    assert [sent[0]["status"] for sent in asyncio.run(ask())] == [200] * together.parties


def test_what_a_thread_leaves_to_the_loop_runs_on_the_servers_own() -> None:
    """In-process change notices: their queues belong to that loop."""
    found: list[asyncio.AbstractEventLoop] = []

    async def note() -> None:
        found.append(asyncio.get_running_loop())

    def application(_environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        async_to_sync(note)()
        start("200 OK", [])
        return []

    async def ask() -> asyncio.AbstractEventLoop:
        await answered(application, asked(), WHOLE)
        return asyncio.get_running_loop()

    assert [asyncio.run(ask())] == found
