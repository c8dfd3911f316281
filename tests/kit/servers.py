"""Throw-away servers on free ports of this machine: PostgreSQL, Redis, Daphne with the whole system, and the proxy.

Nothing here needs Django, so that the runner of the tests (tools/stack.py) can use it too.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any, LiteralString

import psycopg

from queuesite.serving import OPTIONS
from tests.kit.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
HERE = "127.0.0.1"
OURS = "queuesite.asgi:application"
POSTGRES_PLACES = "/usr/lib/postgresql/*/bin"
POSTGRES_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "listen_addresses": HERE,
}
NOT_FOR_TESTS = (
    "ALLOWED_HOSTS",
    "DATABASE_URL",
    "HOST",
    "METRICS_TOKEN",
    "PORT",
    "PUBLIC_URL",
    "QUEUESITE_SETTINGS",
    "REDIS_URL",
    "SECRET_KEY",
)
"""What a developer may have set for a server of their own."""
NO_BOUNDS = dict.fromkeys(
    ("KIOSK_TICKETS_A_MINUTE", "ADDRESS_TICKETS_A_MINUTE", "SOCKETS_AN_ADDRESS", "SOCKETS_A_PROCESS"), "1000000"
)
"""A test's whole crowd comes from one address."""
CADDYFILE = ROOT / "docs/operations/Caddyfile"
GRACE = 10.0
"""Seconds that a server gets to end by itself."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        return int(probe.getsockname()[1])


BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""Chromium under its names. The first is Debian's build of it without windows: the same pages in half of the time."""


def find_program(*names: str, places: str = "") -> str | None:
    """The path of the first of these programs that is there, on PATH or in `places` (a pattern; the highest first)."""
    for name in names:
        found = shutil.which(name)
        if found:
            return found
        if places:
            folders = sorted(Path("/").glob(places.lstrip("/")), key=lambda path: (len(str(path)), path), reverse=True)
            for folder in folders:
                if (folder / name).exists():
                    return str(folder / name)
    return None


def clean_environment() -> dict[str, str]:
    """This process's environment without what would choose a database, a layer or an address."""
    return {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in NOT_FOR_TESTS}


def stop(process: subprocess.Popen[Any], *, by: signal.Signals = signal.SIGTERM) -> None:
    """Ask it to end, then insist."""
    if process.poll() is None:
        process.send_signal(by)
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(GRACE)


# PostgreSQL


@dataclass(slots=True)
class Postgres:
    """A cluster of its own in `folder`, which a test may stop, kill, start again, copy as a replica and promote."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port, init=False)
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"postgres://postgres@{HERE}:{self.port}/queuesite"

    def create(self) -> None:
        """Make the cluster, start it, and make an empty database in it, owned by a superuser."""
        choices = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        self._run("initdb", "-D", self.folder / "data", *choices)
        self.start()
        self.execute("CREATE DATABASE queuesite")

    def copy(self, primary: "Postgres") -> None:
        """Make this cluster a standby of the other, and start it. The other keeps what this one hasn't read yet."""
        source = ["-h", HERE, "-p", str(primary.port), "-U", "postgres"]
        follow = ["-R", "-X", "stream", "-C", "-S", "standby"]
        self._run("pg_basebackup", "-D", self.folder / "data", *source, *follow, "-c", "fast", "--no-sync")
        self.start()

    def start(self) -> None:
        """Returns when it answers. Raises RuntimeError when it ends instead."""
        own = {"port": str(self.port), "unix_socket_directories": str(self.folder)}
        choices = [f"-c{name}={value}" for name, value in {**POSTGRES_SETTINGS, **self.settings, **own}.items()]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [_postgres_program("postgres"), "-D", self.folder / "data", *choices],
                stdout=log, stderr=log, cwd=self.folder, start_new_session=True, **_as_whom(),
            )  # fmt: skip
        eventually(self.answers, what="PostgreSQL answers", within=60)

    def answers(self) -> bool:
        if self.process is not None and self.process.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended at once, with {self.process.returncode}.")
        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def execute(self, statement: LiteralString) -> None:
        address = f"host={HERE} port={self.port} user=postgres dbname=postgres connect_timeout=2"
        with psycopg.connect(address, autocommit=True) as one:
            one.execute(statement)

    def promote(self) -> None:
        """From standby to primary. Returns when it takes writes."""
        self.execute("SELECT pg_promote(wait => true)")

    def stop(self) -> None:
        """As an operator does: whoever is connected is cut off, nothing is lost."""
        if self.process is not None:
            stop(self.process, by=signal.SIGINT)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(GRACE)

    def _run(self, program: str, *words: str | Path) -> None:
        subprocess.run(
            [_postgres_program(program), *words], check=True, capture_output=True, cwd=self.folder, **_as_whom()
        )


@contextmanager
def postgres_folder(place: Path | None = None) -> Iterator[Path]:
    """A folder that PostgreSQL may write in, in `place` or among the temporary files, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="queuesite-postgres-", dir=place))
    try:
        give_to_postgres(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def throwaway_postgres(settings: Mapping[str, str] | None = None, place: Path | None = None) -> Iterator[str]:
    """A new cluster, gone afterwards. Yields the URL of an empty database in it, owned by a superuser."""
    with postgres_folder(place) as folder:
        cluster = Postgres(folder, settings or {})
        try:
            cluster.create()
            yield cluster.url
        finally:
            cluster.stop()


def give_to_postgres(folder: Path) -> None:
    """PostgreSQL refuses to run as root, so that its folder must be another user's."""
    as_whom = _as_whom()
    if as_whom:
        shutil.chown(folder, as_whom["user"], as_whom["group"])


def _as_whom() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise RuntimeError("PostgreSQL does not run as root, and there is no user postgres or nobody.")


def _postgres_program(name: str) -> str:
    """From the folder of the newest initdb: some distributions put none of them on PATH."""
    initdb = find_program("initdb", places=POSTGRES_PLACES)
    if initdb is None:
        raise RuntimeError("PostgreSQL's initdb is not installed.")
    return str(Path(initdb).resolve().parent / name)


# Redis


@dataclass(slots=True)
class Redis:
    """A Redis that a test may stop, kill and start again on the same port. It keeps nothing."""

    port: int
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"redis://{HERE}:{self.port}/0"

    def start(self) -> None:
        program = find_program("redis-server")
        if program is None:
            raise RuntimeError("redis-server is not installed.")
        choices = ["--port", str(self.port), "--bind", HERE, "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(
            [program, *choices], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", start_new_session=True
        )
        eventually(self.answers, what="Redis answers")

    def answers(self) -> bool:
        try:
            with socket.create_connection((HERE, self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def freeze(self) -> None:
        """It takes connections and answers nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait(GRACE)

    def _signal(self, which: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(which)


@contextmanager
def throwaway_redis() -> Iterator[Redis]:
    redis = Redis(free_port())
    redis.start()
    try:
        yield redis
    finally:
        redis.kill()


# The system itself


@dataclass(slots=True)
class Server:
    """One Daphne process with the whole system."""

    port: int
    process: subprocess.Popen[bytes]
    log_file: Path

    @property
    def url(self) -> str:
        return f"http://{HERE}:{self.port}"

    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def lives(self) -> bool:
        """/healthz answers. Raises AssertionError with the log once the process has ended."""
        if self.process.poll() is not None:
            raise AssertionError(f"The server ended with {self.process.returncode}:\n{self.log()}")
        return self.status("/healthz") == HTTPStatus.OK

    def status(self, path: str) -> int:
        """Of the answer; 0 where there is none."""
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refusal:
            return refusal.code
        except OSError:
            return 0

    def kill(self) -> None:
        """At once, as by a power cut."""
        self.process.kill()
        self.process.wait(GRACE)


@contextmanager
def running_server(
    *,
    database_url: str,
    redis_url: str = "",
    expects_errors: bool = False,
    source: str | Path = ROOT,
    application: str = OURS,
    **environment: str,
) -> Iterator[Server]:
    """A server on a free port, on these stores, with a VAR_DIR of its own. More of its environment by keyword; `source`
    is the tree that it runs, `application` what of it.

    Fails the test when a traceback stands in its log afterwards, unless `expects_errors`.
    """
    with ExitStack() as cleanup:
        folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="queuesite-server-")))
        listening = cleanup.enter_context(socket.create_server((HERE, 0), backlog=512))
        log = cleanup.enter_context((folder / "log").open("wb"))
        port = int(listening.getsockname()[1])
        variables = {
            **clean_environment(),
            "DEBUG": "1",
            "VAR_DIR": str(folder),
            "PORT": str(port),
            **NO_BOUNDS,
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            **environment,
        }
        server = Server(port, _daphne(source, application, listening, variables, log), folder / "log")
        listening.close()  # with the server its port ends, too
        try:
            eventually(server.lives, what="the server answers /healthz", within=30)
            yield server
        finally:
            stop(server.process)
        if not expects_errors and "Traceback" in server.log():
            raise AssertionError(f"The server's log has a traceback:\n{server.log()}")


def _daphne(
    source: str | Path, application: str, listening: socket.socket, variables: dict[str, str], log: IO[bytes]
) -> subprocess.Popen[bytes]:
    """Daphne on a socket that is open already, so that no other program can take its port meanwhile."""
    descriptor = listening.fileno()
    return subprocess.Popen(
        [sys.executable, "-m", "daphne", "--fd", str(descriptor), *OPTIONS, application],
        cwd=source, env=variables, pass_fds=[descriptor], stdout=log, stderr=log, start_new_session=True,
    )  # fmt: skip


# The proxy in front of it


@dataclass(frozen=True, slots=True)
class Proxy:
    """Caddy with the file that operators are given. `watched` is the port of its own health and figures."""

    port: int
    watched: int
    log_file: Path

    @property
    def url(self) -> str:
        return f"http://{HERE}:{self.port}"

    def lives(self) -> bool:
        return self._watched("/") == "ok"

    def metrics(self) -> str:
        return self._watched("/metrics")

    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def _watched(self, path: str) -> str:
        """ "" where nobody answers."""
        try:
            with urllib.request.urlopen(f"http://{HERE}:{self.watched}{path}", timeout=2) as answer:
                return str(answer.read().decode())
        except OSError:
            return ""


@contextmanager
def running_proxy(servers: Sequence[int]) -> Iterator[Proxy]:
    """A proxy on a free port, before the servers on these ports. It speaks plain HTTP, and its own port is free, too:
    nothing else of the shipped file is changed."""
    program = find_program("caddy")
    if program is None:
        raise RuntimeError("caddy is not installed.")
    with tempfile.TemporaryDirectory(prefix="queuesite-proxy-") as folder:
        proxy = Proxy(free_port(), free_port(), Path(folder) / "log")
        text = CADDYFILE.read_text(encoding="utf-8")
        for shipped, here in {"\ttls {$TLS}\n": "", "http://:2080 {": f"http://:{proxy.watched} {{"}.items():
            assert text.count(shipped) == 1, shipped
            text = text.replace(shipped, here)
        file = Path(folder) / "Caddyfile"
        file.write_text(text, encoding="utf-8")
        addresses = " ".join(f"{HERE}:{port}" for port in servers)
        environment = {**os.environ, "HOME": folder, "PUBLIC_URL": proxy.url, "SERVERS": addresses}
        with proxy.log_file.open("wb") as log:
            process = subprocess.Popen(
                [program, "run", "--config", file, "--adapter", "caddyfile"],
                env=environment, cwd=folder, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        try:
            eventually(proxy.lives, what=lambda: f"the proxy answers: {proxy.log()}")
            yield proxy
        finally:
            stop(process)
