"""Locks between processes: one server where change notices reach one process only, and nobody else while a backup takes
the place of SQLite's file."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import OperationalError

TAKEN = (
    "Another queuesite server already runs here (it holds {path}). "
    "Stop it first, or set REDIS_URL so that several can run side by side."
)

_held: list[int] = []
"""Open as long as the process lives: the kernel releases the lock when it ends, however it ends."""


def hold_server_lock(path: Path) -> None:
    """Hold the lock until this process ends. Raises SystemExit with one clear line when another process has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise SystemExit(TAKEN.format(path=path)) from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
    _held.append(descriptor)


def server_runs(path: Path) -> bool:
    """Whether some process holds the lock now. Asked before a start, so that nothing is begun."""
    if not path.exists():
        return False
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


_open_files: dict[str, int] = {}
"""SQLite's files that this process has had open, each with the descriptor of its lock."""


def note_open(*, connection: Any, **_signal: Any) -> None:
    """For the signal `connection_created`: this process uses the file until it ends, connected or between two rounds.
    Raises OperationalError while somebody restores it."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or name in _open_files or not Path(name).is_file():
        return
    descriptor = os.open(f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise OperationalError("A backup is being restored into it.") from error
    _open_files[name] = descriptor


@contextmanager
def alone_with(name: str) -> Iterator[bool]:
    """Whether no other process uses this file, which this one has open. If so, none can as long as this lasts."""
    descriptor = _open_files.get(name)
    if descriptor is None:
        yield True
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
        return
    try:
        yield True
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
