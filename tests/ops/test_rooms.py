"""One list of rooms."""

import tomllib
from pathlib import Path

import pytest
from django.conf import settings

from queuesite.fingerprint import SHARED, fingerprint
from tests.servers import ROOT

NO_ROOMS = {"bench", "tests", "tools"}
"""Packages at the top of the source tree that don't run in production."""


def test_every_package_of_the_source_tree_is_an_installed_app() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages - NO_ROOMS == set(settings.ROOMS)


def test_the_import_law_covers_every_room() -> None:
    law = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert set(law["root_packages"]) == set(settings.ROOMS)


@pytest.mark.parametrize("folder", [*settings.ROOMS, *SHARED])
def test_a_change_in_any_room_is_another_build(folder: str, tmp_path: Path) -> None:
    before = fingerprint(tmp_path, settings.ROOMS)
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "page.html").write_text("<p>")
    assert fingerprint(tmp_path, settings.ROOMS) != before
