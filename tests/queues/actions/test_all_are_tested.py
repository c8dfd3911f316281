"""Each module of actions has a test file of its own, which tries each of its public actions."""

import inspect
import re
from pathlib import Path

import pytest

from queues import actions
from tests.kit.servers import ROOT

pytestmark = pytest.mark.embedded

TESTS = Path(__file__).parent


def test_each_module_has_its_test_file() -> None:
    modules = {path.stem for path in (ROOT / "queues" / "actions").glob("[!_]*.py")}
    assert modules - {path.stem.removeprefix("test_") for path in TESTS.glob("test_*.py")} == set()


def test_each_public_action_is_tried_there() -> None:
    untried = []
    for name, action in inspect.getmembers(actions, inspect.isfunction):
        module = action.__module__.rpartition(".")[2]
        if not re.search(rf"\bactions\.{name}\b", (TESTS / f"test_{module}.py").read_text(encoding="utf-8")):
            untried.append(f"{module}.{name}")
    assert untried == []
