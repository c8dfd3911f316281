"""What a relay meets in a year: idle hours, a Redis that stops, and a client that doesn't read."""

import base64
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.browser.system import LYING, PHONE, STANDING, System
from tests.kit import factories
from tests.kit.servers import HERE, Redis

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

IDLE = 12_500
CATCHES_UP_WITHIN = 5_000
CHANGES = 100
DEAF = 30
MAY_GROW = 30_000  # kB; sent without a bound, the changes took 85,000


@pytest.mark.networked
def test_after_twelve_idle_seconds_a_call_arrives(system: System) -> None:
    display, phone, desk = system.page(LYING), system.page(PHONE), system.page(LYING, clerk=True)
    ticket = factories.ticket(system.sample.passports)
    desk.goto(system.desk)
    display.goto(system.display)
    phone.goto(system.phone(ticket))
    display.wait_for_timeout(IDLE)
    for page in (display, phone):
        expect(page.locator("[data-stale]")).to_have_count(0)
    desk.click('[data-action="call-next"]')
    expect(display.locator("[data-call]").first).to_have_attribute("data-number", "A1")
    expect(phone.locator("[data-state]")).to_have_attribute("data-state", "CALLED")


def redis_of(system: System) -> Redis:
    assert system.servers.redis is not None
    return system.servers.redis


@contextmanager
def redis_stopped(redis: Redis) -> Iterator[None]:
    redis.freeze()
    try:
        yield
    finally:
        redis.thaw()


@contextmanager
def redis_gone(redis: Redis) -> Iterator[None]:
    """It comes back with nothing that it knew."""
    redis.kill()
    try:
        yield
    finally:
        redis.start()


@pytest.mark.networked
@pytest.mark.parametrize("trouble", [redis_stopped, redis_gone], ids=["stopped", "killed and forgetful"])
def test_with_redis_in_trouble_a_press_is_answered_and_the_display_catches_up(
    trouble: Callable[[Redis], AbstractContextManager[None]], system: System
) -> None:
    display, desk = system.page(LYING), system.page(LYING, clerk=True)
    factories.waiting(2, system.sample.passports)
    display.goto(system.display)
    desk.goto(system.desk)
    newest = display.locator("[data-call]").first
    with trouble(redis_of(system)):
        desk.click('[data-action="call-next"]')
        expect(desk.locator("[data-state]")).to_have_attribute("data-current-number", "A1", timeout=3_000)
    expect(newest).to_have_attribute("data-number", "A1", timeout=CATCHES_UP_WITHIN)
    for action, state in {"start": "SERVING", "finish": "FREE", "call-next": "CALLED"}.items():
        expect(desk.locator("#presses")).not_to_have_attribute("data-busy", "")
        desk.click(f'[data-action="{action}"]')
        expect(desk.locator("[data-state]")).to_have_attribute("data-state", state)
    expect(newest).to_have_attribute("data-number", "A2", timeout=CATCHES_UP_WITHIN)
    expect(display.locator("[data-board]")).not_to_have_attribute("data-stale", "")


@contextmanager
def one_that_never_reads(port: int, path: str) -> Iterator[None]:
    """A socket that shakes hands and then doesn't read, with hardly any room for what comes."""
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        client.connect((HERE, port))
        client.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {HERE}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        assert client.recv(12) == b"HTTP/1.1 101"
        yield


def memory_of(pid: int) -> int:
    """Resident kilobytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


def many_services(system: System) -> None:
    """So that a kiosk's frame is some 50 kB: what the cables and the system keep for a client is soon full."""
    for _service in range(60):
        factories.service(system.sample.branch, name_fi="Palvelu", description_fi="Mitä kaikkea palvelu kattaa " * 4)


@pytest.mark.embedded
def test_those_that_do_not_read_cost_no_memory_and_nobody_waits_for_them(system: System) -> None:
    many_services(system)
    server, slug = system.servers.lobby, system.sample.branch.slug
    display, kiosk = system.page(LYING), system.page(STANDING)
    display.goto(system.display)
    kiosk.goto(system.kiosk)
    key = kiosk.evaluate("JSON.parse(document.body.getAttribute('hx-headers'))['X-CSRFToken']")
    with ExitStack() as unread:
        for _client in range(DEAF):
            unread.enter_context(one_that_never_reads(server.port, f"/ws/kiosk/{slug}/?language=fi"))
        before = memory_of(server.process.pid)
        for _change in range(CHANGES):
            answer = kiosk.request.post(
                f"{system.kiosk}fi/{uuid4()}/",
                form={"service": "passports", "csrfmiddlewaretoken": key},
                max_redirects=0,
            )
            assert answer.status == 302
        expect(display.locator(".board-waiting b").first).to_have_text(str(CHANGES))
        grown = memory_of(server.process.pid) - before
    assert grown < MAY_GROW
