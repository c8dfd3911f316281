"""A truth to relay that is only words, and screens that write down what they are sent."""

import json
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from live.source import Audience, Member, Message, body, with_own

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
_topics = count(1)


def new_topic() -> str:
    """Of this test alone: a layer may still know the last one's."""
    return f"fake.{next(_topics)}"


@dataclass(frozen=True, slots=True)
class Words:
    rev: int
    text: str
    at: datetime = AT


@dataclass(slots=True)
class FakeSource:
    """One text and one revision for each topic. A test changes them, hides them, holds readings up, or fails them."""

    texts: dict[str, Words] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)
    failures: int = 0
    failing: bool = False
    held_up: dict[str, threading.Event] = field(default_factory=dict)

    def says(self, topic: str, text: str) -> None:
        before = self.texts.get(topic)
        self.texts[topic] = Words((before.rev if before else 0) + 1, text)

    def now(self) -> datetime:
        return AT

    def revisions(self, topics: Collection[str]) -> dict[str, int]:
        self._fail_if_failing()
        return {topic: self.texts[topic].rev for topic in topics if topic in self.texts}

    def read(self, topic: str, _audiences: Mapping[Audience, Collection[Member]]) -> Words | None:
        self._fail_if_failing()
        self.reads.append(topic)
        if topic in self.held_up:
            assert self.held_up[topic].wait(10)
        return self.texts.get(topic)

    def _fail_if_failing(self) -> None:
        if self.failing:
            self.failures += 1
            raise ConnectionError("the database is away")


@dataclass(frozen=True, slots=True)
class FakeAudience:
    """Shows the text under its own name. `renders` counts; `broken` makes it fail while it holds anything."""

    topic: str
    name: str = "board"
    renders: list[int] = field(default_factory=list, compare=False)
    broken: list[bool] = field(default_factory=list, compare=False)

    def render(self, snapshot: Words, members: Collection[Member]) -> dict[Member, bytes]:
        self.renders.append(snapshot.rev)
        if self.broken:
            raise ValueError("a template is broken")
        shared = body(html=f"{self.name}: {snapshot.text}")
        return {member: shared if member is None else with_own(shared, own(snapshot, member)) for member in members}


def own(snapshot: Words, member: Member) -> dict[str, bool]:
    """A member's own is whether the text names it."""
    return {"mine": str(member) in snapshot.text.split()}


class Screen:
    """A subscriber of the hub that reads whatever comes."""

    def __init__(self, audience: FakeAudience, member: Member = None) -> None:
        self.audience: Audience = audience
        self.shows = audience
        self.member = member
        self.got: list[dict[str, Any]] = []

    async def push(self, frame: Message) -> None:
        self._note(frame)

    async def heartbeat(self, heartbeat: Message) -> None:
        self._note(heartbeat)

    def _note(self, message: Message) -> None:
        said = json.loads(message.text)
        assert said["key"] == message.key
        self.got.append(said)

    @property
    def shown(self) -> list[str]:
        """The texts of its frames."""
        return [said["html"].partition(": ")[2] for said in self.got if "html" in said]

    @property
    def heartbeats(self) -> list[int]:
        """The revisions of its heartbeats."""
        return [said["rev"] for said in self.got if "html" not in said]


class GoneScreen(Screen):
    """Its browser has just hung up; the server has not heard yet."""

    def _note(self, message: Message) -> None:
        raise ConnectionError(f"Attempt to send {message.text} on a closed protocol ({message.key})")


class FailingLayer:
    """A channel layer whose Redis is gone."""

    def __init__(self) -> None:
        self.tried = 0

    def publish(self, _topic: str, _message: dict[str, Any]) -> None:
        self.tried += 1
        raise ConnectionRefusedError("nobody listens")
