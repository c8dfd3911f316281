"""The faults: each begins, lasts, and has ended when its function returns. Traffic goes on through all of them."""

import asyncio
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import psycopg
import redis
from django.conf import settings

from bench.chaos.clients import Screen
from bench.chaos.crowd import Crowd
from bench.chaos.site import Site, in_thread
from bench.chaos.truth import SLUG
from bench.chaos.wire import is_established
from queuesite.fingerprint import fingerprint
from tests.kit.servers import HERE, ROOT, Postgres, find_program, running_proxy
from tests.kit.waiting import eventually, eventually_here

Strike = Callable[["Scene"], Awaitable[None]]

LAZY = 10
DISK_FULL_FOR = 8
DOWN_FOR = 6
ENDS_WITHIN = 10.0
"""Seconds that a server may take to end."""
FIRST_PRESSES = 50
"""So many, and each page has pressed on a connection of its own that is new."""
LET_GO_WITHIN = 90.0
"""Daphne's HTTP lets an idle connection go after 60 s, and insists 15 s later where what it wrote is not taken."""
READY_WITHIN = 30.0
STORM_LIMIT = 120.0
UPGRADE = (
    b"GET /ws/display/%s/ HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
MIGRATION = """from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("queues", "{last}")]
    operations = [migrations.AddField("ticket", "new", models.SmallIntegerField(default=0, db_default=0))]
"""


class NotHere(Exception):  # noqa: N818 - not an error of ours
    """This machine doesn't allow the fault; the text says what it would take."""


@dataclass(slots=True)
class Scene:
    """What a fault may touch. `storm` is how many displays reconnect at once; `note` is what a fault says of itself."""

    site: Site
    crowd: Crowd
    chance: random.Random
    storm: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """`spares_presses`: each press must be answered within 1.5 s all the same. `pace` is the seconds between two
    presses of a page meanwhile."""

    name: str
    strike: Strike
    times: int = 1
    spares_presses: bool = False
    pace: float = 0.3


async def let_be(_scene: Scene) -> None:
    """No fault at all: how fast this machine is while nothing burns."""
    await asyncio.sleep(8)


async def kill_a_server(scene: Scene) -> None:
    """kill -9 at any instant of a burst; a supervisor starts it again."""
    await asyncio.sleep(scene.chance.uniform(0.2, 0.8))
    number = scene.chance.randrange(2)
    scene.site.servers[number].kill()
    await scene.site.restart(number)


@asynccontextmanager
async def behind_the_proxy(scene: Scene) -> AsyncIterator[None]:
    """Everybody reaches the servers through Caddy, with the file that operators are given. Raises AssertionError in the
    end where a press that was made meanwhile has not been answered."""
    crowd = scene.crowd
    with ExitStack() as running:
        proxy = await in_thread(running.enter_context, running_proxy([server.port for server in scene.site.servers]))
        await _lead(scene, [proxy.port])
        unanswered = crowd.account.unanswered
        try:
            yield
        finally:
            await crowd.gate.close()
            lost = crowd.account.unanswered - unanswered
            await _lead(scene, [one.port for one in scene.site.servers if one.process.poll() is None])
            await in_thread(running.close)
    if lost:
        raise AssertionError(f"{lost} presses were not answered")


async def _lead(scene: Scene, ends: list[int]) -> None:
    """Returns when everybody comes there. A page's kept connection is cut: its next press is not answered."""
    front, crowd = scene.site.front, scene.crowd
    await crowd.gate.close()
    front.ends = ends
    front.cut()
    front.mend()
    begun = crowd.account.presses
    crowd.gate.open()
    await eventually_here(
        lambda: crowd.account.presses > begun + FIRST_PRESSES, what="everybody has pressed", within=60
    )


async def stop_a_server(scene: Scene) -> None:
    """SIGTERM behind the proxy, with presses under way: it ends by itself, and each of them is answered."""
    number = scene.chance.randrange(2)
    try:
        async with behind_the_proxy(scene):
            process = scene.site.servers[number].process
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                await in_thread(process.wait, ENDS_WITHIN)
            if process.poll() is None:
                raise AssertionError(f"it still stands there after {ENDS_WITHIN} s")
            scene.note = f"ended after {time.monotonic() - began:.1f} s"
            await asyncio.sleep(1)
    finally:
        await scene.site.restart(number)


async def take_a_server_away(scene: Scene) -> None:
    """One of two behind the proxy is dead, from between two presses on: the other one answers."""
    number = scene.chance.randrange(2)
    try:
        async with behind_the_proxy(scene):
            await scene.crowd.gate.close()
            scene.site.servers[number].kill()
            scene.crowd.gate.open()
            await asyncio.sleep(DOWN_FOR)
    finally:
        await scene.site.restart(number)


async def start_before_the_database(scene: Scene) -> None:
    """As after a power cut, with a database on another machine: all of ours is up before it."""
    site = scene.site
    site.stop_worker()
    for server in site.servers:
        server.kill()
    await in_thread(site.primary.stop)
    for number in range(len(site.servers)):
        await site.restart(number)
    site.start_worker()
    await asyncio.sleep(DOWN_FOR)
    early = await in_thread(_ready, site)
    await in_thread(site.primary.start)
    began = time.monotonic()
    ready = [HTTPStatus.OK] * len(site.servers)
    await in_thread(lambda: eventually(lambda: _ready(site) == ready, what="both are ready", within=READY_WITHIN))
    if HTTPStatus.OK in early:
        raise AssertionError(f"without a database /readyz was {early}")
    scene.note = f"ready {time.monotonic() - began:.1f} s after the database"


def _ready(site: Site) -> list[int]:
    return [server.status("/readyz") for server in site.servers]


async def kill_redis(scene: Scene) -> None:
    scene.site.redis.kill()
    await asyncio.sleep(5)
    await in_thread(scene.site.redis.start)


async def stop_redis(scene: Scene) -> None:
    """SIGSTOP: it takes connections and answers nothing."""
    scene.site.redis.freeze()
    await asyncio.sleep(20)
    scene.site.redis.thaw()


async def lose_the_data_of_redis(scene: Scene) -> None:
    """FLUSHALL, then a restart."""
    client = redis.Redis(port=scene.site.redis.port)
    await in_thread(client.flushall)
    client.close()
    scene.site.redis.kill()
    await in_thread(scene.site.redis.start)


async def cut_the_wire_to_redis(scene: Scene) -> None:
    scene.site.redis_wire.cut()
    await asyncio.sleep(8)
    scene.site.redis_wire.mend()


async def delay_the_wire_to_redis(scene: Scene) -> None:
    """Longer than a press waits for its change notice."""
    scene.site.redis_wire.delay = 0.4
    await asyncio.sleep(10)
    scene.site.redis_wire.delay = 0.0


async def restart_postgres(scene: Scene) -> None:
    """Away for as long as a small upgrade takes."""
    await in_thread(scene.site.primary.stop)
    await asyncio.sleep(8)
    await in_thread(scene.site.primary.start)


async def fill_the_disk(scene: Scene) -> None:
    """Not a byte is left where PostgreSQL writes, its log ahead of the rows included. It may die of that; whoever makes
    room starts it again."""
    site = scene.site
    if not site.has_disk:
        raise NotHere("only root may mount a small disk")
    ballast = site.primary.folder / "ballast"
    await in_thread(_fill, ballast)
    for _second in range(DISK_FULL_FOR):
        # A busier site comes to the end of the log's present file by itself.
        with suppress(psycopg.Error):
            await in_thread(site.primary.execute, "SELECT pg_switch_wal()")
        await asyncio.sleep(1)
    ballast.unlink()
    died = not await in_thread(_answers, site.primary)
    if died:
        await in_thread(site.primary.stop)
        await in_thread(site.primary.start)
    scene.note = "PostgreSQL died of it" if died else "PostgreSQL stayed up"


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as full, suppress(OSError):
        for size in (2**20, 2**12, 1):
            with suppress(OSError):
                while full.write(b"\0" * size):
                    continue


def _answers(cluster: Postgres) -> bool:
    with suppress(RuntimeError):
        return cluster.answers()
    return False


async def fail_over_postgres(scene: Scene) -> None:
    """The primary dies, the standby takes over."""
    site = scene.site
    site.primary.kill()
    await asyncio.sleep(2)
    await in_thread(site.standby.promote)
    site.primary, site.standby = site.standby, site.primary


async def turn_the_clock(scene: Scene) -> None:
    """One server's clock goes 40 minutes ahead, then 40 behind, then right again."""
    library = find_program("libfaketime.so.1", places="/usr/lib/*/faketime")
    if library is None:
        raise NotHere("needs Debian's libfaketime")
    setting = scene.site.folder / "clock"
    setting.write_text("+0", encoding="ascii")
    # Only the wall clock jumps, as it does in life: the kernel's monotonic one never does.
    fake = {"LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": str(setting), "FAKETIME_CACHE_DURATION": "1"}
    await scene.site.restart(0, **fake, FAKETIME_DONT_FAKE_MONOTONIC="1")
    for offset in ("+40m", "-40m", "+0"):
        setting.write_text(offset, encoding="ascii")
        await asyncio.sleep(5)
    # All that waits, Python's threads for each other too, goes through the library: of 5,000 displays that came to this
    # server and the other one in 40 s, 1,600 were still waiting.
    await scene.site.restart(0)


async def stop_reading(scene: Scene) -> None:
    """Displays that take their first frame and then read nothing. The server must let go of them by itself."""
    began = time.monotonic()
    address = (HERE, scene.site.servers[0].port)
    with ExitStack() as displays:
        lazy = [displays.enter_context(socket.create_connection(address)) for _ in range(LAZY)]
        for display in lazy:
            display.sendall(UPGRADE % SLUG.encode())
        await eventually_here(lambda: not any(map(is_established, lazy)), what="they are let go", within=LET_GO_WITHIN)
    scene.note = f"{LAZY} displays, let go after {time.monotonic() - began:.0f} s"


async def hold_connections(scene: Scene) -> None:
    """Half-open: every connection between browsers and servers is dead, and neither side is told. Browsers must notice
    the silence and come back; servers must let go of what is left."""
    began = time.monotonic()
    front = scene.site.front
    front.hold()
    held = len(front.held())
    try:
        await eventually_here(lambda: not front.held(), what="the servers let go", within=LET_GO_WITHIN)
    except AssertionError as failure:
        raise AssertionError(f"{failure}: {front.held()}") from None
    scene.note = f"{held} connections, let go after {time.monotonic() - began:.0f} s"


async def reconnect_all_at_once(scene: Scene) -> None:
    """Thousands of displays lose their connection in the same instant, and all come back as live.js does."""
    servers = scene.site.servers
    displays = [Screen("storm", servers[number % 2].port, f"/ws/display/{SLUG}/", {}) for number in range(scene.storm)]
    following = [asyncio.create_task(display.follow()) for display in displays]
    try:
        await eventually_here(
            lambda: all(one.heard for one in displays), what="all displays are up", within=STORM_LIMIT
        )
        dropped = time.monotonic()
        for display in displays:
            display.drop()
            display.heard = 0.0
        await eventually_here(lambda: all(one.heard for one in displays), what="all are back", within=STORM_LIMIT)
        scene.note = f"{len(displays)} displays, back after {time.monotonic() - dropped:.1f} s"
    finally:
        for task in following:
            task.cancel()


async def deploy(scene: Scene) -> None:
    """A new version: its migrations while the old one runs, then one server after the other, and the worker."""
    site = scene.site
    new = site.folder / "new"
    await in_thread(_new_version, new)
    await in_thread(lambda: site.manage("migrate", "--noinput", source=new))
    await in_thread(lambda: site.manage("collectstatic", "--noinput", source=new))
    site.sources = [new, new]
    for number in range(2):
        await site.restart(number)
    site.stop_worker()
    site.start_worker()
    build = fingerprint(new, settings.ROOMS)
    await eventually_here(
        lambda: all(screen.build == build for screen in scene.crowd.screens), what="every page knows of it", within=30
    )


def _new_version(new: Path) -> None:
    """The present source with another page, and one more migration, which the old version doesn't know."""
    unneeded = shutil.ignore_patterns(".*", "var", "bench", "tests", "tools", "docs", "secrets", "__pycache__")
    shutil.copytree(ROOT, new, ignore=unneeded)
    with (new / "templates" / "base.html").open("a", encoding="utf-8") as page:
        page.write("<!-- new -->\n")
    migrations = new / "queues" / "migrations"
    last = max(path.stem for path in migrations.glob("0*.py"))
    (migrations / "9999_new.py").write_text(MIGRATION.format(last=last), encoding="utf-8")


FAULTS: Sequence[Fault] = (
    Fault("server killed (-9)", kill_a_server, times=20, pace=0.05),
    Fault("server told to stop", stop_a_server, times=5, pace=0.05),
    Fault("one of two servers down", take_a_server_away),
    Fault("Redis killed", kill_redis, spares_presses=True),
    Fault("Redis stopped", stop_redis, spares_presses=True),
    Fault("Redis's data lost", lose_the_data_of_redis, spares_presses=True),
    Fault("wire to Redis cut", cut_the_wire_to_redis, spares_presses=True),
    Fault("wire to Redis slow", delay_the_wire_to_redis, spares_presses=True),
    Fault("PostgreSQL restarted", restart_postgres),
    Fault("database late at boot", start_before_the_database),
    Fault("disk full", fill_the_disk),
    Fault("PostgreSQL failed over", fail_over_postgres),
    Fault("clock jumps", turn_the_clock),
    Fault("displays stop reading", stop_reading),
    Fault("half-open connections", hold_connections),
    Fault("reconnects at once", reconnect_all_at_once),
    Fault("rolling deploy", deploy),
)
SHORT: Sequence[Fault] = (
    Fault("server killed (-9)", kill_a_server, pace=0.05),
    Fault("server told to stop", stop_a_server, pace=0.05),
    Fault("one of two servers down", take_a_server_away),
    Fault("database late at boot", start_before_the_database),
    Fault("Redis's data lost", lose_the_data_of_redis, spares_presses=True),
    Fault("PostgreSQL failed over", fail_over_postgres),
)
