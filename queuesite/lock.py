"""One server process where change notices reach one process only."""

import fcntl
import os
from pathlib import Path

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
