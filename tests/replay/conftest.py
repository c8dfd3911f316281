import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import translation

from queues.models import Branch
from tests.kit.invariants import assert_sound
from tests.replay.logs import DAY, REAL_LOG, write


@dataclass(frozen=True, slots=True)
class Played:
    """What a replay said, and where it was."""

    stdout: str
    stderr: str
    tally: dict[str, float]

    @property
    def branch(self) -> Branch:
        return Branch.objects.get(slug="played")

    def counted(self, **figures: int) -> None:
        """These figures, and 0 for every other one that counts something."""
        counts = {name: value for name, value in self.tally.items() if name != "seconds"}
        assert counts == dict.fromkeys(counts, 0) | figures


Play = Callable[..., Played]


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def play(tmp_path: Path) -> Play:
    """Play these rows, or a log that is there already; whatever happens, the invariants hold afterwards."""

    def play(*rows: str, log: Path | None = None, day: str = DAY, speed: str = "max", options: str = "") -> Played:
        log = log or write(tmp_path / "log.csv", *rows)
        stdout, stderr = StringIO(), StringIO()
        words = [str(log), "--branch=played", f"--date={day}", f"--speed={speed}", *options.split()]
        call_command("replay", *words, stdout=stdout, stderr=stderr)
        played = Played(stdout.getvalue(), stderr.getvalue(), json.loads(stdout.getvalue().splitlines()[-1]))
        assert_sound(played.branch)
        return played

    return play


@pytest.fixture
def real_log(request: pytest.FixtureRequest) -> Path | None:
    """The real log, which is not part of the repository. Where it is not beside it, that is said, and a made-up log of
    the same shape has to do."""
    if REAL_LOG.exists():
        return REAL_LOG
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.ensure_newline()
        reporter.write_line(f"{REAL_LOG} is not here: a made-up log takes its place.", yellow=True)
    return None
