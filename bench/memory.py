"""Whether the memory of a server stays as it is over a long day: whatever grows by a little with each request ends in
a server that must be restarted."""

import statistics
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from bench.browser import Browser, said
from bench.figures import Figure
from bench.lab import CLERK, PASSWORD, Hall, Lab, Program, memory
from tests.kit.servers import Server

REQUESTS = 50_000
BRANCHES = 4
"""Each with one visitor at a time: so many requests at once."""
DISPLAYS = 20
"""Of the first branch."""
READ_EVERY = 1000
"""Requests, as many as `live.garbage` lets go by until it collects what they have left."""
MIB = 1024 * 1024


def flat(lab: Lab) -> list[Figure]:
    """rss_flat: the last tenth beside the second. During the first the caches fill."""
    lab.say(f"memory of a server over {REQUESTS:,} requests")
    with lab.server() as server, Program("bench.crowd") as crowd, ThreadPoolExecutor(BRANCHES) as side_by_side:
        halls = [lab.hall() for _branch in range(BRANCHES)]
        crowd.ask(do="connect", addresses=[halls[0].display(server)] * DISPLAYS)
        visits = [_Visits(server, hall) for hall in halls]
        taken: list[float] = []
        for _reading in range(REQUESTS // READ_EVERY):
            list(side_by_side.map(lambda of_branch: of_branch.ask(READ_EVERY // BRANCHES), visits))
            taken.append(memory(server.process.pid) / MIB)
        frames = _frames(visits[0].browser)
    tenth = len(taken) // 10
    second, last = taken[tenth : 2 * tenth], taken[-tenth:]
    samples = {"MiB, second tenth": second, "MiB, last tenth": last, "MiB": taken, "frames": [frames]}
    return [Figure("rss_flat", statistics.median(last) / statistics.median(second), samples)]


class _Visits:
    """Visitors of one branch, one after the other: each draws a number, looks at a phone, is called and served."""

    def __init__(self, server: Server, hall: Hall) -> None:
        self.hall = hall
        self.browser = Browser(server.port, CLERK, PASSWORD)
        self.panel = ""
        self.asked = 0

    def ask(self, count: int) -> None:
        """So many requests; the next ones go on where these end."""
        steps = self._steps()
        for _request in range(count):
            steps[self.asked % len(steps)]()
            self.asked += 1

    def _steps(self) -> list[Callable[[], object]]:
        slug = self.hall.branch.slug
        return [
            lambda: self._get(f"/kiosk/{slug}/"),
            self._draw,
            lambda: self._get(f"/t/{self.hall.newest_token()}/"),
            lambda: self._get(f"/display/{slug}/"),
            self._open_desk,
            *(lambda name=name: self._press(name) for name in ("call-next", "start", "finish")),
        ]

    def _get(self, path: str) -> str:
        return self.browser.ask("GET", path)[0]

    def _draw(self) -> None:
        fields = {"service": self.hall.service.slug}
        self.browser.ask("POST", f"/kiosk/{self.hall.branch.slug}/en/{uuid4()}/", fields)

    def _open_desk(self) -> None:
        self.panel = self._get(f"/desk/{self.hall.desk.pk}/")

    def _press(self, name: str) -> None:
        fields = {field: said(self.panel, field) for field in ("ticket", "seen", "calls")}
        self.panel, _took = self.browser.ask("POST", f"/desk/{self.hall.desk.pk}/{name}/", fields)


def _frames(browser: Browser) -> float:
    """Handed to sockets since the server began."""
    lines = browser.ask("GET", "/metrics")[0].splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("queuesite_frames_total"))
