"""Each contract of the import law is broken by an import that breaks it: none of them holds whatever is written."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

BREAKS = {
    "Imports go downwards only, never sideways": ("kiosk/urls.py", "from display import board"),
    "Inside queues, what may be done stands on how anything is changed and on what is read": (
        "queues/queries/head_starts.py",
        "from queues.changes import party",
    ),
    "The desk and the hall are two surfaces above one way in, and know nothing of each other": (
        "staffdesk/desk/urls.py",
        "from staffdesk.hall import board",
    ),
    "Only actions change anything, and replay, which writes in bulk": (
        "visitor/urls.py",
        "from queues.changes import transition",
    ),
    "A surface compiles no query, but for its access": ("kiosk/apps.py", "from queues import compiled"),
    "Only the transaction of a change sends a change notice": (
        "queues/actions/leaving.py",
        "from live.announce import announce",
    ),
}
"""By the contract's name: a file, and an import that the contract forbids there."""
NEW_FILE = "queues/cupboard.py"
"""A module of which no layer knows."""


def lint(base: Path) -> str:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=base, check=False, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the linter says of a copy in which every contract is broken once."""
    base = tmp_path_factory.mktemp("broken")
    shutil.copy(settings.BASE_DIR / "pyproject.toml", base)
    for room in settings.ROOMS:
        shutil.copytree(settings.BASE_DIR / room, base / room, ignore=shutil.ignore_patterns("__pycache__"))
    for file, line in BREAKS.values():
        with (base / file).open("a") as source:
            source.write(f"\n{line}\n")
    (base / NEW_FILE).touch()
    # As one line: the report is wrapped to a terminal's width.
    return " ".join(lint(base).split())


def test_every_contract_is_tried(broken: str) -> None:
    assert f"{len(BREAKS)} broken" in broken
    assert "0 kept" in broken


@pytest.mark.parametrize("name", BREAKS)
def test_the_contract_is_broken_by_an_import_that_breaks_it(name: str, broken: str) -> None:
    assert f"{name} BROKEN" in broken


def test_a_new_file_of_the_model_layer_needs_its_place_in_the_law(broken: str) -> None:
    assert "- queues.cupboard" in broken
