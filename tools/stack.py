"""`python -m tools.stack [pytest's arguments]`: every test, on both stacks, with throw-away servers.

Four runs side by side: the embedded default (SQLite, in-process layer); PostgreSQL and Redis; what needs a browser on
these; and once more on these, with PLAIN_WAYS=all, what a fast path touches. Says at the end how long each run took;
the slowest twenty tests stand in its report. What is missing is installed with apt where that is allowed.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
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
NETWORKED = ("networked", "browser", "plain")
"""The runs on PostgreSQL and Redis."""
TABLES_FROM_MODELS = ("browser", "plain")
"""The runs that make their tables straight from the models, in a second; the others migrate."""
EMPTIED_OFTEN = {"autovacuum": "off"}
"""For tables that each test leaves empty: what autovacuum learns of them then makes slow plans for the next test."""
MEMORY = Path("/dev/shm")  # noqa: S108 - what is put there has a name that nobody can guess
MEMORY_NEEDED = 2 * 1024**3
"""Bytes: a cluster, and the gigabyte of log that it may keep."""

Programs = Mapping[str, tuple[tuple[str, ...], str]]

PROGRAMS: Programs = {
    "postgresql": (("initdb",), POSTGRES_PLACES),
    "redis-server": (("redis-server",), ""),
    "chromium-headless-shell": (BROWSERS, ""),
    "docker-compose": (("docker-compose",), ""),
    "caddy": (("caddy",), ""),
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
        with ExitStack() as stores:
            postgres_url = stores.enter_context(throwaway_postgres(EMPTIED_OFTEN, in_memory()))
            redis = {name: stores.enter_context(throwaway_redis()).url for name in NETWORKED}
            runs = run_all(arguments, postgres_url, redis)
    except KeyboardInterrupt:
        say("Stopped.")
        return INTERRUPTED
    say(f"\n{summary(runs, time.monotonic() - began)}")
    return verdict([run.code for run in runs])


def in_memory() -> Path | None:
    """The folder that is kept in memory, where this machine has one with enough room: emptying all tables, as after
    each test that commits, takes a fifth of the time there."""
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED
    return MEMORY if roomy else None


def run_all(arguments: Sequence[str], postgres_url: str, redis: Mapping[str, str]) -> list[Run]:
    """All runs side by side, each with a database and a Redis (`redis` has one for each name in NETWORKED) of its own.
    The first one reports while it goes on, the others after it."""
    variables = {"embedded": {"POSTGRES_URL": postgres_url}}
    for name in NETWORKED:
        stores = {"DATABASE_URL": f"{postgres_url}_{name}", "REDIS_URL": redis[name]}
        variables[name] = {"POSTGRES_URL": postgres_url, **stores}
    variables["plain"]["PLAIN_WAYS"] = "all"
    with ExitStack() as cleanup:
        waiting = cleanup.enter_context(ThreadPoolExecutor(len(variables)))
        runs: list[Future[Run]] = []
        reports: dict[str, IO[str]] = {}
        for name, own in variables.items():
            if runs:
                reports[name] = cleanup.enter_context(tempfile.TemporaryFile("w+"))
            tables = ["--no-migrations"] if name in TABLES_FROM_MODELS else []
            environment = {"TEST_STACK": name, **own}
            process = cleanup.enter_context(pytest_run([*arguments, *tables], environment, reports.get(name)))
            runs.append(waiting.submit(waited_for, name, process))
        ended = [run.result() for run in runs]
        for name, report in reports.items():
            report.seek(0)
            say(f"\n=== {name} ===\n{report.read()}")
        return ended


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
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a hundred processes would each compile everything
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
