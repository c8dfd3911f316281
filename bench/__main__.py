"""`make bench`: every figure of speed, each beside its physical limit in the same run.

`python -m bench [figure …]` measures only the groups that those figures belong to. It ends with one line of JSON, and
with 1 when a figure misses what it must reach. `python -m bench fast_paths [path …]` measures what fast paths gain,
`python -m bench before <revision>` what a press costs in another revision.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bench.figures import GOALS, Figure, write
from tests.kit.servers import Redis, throwaway_postgres, throwaway_redis
from tools.stack import install_missing

if TYPE_CHECKING:
    from bench.lab import Lab

RESULTS = Path(__file__).parent / "results"


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(wanted: Sequence[str]) -> int:
    is_of_paths, is_beside = (wanted[:1] == [word] for word in ("fast_paths", "before"))
    unknown = set() if is_of_paths or is_beside else set(wanted) - set(GOALS)
    if unknown:
        say(f"No such figure: {', '.join(sorted(unknown))}. There are {', '.join(GOALS)}.")
        return 2
    complaint = install_missing()
    if complaint:
        say(complaint)
        return 1
    with throwaway_postgres() as database_url, throwaway_redis() as redis, tempfile.TemporaryDirectory() as var:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "bench.settings",
            "DEBUG": "1",
            "VAR_DIR": var,
            "DATABASE_URL": database_url,
            "REDIS_URL": redis.url,
        }
        lab = _lab(database_url, redis)
        if is_of_paths:
            from bench import fast_paths  # noqa: PLC0415 - the environment comes first

            say(json.dumps(fast_paths.gains(lab, wanted[1:])))
            return 0
        if is_beside:
            from bench import presses  # noqa: PLC0415 - the environment comes first

            say(json.dumps(presses.beside(lab, *wanted[1:])))
            return 0
        measured = _measure(lab, wanted)
    say(json.dumps({figure.name: round(figure.value, 3) for figure in measured}))
    return int(any(not GOALS[figure.name].is_met(figure.value) for figure in measured))


def _lab(database_url: str, redis: Redis) -> "Lab":
    import django  # noqa: PLC0415 - the environment comes first

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from bench.lab import Lab  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    return Lab(database_url, redis, say)


def _measure(lab: "Lab", wanted: Sequence[str]) -> list[Figure]:
    """The figures of the groups that are wanted; with none wanted all of them, which are also written down."""
    from bench import fanout, idle, machine, memory, presses, screens, stores, storm  # noqa: PLC0415 - once Django is set up

    groups: dict[Callable[[Lab], list[Figure]], tuple[str, ...]] = {
        stores.issue_and_call: ("issue_pg_8", "call_pg_8"),
        screens.press_to_glass: ("press_to_glass_5",),
        screens.snapshot_growth: ("snapshot_growth",),
        presses.press_cost: ("press_cost", "issue_http_8"),
        fanout.displays: ("fanout_1000", "fanout_5000", "fanout_growth", "worst_round"),
        fanout.two_servers: ("fanout_5000_two",),
        fanout.phones: ("phones_2000",),
        idle.memory_and_storm: ("rss_per_socket", "connect_storm"),
        storm.storm_press: ("storm_press",),
        memory.flat: ("rss_flat",),
    }
    began = time.monotonic()
    measured: list[Figure] = []
    for measure, names in groups.items():
        if wanted and not set(wanted) & set(names):
            continue
        for figure in measure(lab):
            say(figure.line())
            measured.append(figure)
    if not wanted:
        day, seconds = datetime.now(UTC).date().isoformat(), round(time.monotonic() - began)
        path = write(RESULTS, day, {"day": day, "seconds": seconds, **machine.described()}, measured)
        say(f"Written to {path.relative_to(Path.cwd())}, after {seconds} s.")
    return measured


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
