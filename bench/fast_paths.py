"""`python -m bench fast_paths [path …]`: what each fast path gains (docs/upgrading.md).

Two processes run on the same stores, one with every fast path and one with that one off (PLAIN_WAYS). The same work is
done by each in turn, block by block, so that the machine's moods meet both. What counts is the processor's time of the
process, which other programs of the machine change little. Printed for each path: the medians in ms, and the share of
the time that the path saves, as the median over the pairs of blocks.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass

from bench.fanout import Crowds
from bench.lab import Hall, Lab, Program, processor_time
from queues import actions

BLOCKS = 12
WARM_UP = 2
PRESSES = 100
ROUNDS = 4
SECONDS = 6.0
"""Of a block of rounds: confirmations come within 2.5 s, and heartbeats are part of what a screen costs."""
SCREENS = 1000
COME_WITHIN = 0.5
"""Seconds in which they come back, as `live.js` spreads them."""


@dataclass(frozen=True, slots=True)
class Worker:
    """A process, and one block of its work; that says how often it did what is measured."""

    pid: int
    work: Callable[[], int]


Measure = Callable[[Lab, str], AbstractContextManager[Worker]]
"""Takes the names of the paths that are off."""


def gains(lab: Lab, wanted: Sequence[str]) -> dict[str, dict[str, object]]:
    """Of the paths that are wanted; with none wanted, of all."""
    unknown = set(wanted) - set(MEASURED)
    if unknown:
        raise SystemExit(f"No such fast path: {', '.join(sorted(unknown))}. There are {', '.join(MEASURED)}.")
    return {name: _gain(lab, name) for name in wanted or MEASURED}


def _gain(lab: Lab, name: str) -> dict[str, object]:
    what, measure = MEASURED[name]
    fast: list[float] = []
    plain: list[float] = []
    with measure(lab, "") as one, measure(lab, name) as other:
        for block in range(WARM_UP + BLOCKS):
            turns = [(one, fast), (other, plain)]
            for worker, taken in turns if block % 2 else reversed(turns):
                spent = _spent(worker)
                if block >= WARM_UP:
                    taken.append(spent)
    saved = statistics.median(1 - mine / theirs for mine, theirs in zip(fast, plain, strict=True))
    ms, plain_ms, load = statistics.median(fast), statistics.median(plain), os.getloadavg()[0]
    lab.say(f"{name:<20} {what}: {ms:.3f} ms, plain {plain_ms:.3f} ms, saves {saved:.1%} (load {load:.1f})")
    return {"of": what, "ms": round(ms, 3), "plain ms": round(plain_ms, 3), "saves": round(saved, 3), "load": load}


def _spent(worker: Worker) -> float:
    """ms of the processor for each time in one block of its work."""
    before = processor_time(worker.pid)
    times = worker.work()
    return (processor_time(worker.pid) - before) * 1000 / times


# What is measured


@contextmanager
def presses(lab: Lab, plain: str) -> Iterator[Worker]:
    """Half of them give a number, half call one: the actions alone, without HTTP and pages."""
    with Program("bench.worker", PLAIN_WAYS=plain) as program:

        def work() -> int:
            hall = lab.hall()
            others = range(2, PRESSES // 2 + 1)
            desks = [actions.create_desk(hall.branch, str(number), services=[hall.service]) for number in others]
            places = [(hall.branch.pk, hall.service.pk, desk.pk) for desk in (hall.desk, *desks)]
            for what in ("issue", "call"):
                program.ask(what=what, how="ours", places=places)
            return PRESSES

        yield Worker(program.pid, work)


@contextmanager
def rounds(lab: Lab, plain: str) -> Iterator[Worker]:
    """A call before a thousand displays, and its end."""
    with lab.server(PLAIN_WAYS=plain) as server:
        hall = lab.hall(waiting=(WARM_UP + BLOCKS) * ROUNDS)
        with _watched(hall, [hall.display(server)] * SCREENS) as work:
            yield Worker(server.process.pid, work)


@contextmanager
def phone_rounds(lab: Lab, plain: str) -> Iterator[Worker]:
    """The same before a thousand phones of visitors who wait."""
    with lab.server(PLAIN_WAYS=plain) as server:
        hall = lab.hall(waiting=(WARM_UP + BLOCKS) * ROUNDS)
        with _watched(hall, [hall.phone(server, hall.issue()) for _visitor in range(SCREENS)]) as work:
            yield Worker(server.process.pid, work)


@contextmanager
def _watched(hall: Hall, addresses: Sequence[str]) -> Iterator[Callable[[], int]]:
    with ExitStack() as stack:
        crowds = Crowds(stack, [addresses])

        def work() -> int:
            until = time.monotonic() + SECONDS
            for _round in range(ROUNDS):
                crowds.round(hall)
            time.sleep(max(0.0, until - time.monotonic()))
            return ROUNDS

        yield work


@contextmanager
def handshakes(lab: Lab, plain: str) -> Iterator[Worker]:
    """A thousand displays come back at once, until each has been shown its first view, and go."""
    with lab.server(PLAIN_WAYS=plain) as server, Program("bench.crowd") as crowd:
        addresses = [lab.hall().display(server)] * SCREENS

        def work() -> int:
            crowd.ask(do="connect", addresses=addresses, spread=COME_WITHIN)
            crowd.ask(do="drop")
            return SCREENS

        yield Worker(server.process.pid, work)


MEASURED: dict[str, tuple[str, Measure]] = {
    "redis_publish": ("a press", presses),
    "compiled_queries": ("a press", presses),
    "timestamps": ("a round of 1,000 phones", phone_rounds),
    "websocket_fast_path": ("a round of 1,000 displays", rounds),
    "handshake_log": ("a handshake", handshakes),
}
