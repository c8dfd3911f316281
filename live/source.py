"""What the relay asks of the rooms above it: where the truth is read, and what an audience is shown."""

import json
import re
import secrets
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

from live.daphne_fast_path import framed

INDENTATION = re.compile(r"\n\s+")

Member = Hashable
"""Which of an audience's people a socket is: a ticket's id for a visitor, None where everybody sees the same."""


class Snapshot(Protocol):
    """One reading of a topic's truth. `rev` is read first, so it is never newer than the rest."""

    @property
    def rev(self) -> int: ...
    @property
    def at(self) -> datetime: ...


class Audience(Protocol):
    """Those who are shown the same view of a topic. Hashable: two equal audiences are rendered once."""

    @property
    def topic(self) -> str: ...

    def render(self, snapshot: Any, members: Collection[Member]) -> Mapping[Member, bytes]:
        """For each member the frame's body, from `body()`. Runs in a thread; must not write."""
        ...


class Source(Protocol):
    """The reader of truth, registered once by the model layer."""

    def now(self) -> datetime: ...

    def revisions(self, topics: Collection[str]) -> Mapping[str, int]:
        """The present revision of each topic that exists, in as few queries as there can be."""
        ...

    def read(self, topic: str, audiences: Mapping[Audience, Collection[Member]]) -> Snapshot | None:
        """One snapshot with the parts that these audiences need; None when the topic is gone."""
        ...


@dataclass(slots=True)
class _Registered:
    source: Source | None = None


_registered = _Registered()


def register(source: Source) -> None:
    _registered.source = source


def source() -> Source:
    if _registered.source is None:
        raise RuntimeError("No source of truth is registered: the model layer's app must be installed.")
    return _registered.source


def body(*, html: str = "", calls: Sequence[Mapping[str, Any]] = ()) -> bytes:
    """The part of a frame that says something, as JSON: equal bodies are not sent twice. The indentation of the
    templates, which no browser shows, is left out: it would be a third of what goes to every screen."""
    return _compact({"html": INDENTATION.sub("\n", html), "calls": list(calls)})


def with_own(shared: bytes, own: Mapping[str, Any]) -> bytes:
    """The body that all of an audience share, and beside it what is one member's alone. What is shared is not made into
    JSON again for each of them."""
    return b'%b,"own":%b}' % (shared[:-1], _compact(own))


def with_numbers(body: bytes, **numbers: int) -> bytes:
    """A body that `with_own` made, with these numbers added to what is one member's alone. Nothing in it is made into
    JSON again."""
    added = "".join([f',"{name}":{number}' for name, number in numbers.items()])
    return b"%b%b}}" % (body[:-2], added.encode())


_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _compact(value: Mapping[str, Any]) -> bytes:
    return _encoder.encode(value).encode()


@dataclass(frozen=True)
class Stamp:
    """What every frame and heartbeat carries: which revision, read when (ms since the epoch), by which build, and the
    key that the browser sends back to prove that it has read so far."""

    rev: int
    at: int
    build: str
    key: str

    @classmethod
    def of(cls, rev: int, at: datetime, build: str) -> "Stamp":
        return cls(rev=rev, at=round(at.timestamp() * 1000), build=build, key=secrets.token_hex(4))

    @cached_property
    def heartbeat(self) -> bytes:
        return _compact({"rev": self.rev, "at": self.at, "build": self.build, "key": self.key})

    def frame(self, body: bytes) -> bytes:
        """The body's JSON object with the stamp's members added; the body is not parsed again for every member."""
        return b"%b,%b" % (body[:-1], self.heartbeat[1:])


@dataclass(frozen=True, slots=True)
class Message:
    """A frame or a heartbeat on its way to sockets, and the key that confirms it. Framed once for all of them."""

    payload: bytes
    key: str
    framed: bytes
    """The payload as one WebSocket frame."""

    @classmethod
    def of(cls, payload: bytes, key: str) -> "Message":
        return cls(payload, key, framed(payload))

    @property
    def text(self) -> str:
        return self.payload.decode()
