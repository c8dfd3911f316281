"""The chaos test of a whole site, in short: `make chaos` is the long one (docs/chaos.md)."""

import json
import subprocess
import sys

from tests.kit.servers import ROOT, clean_environment, stop

ENOUGH = 300


def test_nothing_is_lost_doubled_or_shown_wrongly_for_long() -> None:
    """A server killed, one stopped and one away behind the proxy, the database late, Redis killed, PostgreSQL failed
    over to its standby. `bench.chaos` says what is wrong."""
    chaos = subprocess.Popen(
        [sys.executable, "-m", "bench.chaos", "--short"],
        cwd=ROOT, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        said, _errors = chaos.communicate(timeout=ENOUGH)
    finally:
        stop(chaos)
    assert chaos.returncode == 0, said
    found = json.loads(said.splitlines()[-1])
    assert (found["faults"], found["wrong"]) == (6, 0)
    assert found["tickets"] > 0
    assert found["presses"] > found["unanswered"]
