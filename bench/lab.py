"""What every measurement works with: the crowd, the bare server, the system's servers, and a branch for each purpose.

Import it once Django is set up on the bench's own stores.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Self, TextIO, cast

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.models import User
from queues import actions
from queues.models import Branch, Desk, Role, Service
from tests.kit.servers import OURS, ROOT, Redis, Server, running_server

PASSWORD = "a password of the bench"  # noqa: S105 - of a database that is gone with the run
CLERK = "clerk"


class Program:
    """A process of the bench that takes one JSON object a line and answers with one."""

    def __init__(self, module: str, **environment: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own
            [sys.executable, "-m", module],
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._orders, self._answers = cast("TextIO", self._process.stdin), cast("TextIO", self._process.stdout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.kill()
        self._process.wait()

    @property
    def pid(self) -> int:
        return self._process.pid

    def heard(self) -> dict[str, Any]:
        line = self._answers.readline()
        if not line:
            raise RuntimeError("A program of the bench has ended; its complaint is above.")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def tell(self, **order: Any) -> None:
        self._orders.write(json.dumps(order) + "\n")
        self._orders.flush()

    def ask(self, **order: Any) -> dict[str, Any]:
        self.tell(**order)
        return self.heard()


class Bare:
    """The bare server with a crowd of its own: what the same bytes cost when nothing else is done."""

    def __init__(self) -> None:
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self.server = self._stack.enter_context(Program("bench.limits"))
        self.crowd = self._stack.enter_context(Program("bench.crowd"))
        self.url = f"ws://127.0.0.1:{self.server.heard()['port']}/"
        self._rev = 0
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    def connect(self, count: int, *, over: float = 0.0) -> float:
        """Seconds until all were let in."""
        come = self.crowd.ask(do="connect", addresses=[self.url] * count, spread=over, bare=True)
        return float(come["seconds"])

    def round(self, size: int) -> float:
        """ms from the broadcast of a text of `size` bytes to the last socket of the crowd."""
        self.crowd.ask(do="arm")
        self._rev += 1
        end = f'","rev":{self._rev},"at":0,"key":"01234567"}}'
        began = self.server.ask(say='{"html":"' + "x" * (size - len(end) - 9) + end)["began"]
        shown = self.crowd.ask(do="await", rev=self._rev)
        return float((shown["last"] - began) * 1000)


@dataclass(slots=True)
class Lab:
    """The stores of this run and the system's servers on them."""

    database_url: str
    redis: Redis
    say: Callable[[str], None]
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 10_000)))

    @contextmanager
    def server(self, *, source: Path = ROOT, application: str = OURS, **environment: str) -> Iterator[Server]:
        """One Daphne process, as in production but for TLS. More of its environment by keyword."""
        with running_server(
            source=source,
            application=application,
            database_url=self.database_url,
            redis_url=self.redis.url,
            DJANGO_SETTINGS_MODULE="bench.settings",
            SOCKETS_AN_ADDRESS="10000",
            expects_errors=True,  # a server that ends in the middle of a change notice says so
            **environment,
        ) as server:
            yield server

    def hall(self, *, waiting: int = 0) -> "Hall":
        """A branch of its own, with one service, one desk and so many waiting."""
        slug = f"bench-{next(self.numbers)}"
        branch = actions.create_branch(slug, names={"en": slug, "fi": slug, "sv": slug})
        service = actions.create_service(
            branch, "line", names={"en": "Line", "fi": "Jono", "sv": "Kö"}, prefix="A", first=1, last=99_999
        )
        desk = actions.create_desk(branch, "1", services=[service])
        clerk, _new = User.objects.get_or_create(username=CLERK, defaults={"password": _hashed()})
        actions.add_member(branch, clerk, Role.CLERK)
        hall = Hall(branch, service, desk, clerk)
        for _visitor in range(waiting):
            hall.issue()
        return hall


@cache
def _hashed() -> str:
    """Once: a hash takes long on purpose."""
    return make_password(PASSWORD)


@dataclass(slots=True)
class Hall:
    branch: Branch
    service: Service
    desk: Desk
    clerk: User
    called: int = 0

    def issue(self) -> str:
        """The new visitor's secret address."""
        return str(actions.issue(self.service, language="en").token)

    def newest_token(self) -> str:
        """The secret address of whoever has drawn last."""
        return str(self.branch.tickets.order_by("-pk").values_list("token", flat=True)[0])

    def display(self, server: Server) -> str:
        return f"ws://127.0.0.1:{server.port}/ws/display/{self.branch.slug}/"

    def phone(self, server: Server, token: str) -> str:
        return f"ws://127.0.0.1:{server.port}/ws/t/{token}/"

    def revision(self) -> int:
        return Branch.objects.values_list("revision", flat=True).get(pk=self.branch.pk)

    def call(self) -> tuple[float, int]:
        """Call the next one. When that was committed, and which revision it made."""
        committed: list[float] = []
        with transaction.atomic():
            # Registered before the action's own hook, which sends the change notice.
            transaction.on_commit(lambda: committed.append(time.monotonic()))
            self.called = actions.call_next(self.desk, by=self.clerk).pk
        return committed[0], self.revision()

    def clear(self) -> None:
        """Nobody is at the desk any more."""
        actions.mark_absent(self.desk, self.called, by=self.clerk)


def processor_time(pid: int) -> float:
    """Seconds of the processor that all threads of this process have used. Linux names a process's clock so, as
    clock_getcpuclockid(3) does."""
    return time.clock_gettime(~pid << 3 | 2)


def memory(pid: int) -> int:
    """Bytes of this process that are in memory."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) * 1024
