"""No test hangs for ever: one that does fails by its name, and where it can't even fail, the run ends."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.servers import ROOT, clean_environment

HANGS = """
import threading

def test_that_hangs() -> None:
    threading.Event().wait()

def test_that_comes_after_it() -> None:
    pass
"""
HANGS_TWICE = """
import os, subprocess, threading

def test_that_hangs_as_it_fails() -> None:
    held, _open_until_the_end = os.pipe()
    with subprocess.Popen(["cat"], stdin=held):
        threading.Event().wait()
"""


def ended(tmp_path: Path, tests: str) -> subprocess.CompletedProcess[str]:
    """A run of these tests with the settings of ours, but for how long they are."""
    file = tmp_path / "test_of_a_run.py"
    file.write_text(tests)
    shorter = ["-o", "timeout=1", "-o", "faulthandler_timeout=3", "-p", "no:cacheprovider"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "--rootdir", tmp_path, *shorter, file],
        env={**clean_environment(), "DEBUG": "1", "DJANGO_SETTINGS_MODULE": "queuesite.settings"},
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_a_test_that_hangs_fails_by_its_name_and_the_run_goes_on(tmp_path: Path) -> None:
    run = ended(tmp_path, HANGS)
    assert re.search(r"^FAILED .*::test_that_hangs\b", run.stdout, re.MULTILINE), run.stdout
    assert "Failed: Timeout (>1.0s) from pytest-timeout." in run.stdout
    assert "1 failed, 1 passed" in run.stdout


def test_a_test_that_goes_on_hanging_ends_the_run_which_says_where(tmp_path: Path) -> None:
    run = ended(tmp_path, HANGS_TWICE)
    assert run.returncode == 1
    assert "in test_that_hangs_as_it_fails" in run.stderr, run.stderr


def test_every_test_has_a_limit_and_some_time_to_fail_beyond_it(pytestconfig: pytest.Config) -> None:
    limit, end = float(pytestconfig.getini("timeout")), float(pytestconfig.getini("faulthandler_timeout"))
    assert 0 < limit < end
    assert pytestconfig.getini("faulthandler_exit_on_timeout")
