"""What a clerk feels while thousands of screens come back at once."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException

from bench.browser import Browser, said
from bench.figures import Figure, percentile
from bench.idle import SOCKETS, SPREAD, STORMS
from bench.lab import CLERK, PASSWORD, Hall, Lab, Program
from queues import actions
from tests.kit.servers import Server

EVERY = 0.1
"""Seconds from one press to the next."""
QUIET = 300
DESKS = 30
"""Over which the presses go round, each by itself: none waits for the answer to the one before."""
LOST = 30.0
"""Seconds, for a press that is refused or isn't answered."""
SHARE = 95


class Clerk:
    """Somebody who sits at many desks of a branch without displays: it is the way of a press that is measured."""

    def __init__(self, server: Server, hall: Hall) -> None:
        names = range(2, DESKS + 1)
        others = [actions.create_desk(hall.branch, str(name), services=[hall.service]) for name in names]
        self.desks = [_Desk(server, desk.pk) for desk in (hall.desk, *others)]
        self.pressed = 0

    def press_until(self, is_over: Callable[[int], bool]) -> list[float]:
        """Press every EVERY seconds until it is over, which is asked with how many presses there were. Seconds from the
        moment at which each press was due to its answer."""
        answers: list[Future[float]] = []
        began = time.monotonic()
        with ThreadPoolExecutor(DESKS) as hands:
            while not is_over(len(answers)):
                due = began + len(answers) * EVERY
                time.sleep(max(0.0, due - time.monotonic()))
                answers.append(hands.submit(self.desks[self.pressed % DESKS].press, due))
                self.pressed += 1
            return [answer.result() for answer in answers]


class _Desk:
    def __init__(self, server: Server, pk: int) -> None:
        self._browser = Browser(server.port, CLERK, PASSWORD, patience=LOST)
        self._pk = pk
        self._panel = self._browser.ask("GET", f"/desk/{pk}/")[0]
        self._one_by_one = threading.Lock()

    def press(self, due: float) -> float:
        with self._one_by_one, suppress(OSError, HTTPException, RuntimeError):
            self._press()
            return min(LOST, time.monotonic() - due)
        self._browser.disconnect()
        return LOST

    def _press(self) -> None:
        press = "absent" if said(self._panel, "state") == "CALLED" else "call-next"
        fields = {field: said(self._panel, field) for field in ("ticket", "seen", "calls")}
        self._panel = self._browser.ask("POST", f"/desk/{self._pk}/{press}/", fields)[0]


def storm_press(lab: Lab) -> list[Figure]:
    """storm_press: presses in the storms of `connect_storm`, beside presses in quiet."""
    lab.say(f"a clerk's presses while {SOCKETS:,} displays come back")
    with lab.server() as server, Program("bench.crowd") as crowd:
        hall = lab.hall(waiting=QUIET + STORMS * 200)
        addresses = [lab.hall().display(server)] * SOCKETS
        crowd.ask(do="connect", addresses=addresses, spread=5.0)
        clerk = Clerk(server, hall)
        clerk.press_until(lambda pressed: pressed == 2 * DESKS)
        quiet = clerk.press_until(lambda pressed: pressed == QUIET)
        storms: list[float] = []
        lasted: list[float] = []
        for _storm in range(STORMS):
            crowd.ask(do="drop")
            crowd.tell(do="connect", addresses=addresses, spread=SPREAD)
            with ThreadPoolExecutor(1) as listening:
                back = listening.submit(crowd.heard)
                storms += clerk.press_until(lambda _pressed, back=back: back.done())  # type: ignore[misc]
                lasted.append(back.result()["seconds"])
    ratio = percentile(storms, SHARE) / percentile(quiet, SHARE)
    return [Figure("storm_press", ratio, {"storm s": storms, "quiet s": quiet, "a storm s": lasted})]
