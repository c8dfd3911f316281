"""`python -m tools.stack [pytest's arguments]`: every test, on both stacks, with throw-away servers.

The embedded default (SQLite, in-process layer) and, beside it, PostgreSQL and Redis; then, on the latter, once more
those tests that a fast path touches, with PLAIN_WAYS=all. Says at the end how long each run took; the slowest twenty
tests stand in its report. What is missing is installed with apt where that is allowed.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

from queuesite.translations import compile_catalogs
from tests.kit.servers import (
    BROWSERS,
    GRACE,
    POSTGRES_PLACES,
    clean_environment,
    find_program,
    stop,
    throwaway_postgres,
    throwaway_redis,
)


class Ended(KeyboardInterrupt):
    """Another signal than Ctrl-C, which this process alone was sent."""


BASE = Path(__file__).resolve().parent.parent
OK = 0
NO_TESTS_COLLECTED = 5
INTERRUPTED = 130
SLOWEST = "--durations=20"

Programs = Mapping[str, tuple[tuple[str, ...], str]]

PROGRAMS: Programs = {
    "postgresql": (("initdb",), POSTGRES_PLACES),
    "redis-server": (("redis-server",), ""),
    "chromium-headless-shell": (BROWSERS, ""),
    "docker-compose": (("docker-compose",), ""),
}
"""apt's package, the programs of which one must be there, and where to look beside PATH."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of pytest, its exit code, and how many seconds it took."""

    name: str
    code: int
    seconds: float


def main(arguments: Sequence[str]) -> int:
    began = time.monotonic()
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    complaint = install_missing()
    if complaint:
        say(complaint)
        return 1
    compile_catalogs(BASE)
    try:
        with throwaway_postgres() as postgres_url, throwaway_redis() as redis, throwaway_redis() as second_redis:
            runs = run_all(arguments, postgres_url, redis.url, second_redis.url)
    except KeyboardInterrupt:
        say("Stopped.")
        return INTERRUPTED
    say(f"\n{summary(runs, time.monotonic() - began)}")
    return verdict([run.code for run in runs])


def run_all(arguments: Sequence[str], postgres_url: str, redis_url: str, second_redis_url: str) -> list[Run]:
    """Both stacks side by side, each on a core of its own, and the plain ways after the first one, on stores of their
    own; the second one's report comes last."""
    embedded = {"TEST_STACK": "embedded", "POSTGRES_URL": postgres_url}
    networked = {**embedded, "TEST_STACK": "networked", "DATABASE_URL": postgres_url, "REDIS_URL": redis_url}
    plain = {**networked, "TEST_STACK": "plain", "PLAIN_WAYS": "all"}
    plain |= {"DATABASE_URL": f"{postgres_url}_plain", "REDIS_URL": second_redis_url}
    with tempfile.TemporaryFile("w+") as report, ThreadPoolExecutor(1) as beside:
        with pytest_run(arguments, networked, report) as second:
            networked_run = beside.submit(waited_for, "networked", second)
            runs = []
            for name, variables in (("embedded", embedded), ("plain ways", plain)):
                say(f"\n=== {name} (the networked stack runs beside it) ===")
                with pytest_run(arguments, variables) as process:
                    runs.append(waited_for(name, process))
            runs.append(networked_run.result())
        report.seek(0)
        say(f"\n=== networked ===\n{report.read()}")
    return runs


def waited_for(name: str, process: subprocess.Popen[bytes]) -> Run:
    """The run of this process, which has just begun, once it has ended."""
    began = time.monotonic()
    code = process.wait()
    return Run(name, code, time.monotonic() - began)


def summary(runs: Sequence[Run], seconds: float) -> str:
    parts = ", ".join(f"{run.name} {_minutes(run.seconds)}" for run in runs)
    return f"All runs together took {_minutes(seconds)}: {parts}."


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def verdict(codes: Sequence[int]) -> int:
    """The first failure; a stack without any of the tests asked for is none, as long as the other one had some."""
    failures = [code for code in codes if code not in (OK, NO_TESTS_COLLECTED)]
    if failures:
        return failures[0]
    return OK if OK in codes else NO_TESTS_COLLECTED


@contextmanager
def pytest_run(
    arguments: Sequence[str], variables: Mapping[str, str], report: IO[str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """One run in a process of its own, which ends before this does, also when interrupted."""
    with tempfile.TemporaryDirectory(prefix="queuesite-tests-") as var:
        environment = {**clean_environment(), "DEBUG": "1", "VAR_DIR": var, **variables}
        command = [sys.executable, "-m", "pytest", SLOWEST, *arguments]
        process = subprocess.Popen(command, env=environment, stdout=report, stderr=report and subprocess.STDOUT)
        try:
            yield process
        except Ended:
            raise
        except KeyboardInterrupt:
            # Ctrl-C has reached pytest too, and a second one would cut its own clearing up short.
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE)
            raise
        finally:
            stop(process, by=signal.SIGINT)


def missing_packages(programs: Programs) -> list[str]:
    return [name for name, (names, places) in programs.items() if not find_program(*names, places=places)]


def install_missing(programs: Programs = PROGRAMS) -> str:
    """Install what the tests need and the machine lacks. Returns "" or the one line that says what is still missing."""
    missing = missing_packages(programs)
    if not missing:
        return ""
    apt = _allowed_apt()
    if apt:
        say(f"Installing {', '.join(missing)} with apt …")
        for step in (["update"], ["install", "-y", "--no-install-recommends", *missing]):
            subprocess.run([*apt, *step], check=False, capture_output=True, stdin=subprocess.DEVNULL)
    missing = missing_packages(programs)
    if not missing:
        return ""
    return f"The tests need {', '.join(missing)}. Install with: sudo apt-get install {' '.join(missing)}"


def _allowed_apt() -> list[str]:
    """How apt-get may be called here without a question, or an empty list."""
    if not find_program("apt-get"):
        return []
    quietly = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    if os.geteuid() == 0:
        return quietly
    if not find_program("sudo"):
        return []
    may = subprocess.run(["sudo", "-n", "true"], check=False, capture_output=True).returncode == 0
    return ["sudo", "-n", *quietly] if may else []


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise Ended


if __name__ == "__main__":
    os.chdir(BASE)
    sys.exit(main(sys.argv[1:]))
