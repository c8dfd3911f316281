"""The build's fingerprint: the same in every process that runs the same files, another after an upgrade."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

SHARED = ("locale", "static", "templates")
"""Folders that belong to no room."""
KINDS = {".css", ".html", ".js", ".po", ".py"}


def fingerprint(base: Path, rooms: Iterable[str]) -> str:
    """Twelve hexadecimal digits over the contents of every source file that can change a page."""
    digest = hashlib.sha256()
    for folder in sorted((*rooms, *SHARED)):
        for path in sorted((base / folder).rglob("*")):
            if path.suffix in KINDS:
                digest.update(path.relative_to(base).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
