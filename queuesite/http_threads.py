"""HTTP under Daphne: each request is answered on one thread, one of a pool of threads that stay.

Views and middleware of ours are plain functions, for which Django's WSGI handler does all that its ASGI handler does.
That one starts a thread for every request and goes from it to the event loop and back, twice.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any, NamedTuple
from wsgiref.types import StartResponse, WSGIApplication

from asgiref.sync import sync_to_async

from live.socket import Receive, Scope, Send

THREADS = 200
"""Requests that are answered at once. More than the database lets in: whoever waits there is soon told so, and whoever
came later must not wait for them before it."""


class Answer(NamedTuple):
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class OnThreads:
    """A WSGI application as an ASGI one. Bodies are kept in memory, both ways: no page of ours is large."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        pool = ThreadPoolExecutor(THREADS, thread_name_prefix="http")
        self._on_thread = sync_to_async(self._answer, thread_sensitive=False, executor=pool)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        if body is None:
            return
        answer = await self._on_thread(_environ(scope, body))
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body})

    def _answer(self, environ: dict[str, Any]) -> Answer:
        said: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Any:
            said.append((status, headers))

        begin: StartResponse = start
        parts = self._application(environ, begin)
        try:
            body = b"".join(parts)
        finally:
            _close(parts)
        status, headers = said[-1]
        return Answer(
            int(status.split(" ", 1)[0]), [(n.encode("latin1"), v.encode("latin1")) for n, v in headers], body
        )


def _close(parts: Iterable[bytes]) -> None:
    """As a WSGI server must: Django gives the database's connection back then."""
    close = getattr(parts, "close", None)
    if close is not None:
        close()


async def _body(receive: Receive) -> bytes | None:
    """All of it; None where the browser has gone before it had sent all."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _environ(scope: Scope, body: bytes) -> dict[str, Any]:
    """The request as PEP 3333 has it."""
    host, port = scope.get("server") or ("", 0)
    return {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",  # Daphne's root_path is what a header says that anybody may send
        "PATH_INFO": scope["path"].encode().decode("latin1"),
        "QUERY_STRING": scope["query_string"].decode("latin1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": (scope.get("client") or [""])[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": BytesIO(body),
        "wsgi.errors": None,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **_headers(scope),
        "CONTENT_LENGTH": str(len(body)),
    }


def _headers(scope: Scope) -> Mapping[str, str]:
    """Of one name several are one, with commas, cookies with semicolons. One with an underscore could pose as another
    that has a hyphen."""
    found: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        if b"_" in raw_name:
            continue
        name, value = raw_name.decode("latin1").upper().replace("-", "_"), raw_value.decode("latin1")
        key = name if name == "CONTENT_TYPE" else f"HTTP_{name}"
        found[key] = f"{found[key]}{'; ' if name == 'COOKIE' else ','}{value}" if key in found else value
    return found
