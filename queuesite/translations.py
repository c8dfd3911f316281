"""Message catalogs: what the source says, what the catalogs hold, and the compiled form. All with Babel, because
Django's own commands need GNU gettext, which a bare machine lacks."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one string of one catalog."""

    path: Path
    what: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}: {self.text!r}"


def catalog_path(base: Path, language: str) -> Path:
    return base / "locale" / language / "LC_MESSAGES" / "django.po"


def compile_catalogs(base: Path) -> list[Path]:
    """Compile every catalog under `base`/locale that is newer than its compiled form; returns those it wrote."""
    written = []
    for po in sorted((base / "locale").glob("*/LC_MESSAGES/*.po")):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        compiled = BytesIO()
        write_mo(compiled, read_catalog(po))
        # Replaced in one step: another process may be reading it.
        beside = mo.with_name(f"{mo.name}.{os.getpid()}")
        beside.write_bytes(compiled.getvalue())
        beside.replace(mo)
        written.append(mo)
    return written


def source_strings(base: Path, rooms: Iterable[str]) -> Catalog:
    """Every string that Python source and templates mark for translation, with where it stands."""
    strings = Catalog()
    for path, line, text, context in _marked(base, tuple(rooms)):
        strings.add(text, locations=[(path.relative_to(base).as_posix(), line)], context=context)
    return strings


def faults(base: Path, language: str, strings: Catalog) -> list[Fault]:
    """What keeps the catalog of this language from being complete: missing, untranslated, fuzzy, with other
    placeholders than the source, or no longer used."""
    path = catalog_path(base, language)
    catalog = read_catalog(path) if path.exists() else Catalog(locale=language)
    shown = path.relative_to(base)
    found = [
        Fault(shown, what, _first(message))
        for message in strings
        if message.id and (what := _fault_of(catalog.get(message.id, message.context)))
    ]
    known = {(_first(message), message.context) for message in strings}
    unused = [message for message in catalog if (_first(message), message.context) not in known]
    return found + [
        Fault(shown, "no longer used", _first(message)) for message in (*unused, *catalog.obsolete.values())
    ]


def update_catalog(base: Path, language: str, strings: Catalog) -> None:
    """Add what is missing, empty, and drop what is no longer used. Translations stay as they are."""
    path = catalog_path(base, language)
    catalog = read_catalog(path) if path.exists() else Catalog(locale=language, fuzzy=False)
    catalog.update(strings, no_fuzzy_matching=True, update_creation_date=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=100, sort_output=True, include_lineno=False, ignore_obsolete=True)


def read_catalog(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name, abort_invalid=True)


def _marked(base: Path, rooms: tuple[str, ...]) -> Iterator[tuple[Path, int, str | tuple[str, ...], str | None]]:
    for path, source in _sources(base, rooms):
        for line, text, _comments, context in extract("python", BytesIO(source.encode()), KEYWORDS):
            yield path, line, text, context


def _sources(base: Path, rooms: tuple[str, ...]) -> Iterator[tuple[Path, str]]:
    for room in rooms:
        for path in sorted((base / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, path.read_text(encoding="utf-8")
    for folder in ("templates", *rooms):
        for kind in ("*.html", "*.txt"):
            for path in sorted((base / folder).rglob(kind)):
                marked = templatize(path.read_text(encoding="utf-8"), origin=str(path))
                # A template's indentation means nothing; to Python's tokenizer it would.
                yield path, "\n".join(line.lstrip() for line in marked.split("\n"))


def _fault_of(message: Message | None) -> str:
    if message is None:
        return "missing"
    if message.fuzzy:
        return "fuzzy"
    translated = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    if not all(translated):
        return "untranslated"
    if wrong := message.check():
        return str(wrong[0])
    return ""


def _first(message: Message) -> str:
    return message.id[0] if isinstance(message.id, (tuple, list)) else message.id
