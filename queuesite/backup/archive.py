"""The one file of a backup: a zip of the database's own dump and a manifest that says what it is."""

import json
import lzma
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

KIND = "queuesite backup 1"
MANIFEST = "manifest.json"
DUMP = "database"


class BackupTrouble(Exception):  # noqa: N818 - a sentence for the operator
    pass


@dataclass(frozen=True, slots=True)
class Manifest:
    """`database` is the vendor as Django names it; `migrations` are the applied ones, "app.name"; `rows` are counted in
    the same instant as the dump shows."""

    made_at: datetime
    build: str
    database: str
    migrations: tuple[str, ...]
    rows: dict[str, int]

    def to_json(self) -> str:
        return json.dumps({"kind": KIND, **asdict(self), "made_at": self.made_at.isoformat()}, indent=2)

    @classmethod
    def from_json(cls, text: bytes) -> "Manifest":
        """Raises BackupTrouble for what this version does not understand."""
        try:
            found: dict[str, Any] = json.loads(text)
            kind = found.pop("kind")
            if kind != KIND:
                raise BackupTrouble(f"It is a {kind!r}; this version reads {KIND!r}.")
            found["made_at"] = datetime.fromisoformat(found["made_at"])
            found["migrations"] = tuple(found["migrations"])
            return cls(**found)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BackupTrouble("Its manifest can't be read.") from error


def write(path: Path, manifest: Manifest, dump: Path) -> None:
    """Pack both into `path`, readable by its owner only: all of it or nothing. Raises BackupTrouble where a file is."""
    if path.exists():
        raise BackupTrouble(f"{path} is there already; nothing was written.")
    try:
        descriptor, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise BackupTrouble(f"{path} can't be written: {error.strerror}.") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(MANIFEST, manifest.to_json())
                archive.write(dump, DUMP)
            file.flush()
            os.fsync(file.fileno())
        Path(part).rename(path)
    except OSError as error:
        Path(part).unlink()
        raise BackupTrouble(f"{path} can't be written: {error.strerror}.") from error


@contextmanager
def opened(path: Path) -> Iterator[tuple[Manifest, Path]]:
    """The manifest, and the dump as a file for as long. Raises BackupTrouble for what is no backup, or a broken one."""
    with tempfile.TemporaryDirectory(prefix="queuesite-") as folder:
        yield _unpacked(path, Path(folder) / DUMP)


def _unpacked(path: Path, dump: Path) -> tuple[Manifest, Path]:
    try:
        with zipfile.ZipFile(path) as archive:
            if {MANIFEST, DUMP} - set(archive.namelist()):
                raise BackupTrouble(f"{path} is no backup of this system.")
            with archive.open(DUMP) as packed, dump.open("wb") as unpacked:
                shutil.copyfileobj(packed, unpacked)
            return Manifest.from_json(archive.read(MANIFEST)), dump
    except OSError as error:
        raise BackupTrouble(f"{path} can't be read: {error.strerror or error}.") from error
    # A damaged archive raises whatever its damaged byte means: a checksum, the compressed text or its end is wrong, it
    # names another method of compression or none that is known, or says that it is encrypted (both RuntimeError).
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError) as error:
        raise BackupTrouble(f"{path} is no backup of this system, or damaged: {error}.") from error
