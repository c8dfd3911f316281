"""A whole site under fire, in short: `make chaos` is the long one (docs/chaos.md)."""

import json

import pytest

from tests.ops.processes import run

pytestmark = pytest.mark.networked


def test_nothing_is_lost_doubled_or_shown_wrongly_for_long() -> None:
    """Two servers killed, Redis killed, PostgreSQL failed over to its standby; the fire itself says what is wrong."""
    fire = run("-m", "bench.chaos", "--short")
    assert fire.returncode == 0, fire.stdout + fire.stderr
    found = json.loads(fire.stdout.splitlines()[-1])
    assert (found["faults"], found["wrong"]) == (4, 0)
    assert found["tickets"] > 0
    assert found["presses"] > found["unanswered"]
