"""A clerk's browser as the bench needs it: one kept connection, its cookies, and how long each answer took."""

import http.client
import re
import time
from collections.abc import Mapping
from urllib.parse import urlencode


class Browser:
    """Signed in from the start, where it has a user. Answers are a text and the ms that it took; a refusal by HTTP
    raises RuntimeError."""

    def __init__(self, port: int, username: str = "", password: str = "", *, patience: float | None = None) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
        self._cookies: dict[str, str] = {}
        if username:
            self.ask("GET", "/desk/sign-in/")
            self.ask("POST", "/desk/sign-in/", {"username": username, "password": password})

    def ask(self, method: str, path: str, fields: Mapping[str, object] | None = None) -> tuple[str, float]:
        headers = {"Cookie": self.cookie()} if fields is None else self.headers()
        began = time.perf_counter()
        self._connection.request(method, path, urlencode(fields) if fields is not None else None, headers)
        response = self._connection.getresponse()
        text = response.read().decode()
        took = (time.perf_counter() - began) * 1000
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                cookie, _equals, content = value.partition(";")[0].partition("=")
                self._cookies[cookie] = content
        if response.status >= http.HTTPStatus.BAD_REQUEST:
            raise RuntimeError(f"{method} {path}: {response.status}")
        return text, took

    def disconnect(self) -> None:
        """Whatever is still to come there is not wanted; the next question opens another connection."""
        self._connection.close()

    def headers(self) -> dict[str, str]:
        """The headers with which it posts a form."""
        return {
            "Cookie": self.cookie(),
            "Content-Type": "application/x-www-form-urlencoded",
            "X-CSRFToken": self._cookies.get("csrftoken", ""),
            "HX-Request": "true",
        }

    def cookie(self) -> str:
        """The Cookie header it sends."""
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())


def said(panel: str, name: str) -> str:
    """What a desk's panel tells of itself, to be sent back with the next press."""
    found = re.search(rf'data-{name}="([^"]*)"', panel)
    if found is None:
        raise RuntimeError(f"The panel doesn't say its {name}.")
    return found.group(1)
