"""Catalogs: complete, and compiled without GNU gettext."""

import gettext
import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from queuesite.translations import catalog_path, compile_catalogs

SOURCE = """
from django.utils.translation import gettext_lazy as _, ngettext
WORDS = _("Waiting")
def many(n): return ngettext("%(n)s waits", "%(n)s wait", n) % {"n": n}
"""
TEMPLATE = """{% load i18n %}{% translate "Take a number" %}
{% blocktranslate trimmed count n=n %}{{ n }} desk{% plural %}{{ n }} desks{% endblocktranslate %}
{% translate "May" context "month" %}"""
COMPLETE = """
msgid "Waiting"
msgstr "Odottaa"

msgid "%(n)s waits"
msgid_plural "%(n)s wait"
msgstr[0] "%(n)s odottaa"
msgstr[1] "%(n)s odottavat"

msgid "Take a number"
msgstr "Ota numero"

msgid "%(n)s desk"
msgid_plural "%(n)s desks"
msgstr[0] "%(n)s piste"
msgstr[1] "%(n)s pistettä"

msgctxt "month"
msgid "May"
msgstr "toukokuu"
"""
HEADER = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small source tree, whose Finnish and Swedish catalogs are complete."""
    (tmp_path / "queues").mkdir()
    (tmp_path / "queues" / "words.py").write_text(SOURCE)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(TEMPLATE)
    for language in ("fi", "sv"):
        write(tmp_path, language, COMPLETE)
    return tmp_path


def write(tree: Path, language: str, body: str) -> None:
    path = catalog_path(tree, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER + body)


def check(tree: Path, *, update: bool = False) -> str:
    """What the command complains of; empty when all is well."""
    complaints = StringIO()
    try:
        call_command("check_translations", base=tree, update=update, stdout=StringIO(), stderr=complaints)
    except CommandError as error:
        return f"{complaints.getvalue()}{error}"
    return complaints.getvalue()


def test_complete_catalogs_pass(tree: Path) -> None:
    assert check(tree) == ""


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ('msgid "Waiting"\nmsgstr "Odottaa"', "", "missing: 'Waiting'"),
        ('msgstr "Odottaa"', 'msgstr ""', "untranslated: 'Waiting'"),
        ('msgstr[1] "%(n)s pistettä"', 'msgstr[1] ""', "untranslated: '%(n)s desk'"),
        ('msgid "Waiting"', '#, fuzzy\nmsgid "Waiting"', "fuzzy: 'Waiting'"),
        ('msgid "Waiting"', 'msgid "Gone"\nmsgstr "Poissa"\n\nmsgid "Waiting"', "no longer used: 'Gone'"),
        ('msgid "Waiting"', '#~ msgid "Old"\n#~ msgstr "Vanha"\n\nmsgid "Waiting"', "no longer used: 'Old'"),
        ('msgctxt "month"\nmsgid "May"', 'msgid "May"', "missing: 'May'"),
        ('msgstr[0] "%(n)s odottaa"', 'msgstr[0] "%(m)s odottaa"', "'%(n)s waits'"),
    ],
)
def test_a_catalog_that_is_not_as_the_source_fails(tree: Path, before: str, after: str, complaint: str) -> None:
    assert before in COMPLETE
    write(tree, "sv", COMPLETE.replace(before, after))
    said = check(tree)
    assert complaint in said
    assert "locale/sv/LC_MESSAGES/django.po" in said
    assert "locale/fi" not in said


def test_update_adds_what_is_missing_drops_what_is_unused_and_keeps_the_rest(tree: Path) -> None:
    write(tree, "sv", COMPLETE.replace('msgid "Waiting"', 'msgid "Gone"'))
    said = check(tree, update=True)
    assert said.splitlines()[:-1] == ["locale/sv/LC_MESSAGES/django.po: untranslated: 'Waiting'"]
    text = catalog_path(tree, "sv").read_text()
    assert "Gone" not in text
    assert 'msgstr[1] "%(n)s pistettä"' in text
    assert 'msgctxt "month"' in text


def test_update_begins_a_catalog_that_is_not_there(tree: Path) -> None:
    catalog_path(tree, "sv").unlink()
    assert check(tree, update=True).count("untranslated") == 5


def test_a_newer_catalog_is_compiled_once(tree: Path) -> None:
    assert [path.parent.parent.name for path in compile_catalogs(tree)] == ["fi", "sv"]
    assert compile_catalogs(tree) == []
    po = catalog_path(tree, "fi")
    os.utime(po, (po.stat().st_atime, po.stat().st_mtime + 10))
    assert compile_catalogs(tree) == [po.with_suffix(".mo")]


def test_the_compiled_form_translates_and_counts(tree: Path) -> None:
    compile_catalogs(tree)
    with catalog_path(tree, "fi").with_suffix(".mo").open("rb") as file:
        words = gettext.GNUTranslations(file)
    assert words.gettext("Waiting") == "Odottaa"
    assert words.pgettext("month", "May") == "toukokuu"
    assert words.ngettext("%(n)s waits", "%(n)s wait", 2) == "%(n)s odottavat"
