"""What a press costs, beside the least that it can cost: the same statements, in an application of ten lines, under the
same Daphne (`bench/limit_app.py`).

`python -m bench before <revision>` measures another revision of the repository in the same run.
"""

import statistics
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.db import connection

from bench.browser import Browser
from bench.figures import Figure
from bench.lab import Hall, Lab, Program, processor_time
from bench.screens import DISPLAYS, WatchedDesk
from tests.kit.servers import ROOT, Server

CALLS = 100
AT_ONCE, POSTS, ROUNDS = 8, 240, 7
WARM_UP = 10
WARM_UP_ROUNDS = 1


class Contender(ABC):
    """A server whose presses are measured, with five displays that watch."""

    server: Server

    @abstractmethod
    def call(self) -> None:
        """One call, until all displays show it and the server is at rest."""

    @abstractmethod
    def clear(self) -> None:
        """Nobody is at the desk any more; the server is at rest."""

    @abstractmethod
    def kiosk(self) -> dict[str, object]:
        """How numbers are drawn at it, as an order to `bench.kiosks`."""


class System(Contender):
    """This system, or an earlier revision of it."""

    def __init__(self, stack: ExitStack, server: Server, hall: Hall) -> None:
        self.server, self.hall = server, hall
        self.desk = WatchedDesk(stack, server, hall)

    def call(self) -> None:
        self.desk.press("call-next")
        self.desk.crowd.ask(do="await", rev=self.hall.revision())
        self.desk.crowd.ask(do="arm")

    def clear(self) -> None:
        self.desk.press("absent")
        self.desk.crowd.ask(do="await", rev=self.hall.revision())
        self.desk.crowd.ask(do="arm")

    def kiosk(self) -> dict[str, object]:
        kiosk = Browser(self.server.port)
        kiosk.ask("GET", f"/kiosk/{self.hall.branch.slug}/")
        fields = {"Host": f"127.0.0.1:{self.server.port}", **kiosk.headers()}
        return {
            "path": f"/kiosk/{self.hall.branch.slug}/en/{{uuid}}/",
            "head": "".join(f"{name}: {value}\r\n" for name, value in fields.items()),
            "body": f"service={self.hall.service.slug}",
        }


class Least(Contender):
    """The limit, which sends as many bytes as the system's frame has."""

    def __init__(self, stack: ExitStack, server: Server, hall: Hall, frame: int) -> None:
        self.server, self.hall, self.frame = server, hall, frame
        self.browser = Browser(server.port)
        self.crowd = stack.enter_context(Program("bench.crowd"))
        self.crowd.ask(do="connect", addresses=[f"ws://127.0.0.1:{server.port}/"] * DISPLAYS, bare=True)
        self.said = 0

    def call(self) -> None:
        self.browser.ask("POST", f"/call/{self.hall.branch.pk}/{self.hall.desk.pk}/?{self.frame}", {})
        self.said += 1
        self.crowd.ask(do="await", rev=self.said)
        self.crowd.ask(do="arm")

    def clear(self) -> None:
        self.hall.called = self.hall.desk.tickets.get(state="CALLED").pk
        self.hall.clear()

    def kiosk(self) -> dict[str, object]:
        return {
            "path": f"/issue/{self.hall.branch.pk}/{self.hall.service.pk}/",
            "head": f"Host: 127.0.0.1:{self.server.port}\r\n",
            "body": "service=line",
        }


def press_cost(lab: Lab) -> list[Figure]:
    """press_cost and issue_http_8."""
    return [_cost(lab, None), _rate(lab, None)]


def beside(lab: Lab, revision: str) -> dict[str, dict[str, float]]:
    """The medians of both figures, of this tree, the revision and the limit."""
    with _tree(revision) as tree:
        figures = [_cost(lab, tree), _rate(lab, tree)]
    for figure in figures:
        lab.say(figure.line())
    return {
        figure.name: {name: round(statistics.median(taken), 3) for name, taken in figure.samples.items()}
        for figure in figures
    }


def _cost(lab: Lab, before: Path | None) -> Figure:
    """ms of the processor for a call: the server's, all threads; and the stores' beside it."""
    lab.say("what a desk's call costs the server's processor, five displays watching")
    samples: dict[str, list[float]] = {}
    with _contenders(lab, before, waiting=CALLS + WARM_UP) as contenders:
        for number in range(CALLS + WARM_UP):
            for name, one in contenders.items():
                spent, stores = processor_time(one.server.process.pid), _stores(lab)
                one.call()
                spent, stores = processor_time(one.server.process.pid) - spent, _stores(lab) - stores
                one.clear()
                if number >= WARM_UP:
                    samples.setdefault(f"{name} ms", []).append(spent * 1000)
                    samples.setdefault(f"{name}'s stores ms", []).append(stores * 1000)
    return _ratio("press_cost", samples, "ms")


def _rate(lab: Lab, before: Path | None) -> Figure:
    """Numbers a second at eight at once."""
    lab.say("numbers a second over HTTP, eight kiosks at once, five displays watching")
    samples: dict[str, list[float]] = {}
    with _contenders(lab, before, waiting=1) as contenders, Program("bench.kiosks") as kiosks:
        orders = {name: one.kiosk() for name, one in contenders.items()}
        for number in range(ROUNDS + WARM_UP_ROUNDS):
            for name, one in contenders.items():
                took = kiosks.ask(port=one.server.port, at_once=AT_ONCE, posts=POSTS, **orders[name])
                if number >= WARM_UP_ROUNDS:
                    samples.setdefault(f"{name} /s", []).append(POSTS / (took["ended"] - took["began"]))
    return _ratio("issue_http_8", samples, "/s")


def _ratio(name: str, samples: Mapping[str, list[float]], unit: str) -> Figure:
    ours, limit = (statistics.median(samples[f"{who} {unit}"]) for who in ("ours", "limit"))
    return Figure(name, ours / limit, samples)


@contextmanager
def _contenders(lab: Lab, before: Path | None, *, waiting: int) -> Iterator[dict[str, Contender]]:
    with ExitStack() as stack:
        ours = System(stack, stack.enter_context(lab.server()), lab.hall(waiting=waiting))
        contenders: dict[str, Contender] = {"ours": ours}
        if before is not None:
            server = stack.enter_context(lab.server(source=before))
            contenders["before"] = System(stack, server, lab.hall(waiting=waiting))
        ours.desk.call()
        bare = stack.enter_context(lab.server(application="bench.limit_app:application"))
        contenders["limit"] = Least(stack, bare, lab.hall(waiting=waiting), ours.desk.size)
        yield contenders


def _stores(lab: Lab) -> float:
    """Seconds of the processor that Redis and PostgreSQL's open connections have used."""
    others = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid != pg_backend_pid()"
    with connection.cursor() as sql:
        sql.execute(others)
        pids = [pid for (pid,) in sql.fetchall()]
    if lab.redis.process is not None:
        pids.append(lab.redis.process.pid)
    return sum(processor_time(pid) for pid in pids)


@contextmanager
def _tree(revision: str) -> Iterator[Path]:
    """The revision's files, for as long as it is measured."""
    with tempfile.TemporaryDirectory(prefix="queuesite-before-") as folder:
        packed = subprocess.run(["git", "archive", revision], cwd=ROOT, check=True, capture_output=True)  # noqa: S603, S607 - a developer's own revision
        subprocess.run(["tar", "-x", "-C", folder], input=packed.stdout, check=True)  # noqa: S603, S607 - the same
        yield Path(folder)
