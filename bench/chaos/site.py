"""Every process of the site, and the wires between them: PostgreSQL with a standby, Redis, two servers behind one
address, the clockwork."""

import asyncio
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from bench.chaos.wire import Wire
from tests.kit.servers import (
    HERE,
    ROOT,
    Postgres,
    Redis,
    Server,
    clean_environment,
    free_port,
    give_to_postgres,
    postgres_folder,
    running_server,
    stop,
)

T = TypeVar("T")

DISK = "256m"
PRIMARY = {"synchronous_commit": "on", "max_wal_size": "64MB", "min_wal_size": "32MB"}
"""What is answered as done must outlive the server's death; and its disk is small."""
STANDBY = {**PRIMARY, "wal_retrieve_retry_interval": "500ms"}
"""By default a standby waits five seconds until it looks for its primary again, and so would every press."""


class Site:
    """Chooses its ports when it is made, so that `environment` is known before anything runs."""

    def __init__(self, folder: Path, primary: Path, standby: Path, *, has_disk: bool) -> None:
        self.folder = folder
        (folder / "var" / "static").mkdir(parents=True)
        self.has_disk = has_disk
        self.primary = Postgres(primary, PRIMARY)
        self.standby = Postgres(standby, STANDBY)
        self.redis = Redis(free_port())
        self.redis_wire = Wire()
        self.front = Wire()
        self.servers: list[Server] = []
        self.sources = [ROOT, ROOT]
        self.log = ""
        """What the servers that have ended have said."""
        self._running: list[ExitStack] = []
        self._worker: subprocess.Popen[bytes] | None = None
        both = f"host={HERE},{HERE}&port={self.primary.port},{self.standby.port}"
        self.environment = {
            "DEBUG": "",
            "DATABASE_URL": f"postgresql://postgres@/queuesite?{both}&target_session_attrs=read-write",
            "REDIS_URL": f"redis://{HERE}:{self.redis_wire.port}/0",
            "PUBLIC_URL": f"http://{HERE}:{self.front.port}",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "TRUSTED_PROXIES": HERE,
            "VAR_DIR": str(folder / "var"),
        }

    async def start_stores(self, cleanup: AsyncExitStack) -> None:
        """The databases, the second following the first, and Redis at the end of its wire."""
        for store in (self.primary, self.standby):
            cleanup.callback(store.stop)
        cleanup.callback(self.redis.kill)
        await in_thread(self.primary.create)
        await in_thread(self.standby.copy, self.primary)
        await in_thread(self.primary.execute, "ALTER SYSTEM SET synchronous_standby_names = '*'")
        await in_thread(self.primary.execute, "SELECT pg_reload_conf()")
        await in_thread(self.redis.start)
        await self.redis_wire.open([self.redis.port])
        cleanup.push_async_callback(self.redis_wire.close)

    async def start_servers(self, cleanup: AsyncExitStack) -> None:
        self.servers, self._running = [], []
        for number in range(2):
            self._running.append(ExitStack())
            cleanup.callback(self._running[number].close)
            self.servers.append(await self._start(number, {}))
        await self.front.open([server.port for server in self.servers])
        cleanup.push_async_callback(self.front.close)
        self.start_worker()
        cleanup.callback(self.stop_worker)

    async def restart(self, number: int, **environment: str) -> None:
        """End this server, if it still runs, and start it anew."""
        self.log += self.servers[number].log()
        await in_thread(self._running[number].close)
        self.servers[number] = await self._start(number, environment)
        self.front.ends = [server.port for server in self.servers]

    async def _start(self, number: int, environment: dict[str, str]) -> Server:
        given = {name.lower(): self.environment[name] for name in ("DATABASE_URL", "REDIS_URL")}
        rest = {name: value for name, value in self.environment.items() if name.lower() not in given}
        starting = running_server(**given, expects_errors=True, source=self.sources[number], **rest, **environment)
        return await in_thread(self._running[number].enter_context, starting)

    def start_worker(self) -> None:
        with (self.folder / "worker.log").open("ab") as log:
            self._worker = subprocess.Popen(
                [sys.executable, "manage.py", "clockwork"],
                cwd=self.sources[0], env={**clean_environment(), **self.environment}, stdout=log, stderr=log,
            )  # fmt: skip

    def stop_worker(self) -> None:
        if self._worker is not None:
            stop(self._worker)

    @property
    def worker_lives(self) -> bool:
        return self._worker is not None and self._worker.poll() is None

    def manage(self, *words: str, source: Path) -> None:
        """A command of the tree in `source`, to its end. Raises CalledProcessError."""
        subprocess.run(  # noqa: S603 - our own
            [sys.executable, "manage.py", *words],
            cwd=source, env={**clean_environment(), **self.environment}, check=True, capture_output=True,
        )  # fmt: skip

    def memory(self) -> list[float]:
        """MB in use by each server that lives."""
        return [resident(server.process.pid) for server in self.servers if server.process.poll() is None]


async def in_thread(work: Callable[..., T], *words: Any) -> T:
    """What blocks, while the clients go on."""
    return await asyncio.to_thread(work, *words)


def resident(pid: int) -> float:
    """MB; 0 for a process that has just gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Whether `folder` is now a disk of its own, which can be filled: only root may mount one."""
    if os.geteuid() != 0:
        yield False
        return
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=0700", "chaos", str(folder)]
    yes = subprocess.run(mount, check=False, capture_output=True).returncode == 0  # noqa: S603 - our own folder
    if yes:
        give_to_postgres(folder)
    try:
        yield yes
    finally:
        if yes:
            subprocess.run(["umount", "--lazy", str(folder)], check=False)  # noqa: S603, S607 - as above


@contextmanager
def new_site() -> Iterator[Site]:
    """A site whose folders are gone afterwards; nothing of it runs yet."""
    with (
        TemporaryDirectory(prefix="queuesite-chaos-") as folder,
        postgres_folder() as primary,
        postgres_folder() as standby,
        small_disk(primary) as has_disk,
    ):
        yield Site(Path(folder), primary, standby, has_disk=has_disk)
