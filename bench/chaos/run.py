"""One fault after the other, and after each: are the rows sound, were the clients told so, do the screens show it?"""

import asyncio
import gc
import random
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from bench.chaos.crowd import Crowd
from bench.chaos.faults import Fault, NotHere, Scene
from bench.chaos.site import Site, in_thread
from bench.chaos.truth import afresh, build

WAITS = 60.0
"""Seconds after which a screen that is still wrong is given up."""
WARMING, LEAD = 2.0, 0.5
"""Seconds of traffic before the first fault, and before each."""
LOOK_EVERY = 0.2


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds from a fault's end until every screen shows the truth, and for a press where the fault is none of its
    business; and MB for each server."""

    current: float = 5.0
    press: float = 1.5
    memory: float = 400.0


BESIDE_OTHERS = Limits(current=30.0, press=10.0)
"""On a machine that has other tests to run meanwhile: what is stuck is still seen, what is slow is not judged."""


@dataclass(slots=True)
class Outcome:
    """What a fault did. Seconds and MB; `recovery` is from the fault's end until everybody was current, the longest of
    all tries; `wrong` is what must not be, and empty when all is well."""

    name: str
    tries: int = 0
    lasted: float = 0.0
    recovery: float = 0.0
    slowest_press: float = 0.0
    presses: int = 0
    unanswered: int = 0
    memory: float = 0.0
    note: str = ""
    wrong: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Fire:
    """A site, its crowd, and how to set fire to them."""

    scene: Scene
    limits: Limits

    async def face(self, fault: Fault) -> Outcome:
        outcome = Outcome(fault.name)
        began = time.monotonic()
        watching = asyncio.create_task(self._watch_memory(outcome))
        try:
            for _try in range(fault.times):
                await self._face_once(fault, outcome)
                outcome.tries += 1
        except NotHere as why:
            outcome.note = f"not tried: {why}"
        finally:
            watching.cancel()
            outcome.lasted = time.monotonic() - began
        if outcome.memory > self.limits.memory:
            outcome.wrong.append(f"a server has used {outcome.memory:.0f} MB")
        return outcome

    async def _face_once(self, fault: Fault, outcome: Outcome) -> None:
        crowd = self.scene.crowd
        account = crowd.account
        account.slowest, presses, unanswered = 0.0, account.presses, account.unanswered
        crowd.gate.pace = fault.pace
        crowd.gate.open()
        self.scene.note = ""
        try:
            await asyncio.sleep(LEAD)
            await fault.strike(self.scene)
        except AssertionError as failure:
            outcome.wrong.append(str(failure))
        ended = time.monotonic()
        await crowd.gate.close()
        outcome.recovery = max(outcome.recovery, await self._recovery(ended, outcome.wrong))
        outcome.note = self.scene.note
        outcome.slowest_press = max(outcome.slowest_press, account.slowest)
        outcome.presses += account.presses - presses
        outcome.unanswered += account.unanswered - unanswered
        outcome.wrong += await crowd.wrong()
        if fault.spares_presses and account.slowest > self.limits.press:
            outcome.wrong.append(f"a press took {account.slowest:.1f} s")
        if not self.scene.site.worker_lives:
            outcome.wrong.append("the clockwork has ended")

    async def _recovery(self, ended: float, wrong: list[str]) -> float:
        """Seconds from the end until nobody is behind; who was for too long goes into `wrong`."""
        late: list[str] = []
        while True:
            seconds = time.monotonic() - ended
            behind = await self.scene.crowd.behind(ended)
            if not behind or seconds > WAITS:
                break
            late = behind
            await asyncio.sleep(LOOK_EVERY)
        if seconds > self.limits.current:
            wrong.append(f"not current for {seconds:.1f} s: {', '.join(late[:5])} and {max(0, len(late) - 5)} more")
        return seconds

    async def _watch_memory(self, outcome: Outcome) -> None:
        while True:
            outcome.memory = max([outcome.memory, *self.scene.site.memory()])
            await asyncio.sleep(0.25)


async def burn(
    site: Site, faults: Sequence[Fault], *, seed: int, storm: int, limits: Limits, told: Callable[[Outcome], None]
) -> tuple[list[Outcome], Crowd]:
    """Build the site, let the crowd come, and face each fault in its turn; `told` hears of each outcome."""
    async with AsyncExitStack() as cleanup:
        await site.start_stores(cleanup)
        sample = await in_thread(afresh, build)
        await site.start_servers(cleanup)
        crowd = Crowd(site, sample)
        cleanup.callback(crowd.go)
        # The clients' own clock must not stand still while the collector goes through what Django has loaded.
        gc.collect()
        gc.freeze()
        await crowd.come()
        fire = Fire(Scene(site, crowd, random.Random(seed), storm), limits)  # noqa: S311 - repeatable, no secret
        crowd.gate.open()
        await asyncio.sleep(WARMING)
        outcomes = []
        for fault in faults:
            outcomes.append(await fire.face(fault))
            told(outcomes[-1])
        return outcomes, crowd
