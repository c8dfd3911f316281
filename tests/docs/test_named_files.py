"""What the docs name is there: files, commands, models and their columns."""

import re
from pathlib import Path

import pytest
from django.apps import apps

from tests.kit.servers import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FOR_CONTRIBUTORS = [ROOT / "CONTRIBUTING.md", ROOT / "README.md"]
DECISIONS = ROOT / "docs" / "decisions"

LINK = re.compile(r"\]\((?!https?://)([^)#]+)")
DRAWING = re.compile(r"^```$.*?^```$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`([^`]+)`")
PATH = re.compile(r"\.?[\w-]+(/[\w.-]+)*(/|\.(py|md|html|css|js|txt|in|toml|yml|po))")
MADE_BY_RUNNING = {"var/"}
MAKE = re.compile(r"(?<![\w/])make ([a-z]+)")
COLUMN = re.compile(r"([A-Z][a-z]\w*)\.([a-z]\w+)")


def code_in(page: Path) -> list[str]:
    return CODE.findall(DRAWING.sub("", page.read_text()))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page: Path) -> None:
    assert [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", FOR_CONTRIBUTORS, ids=lambda page: page.name)
def test_every_path_that_a_contributor_reads_is_there(page: Path) -> None:
    paths = [word for code in code_in(page) for word in code.split() if "/" in word and PATH.fullmatch(word)]
    assert paths
    assert [path for path in paths if not (ROOT / path).exists() and path not in MADE_BY_RUNNING] == []


def test_every_make_target_that_the_docs_name_is_one() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {target for page in PAGES for code in code_in(page) for target in MAKE.findall(code)}
    assert named - targets == set()


def test_every_column_of_the_glossary_is_one() -> None:
    models = {model.__name__: {field.name for field in model._meta.get_fields()} for model in apps.get_models()}
    columns = [COLUMN.fullmatch(code) for code in code_in(ROOT / "CONTRIBUTING.md")]
    named = [(found[1], found[2]) for found in columns if found]
    assert named
    assert [pair for pair in named if pair[1] not in models.get(pair[0], ())] == []


def test_every_decision_is_in_the_index() -> None:
    index = LINK.findall((DECISIONS / "README.md").read_text())
    assert index == sorted(path.name for path in DECISIONS.glob("0*.md"))
    for place, name in enumerate(index, 1):
        assert name.startswith(f"{place:04d}-")
        assert (DECISIONS / name).read_text().startswith(f"# {place}. ")
