"""One list of rooms, and no room renders another one's templates."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from queuesite.fingerprint import SHARED, fingerprint
from tests.kit.servers import ROOT

NO_ROOMS = {"bench", "tests", "tools"}
"""Packages at the top of the source tree that don't run in production."""
TEMPLATES = ROOT / "templates"


def test_every_package_of_the_source_tree_is_an_installed_app() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages - NO_ROOMS == set(settings.ROOMS)


def test_the_import_law_covers_every_room() -> None:
    law = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert set(law["root_packages"]) == set(settings.ROOMS)
    downwards = law["contracts"][0]["layers"]
    assert {room.strip() for layer in downwards for room in layer.split("|")} == set(settings.ROOMS)


@pytest.mark.parametrize("folder", [*settings.ROOMS, *SHARED])
def test_a_change_in_any_room_is_another_build(folder: str, tmp_path: Path) -> None:
    before = fingerprint(tmp_path, settings.ROOMS)
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "page.html").write_text("<p>")
    assert fingerprint(tmp_path, settings.ROOMS) != before


def named_templates(source: Path) -> Iterator[str]:
    """Templates that this Python file names, whole (`kiosk/start.html`) or by their folder (f"kiosk/{page}.html")."""
    for node in ast.walk(ast.parse(source.read_text())):
        match node:
            case ast.JoinedStr(values=[ast.Constant(value=str(begin)), *_, ast.Constant(value=str(end))]):
                if end.partition("#")[0].endswith(".html"):
                    yield begin
            case ast.Constant(value=str(text)):
                if re.fullmatch(r"[\w/]+\.html(#\w+)?", text):
                    yield text


def included_templates(template: Path) -> Iterator[str]:
    yield from re.findall(r"""{% (?:extends|include) ["']([^"']+)["']""", template.read_text())


def foreign(name: str, room: Path) -> bool:
    """Whether the template stands in a folder that is neither this room's own nor one above it."""
    folder, _slash, _file = name.rpartition("/")
    return not room.is_relative_to(folder)


def test_a_template_is_found_however_a_file_names_it(tmp_path: Path) -> None:
    source = tmp_path / "views.py"
    source.write_text(
        'render(request, "kiosk/start.html#now"); render(request, f"hall/{page}.html"); "kiosk/"; "x.css"'
    )
    assert list(named_templates(source)) == ["kiosk/start.html#now", "hall/"]
    assert foreign("hall/", Path("kiosk"))
    assert not foreign("kiosk/start.html#now", Path("kiosk"))
    assert not foreign("staffdesk/sign_in.html", Path("staffdesk/hall"))
    assert not foreign("base.html", Path("kiosk"))


def test_no_python_file_renders_a_template_of_another_surface() -> None:
    found = [
        f"{source.relative_to(ROOT)}: {name}"
        for room in settings.ROOMS
        for source in sorted((ROOT / room).rglob("*.py"))
        for name in named_templates(source)
        if foreign(name, source.parent.relative_to(ROOT))
    ]
    assert found == []


def test_no_template_takes_in_one_of_another_surface() -> None:
    found = [
        f"{template.relative_to(ROOT)}: {name}"
        for template in sorted(TEMPLATES.rglob("*.html"))
        for name in included_templates(template)
        if foreign(name, template.parent.relative_to(TEMPLATES))
    ]
    assert found == []


SURFACES = ("display", "kiosk", "staffdesk", "visitor")
MAY_ASK_THE_DATABASE = {"access.py"}
OF_QUERIES = {
    "aggregate", "all", "annotate", "distinct", "exclude", "exists", "filter", "first", "last", "objects", "only",
    "order_by", "prefetch_related", "select_related", "values_list",
}  # fmt: skip
"""Attributes of managers and querysets that nothing else in a surface has."""
SHORTCUTS = {"get_object_or_404", "get_list_or_404", "aget_object_or_404", "aget_list_or_404"}


def asked_questions(source: str) -> list[str]:
    """The words by which this Python source would ask the database something."""
    tree = ast.parse(source)
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for name in node.names}
    return sorted(attributes & OF_QUERIES | imported & SHORTCUTS)


@pytest.mark.parametrize(
    "source",
    [
        "Service.objects.get(pk=3)",
        "branch.services.all()",
        "branches_of(user).filter(slug=slug)",
        "queries.line(branch).values_list('pk')",
        "from django.shortcuts import get_object_or_404, render",
    ],
)
def test_a_question_to_the_database_is_found(source: str) -> None:
    assert asked_questions(source)


def test_a_surface_asks_the_database_through_queries_and_snapshots_only() -> None:
    """But for its `access`, which knows who may open what."""
    found = {
        str(source.relative_to(ROOT)): asked
        for surface in SURFACES
        for source in sorted((ROOT / surface).rglob("*.py"))
        if source.name not in MAY_ASK_THE_DATABASE and (asked := asked_questions(source.read_text()))
    }
    assert found == {}
