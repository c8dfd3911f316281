"""The runner's own promises."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.commands import run
from tools import stack

pytestmark = pytest.mark.embedded


@pytest.mark.parametrize(
    ("codes", "code"),
    [([0, 0], 0), ([0, 5], 0), ([5, 0], 0), ([5, 5], 5), ([1, 0], 1), ([0, 2], 2), ([5, 1], 1)],
)
def test_a_run_passes_when_some_test_passed_and_none_failed(codes: list[int], code: int) -> None:
    assert stack.verdict(codes) == code


@pytest.mark.parametrize("name", ["browser", "plain"])
def test_a_file_that_belongs_to_other_runs_has_no_test_in_this_one(name: str) -> None:
    """Also when it is asked for by name."""
    file = "tests/queues/actions/test_calling.py"
    found = run("-m", "pytest", "-p", "no:cacheprovider", "--collect-only", "-q", file, TEST_STACK=name)
    assert found.returncode == stack.NO_TESTS_COLLECTED, found.stdout


def test_the_end_says_how_long_each_run_took() -> None:
    runs = [stack.Run("embedded", 0, 201.4), stack.Run("plain", 0, 19.6), stack.Run("networked", 1, 240.0)]
    assert stack.summary(runs, 250.2) == (
        "All runs together took 4 min 10 s: embedded 3 min 21 s, plain 20 s, networked 4 min 0 s."
    )


def test_a_run_is_waited_for_and_its_exit_code_kept() -> None:
    with subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"]) as process:
        ended = stack.waited_for("embedded", process)
    assert (ended.name, ended.code) == ("embedded", 3)
    assert ended.seconds > 0


def test_the_database_is_kept_in_memory_where_there_is_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(stack, "MEMORY", tmp_path)
    monkeypatch.setattr(stack, "MEMORY_NEEDED", 0)
    assert stack.in_memory() == tmp_path
    monkeypatch.setattr(stack, "MEMORY_NEEDED", 10**18)
    assert stack.in_memory() is None
    monkeypatch.setattr(stack, "MEMORY", tmp_path / "nowhere")
    assert stack.in_memory() is None


def test_what_is_missing_and_may_not_be_installed_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "find_program", lambda *_names, **_places: None)
    assert stack.install_missing() == (
        "The tests need postgresql, redis-server, chromium-headless-shell, docker-compose, caddy. "
        "Install with: sudo apt-get install postgresql redis-server chromium-headless-shell docker-compose caddy"
    )


def test_nothing_is_installed_where_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "missing_packages", lambda _programs: [])
    monkeypatch.setattr(stack, "_allowed_apt", lambda: pytest.fail("asked for apt"))
    assert stack.install_missing() == ""
