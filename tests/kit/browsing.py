"""A page's worth of HTTP to a server process of ours."""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

TOKEN = "x" * 32


@dataclass(frozen=True, slots=True)
class Answer:
    """`location` is where a redirect leads, else ""."""

    status: int
    text: str
    location: str


class Browser:
    """One kept connection; sends what a page sends. With a session's cookie somebody is signed in."""

    def __init__(
        self, port: int, cookie: str = "", *, timeout: float = 60, headers: Mapping[str, str] | None = None
    ) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        self._headers = {"Cookie": "; ".join(filter(None, (f"csrftoken={TOKEN}", cookie))), **(headers or {})}

    def close(self) -> None:
        self._connection.close()

    def press(self, path: str, **fields: str) -> Answer:
        """A post, as htmx sends it."""
        form = {
            "X-CSRFToken": TOKEN,
            "Content-Type": "application/x-www-form-urlencoded",
            "HX-Request": "true",
        }
        return self._ask("POST", path, form, urlencode(fields))

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def _ask(self, method: str, path: str, more: Mapping[str, str] | None = None, body: str | None = None) -> Answer:
        """Raises OSError or HTTPException when nothing comes; the next request then connects anew."""
        try:
            self._connection.request(method, path, body, {**self._headers, **(more or {})})
            answer = self._connection.getresponse()
            return Answer(answer.status, answer.read().decode(), answer.getheader("Location", ""))
        except (OSError, http.client.HTTPException):
            self._connection.close()
            raise
