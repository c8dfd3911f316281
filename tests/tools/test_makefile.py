"""The commands that a newcomer types first."""

import re
import subprocess

from tests.kit.servers import ROOT, clean_environment


def make(*words: str) -> str:
    return subprocess.run(
        ["make", "--no-print-directory", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env=clean_environment(),
    ).stdout


def test_help_has_a_line_for_every_target() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony
    assert [line.split()[1] for line in make("help").splitlines()] == phony[1].split()


def test_make_alone_runs_the_system() -> None:
    assert make("--dry-run") == make("--dry-run", "run")
