"""From a desk's press to the lobby's screens: what a clerk and a visitor see of the system's speed."""

import statistics
import time
from contextlib import ExitStack
from uuid import uuid4

from bench.browser import Browser, said
from bench.figures import Figure, percentile
from bench.lab import CLERK, PASSWORD, Bare, Hall, Lab, Program
from bench.limits import RawPublish
from tests.kit.servers import Server

DISPLAYS = 5
SERIES, PRESSES = 3, 100
"""A 95th percentile is moved by whatever else the machine does for a few seconds: the series in the middle counts."""
GROWTH_PRESSES = 60
FEW, MANY = 10, 1000
WARM_UP = 5
SHARE = 95


class WatchedDesk:
    """A desk, pressed over HTTP, and a few displays that watch its branch."""

    def __init__(self, stack: ExitStack, server: Server, hall: Hall) -> None:
        self.hall = hall
        self.clerk = Browser(server.port, CLERK, PASSWORD)
        self.page, _took = self.clerk.ask("GET", f"/desk/{hall.desk.pk}/")
        self.crowd = stack.enter_context(Program("bench.crowd"))
        self.crowd.ask(do="connect", addresses=[hall.display(server)] * DISPLAYS)
        self.size = 0

    def call(self) -> float:
        """ms from the press that calls the next one to the last display that shows it."""
        self.crowd.ask(do="arm")
        began = time.monotonic()
        self.press("call-next")
        shown = self.crowd.ask(do="await", rev=self.hall.revision())
        self.size = shown["size"]
        self.press("absent")
        return float((shown["last"] - began) * 1000)

    def issue(self) -> float:
        """ms of a visitor's press at the kiosk, until it is answered with their ticket."""
        fields = {"service": self.hall.service.slug}
        return self.clerk.ask("POST", f"/kiosk/{self.hall.branch.slug}/en/{uuid4()}/", fields)[1]

    def nothing(self) -> float:
        """ms of the same clerk's press that does nothing: through the same doors, with the same session."""
        return self.clerk.ask("POST", "/bench/nothing/", {})[1]

    def press(self, name: str) -> None:
        fields = {field: said(self.page, field) for field in ("ticket", "seen", "calls")}
        self.page, _took = self.clerk.ask("POST", f"/desk/{self.hall.desk.pk}/{name}/", fields)


def press_to_glass(lab: Lab) -> list[Figure]:
    """press_to_glass_5; beside it, for comparison with others, how long a number takes at the kiosk."""
    lab.say("a desk's press to the fifth display")
    samples: dict[str, list[float]] = {
        name: [] for name in ("press to glass", "empty POST", "publish", "bare frame", "a number at the kiosk")
    }
    ratios: list[float] = []
    publish = RawPublish(lab.redis.port)
    with ExitStack() as stack:
        server = stack.enter_context(lab.server())
        bare = stack.enter_context(Bare())
        bare.connect(DISPLAYS)
        desk = WatchedDesk(stack, server, lab.hall(waiting=PRESSES))
        for number in range(SERIES * PRESSES + WARM_UP):
            issued = desk.issue()
            took = (desk.call(), desk.nothing(), publish.seconds() * 1000, bare.round(desk.size), issued)
            if number >= WARM_UP:
                for taken, ms in zip(samples.values(), took, strict=True):
                    taken.append(ms)
    for first in range(0, SERIES * PRESSES, PRESSES):
        series = [percentile(taken[first : first + PRESSES], SHARE) for taken in samples.values()]
        ratios.append(series[0] / sum(series[1:4]))
    return [Figure("press_to_glass_5", statistics.median(ratios), samples)]


def snapshot_growth(lab: Lab) -> list[Figure]:
    """snapshot_growth: each press beside one of a branch where few wait."""
    lab.say("a desk's press to the display, with 10 and with 1,000 waiting")
    samples: dict[str, list[float]] = {"few": [], "many": []}
    with ExitStack() as stack:
        server = stack.enter_context(lab.server())
        halls = {"few": lab.hall(waiting=FEW), "many": lab.hall(waiting=MANY)}
        desks = {name: WatchedDesk(stack, server, hall) for name, hall in halls.items()}
        for number in range(GROWTH_PRESSES + WARM_UP):
            for name, desk in desks.items():
                desk.hall.issue()
                took = desk.call()
                if number >= WARM_UP:
                    samples[name].append(took)
    few, many = (statistics.median(taken) for taken in samples.values())
    return [Figure("snapshot_growth", many / few, samples)]
