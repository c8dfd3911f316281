"""The shipped proxy before two servers: while one of them goes or is away no press is lost, and none is made twice."""

import re
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event

import pytest

from queues.models import Branch, Desk, Service, Ticket
from tests.kit import factories
from tests.kit.browsing import Browser
from tests.kit.crowds import database_url
from tests.kit.invariants import assert_sound
from tests.kit.servers import HERE, Proxy, Server, running_proxy, running_server, throwaway_redis
from tests.kit.sockets import session_cookie
from tests.kit.waiting import eventually

pytestmark = [pytest.mark.networked, pytest.mark.django_db(transaction=True)]

CLERKS = 6


@dataclass(frozen=True, slots=True)
class Site:
    """Two servers behind the proxy, and a desk at which a number is given by hand: without a key, so that a press that
    is made twice gives two."""

    servers: tuple[Server, Server]
    proxy: Proxy
    branch: Branch
    service: Service
    desk: Desk
    session: str

    def give_a_number(self, browser: Browser) -> int:
        return browser.press(f"/desk/{self.desk.pk}/issue/", service=str(self.service.pk)).status

    def given(self) -> int:
        return Ticket.objects.count()

    def left_out(self) -> set[int]:
        """The ports of the servers that the proxy asks no more: its figures tell only each ten seconds."""
        found = re.findall(r'"msg":"HTTP request failed","host":".+?:(\d+)"', self.proxy.log())
        return {int(port) for port in found}


@pytest.fixture
def site() -> Iterator[Site]:
    branch = factories.branch()
    service = factories.service(branch)
    with ExitStack() as running:
        redis = running.enter_context(throwaway_redis())
        # Django notes a browser that goes right after its answer.
        first, second = (
            running.enter_context(running_server(database_url=database_url(), redis_url=redis.url, expects_errors=True))
            for _ in range(2)
        )
        proxy = running.enter_context(running_proxy([first.port, second.port]))
        session = session_cookie(factories.clerk(branch))
        yield Site((first, second), proxy, branch, service, factories.desk(service), session)


def press(site: Site, times: int) -> list[int]:
    """One browser after the other: the status of each answer."""
    with closing(Browser(site.proxy.port, site.session)) as browser:
        return [site.give_a_number(browser) for _press in range(times)]


def pressing_while(site: Site, strike: Callable[[], None]) -> list[int]:
    """Everybody presses without a pause while this is done; the status of each answer."""
    over = Event()

    def press_on() -> list[int]:
        answers = []
        with closing(Browser(site.proxy.port, site.session)) as browser:
            while not over.is_set():
                answers.append(site.give_a_number(browser))
        return answers

    with ThreadPoolExecutor(CLERKS) as clerks:
        pressing = [clerks.submit(press_on) for _clerk in range(CLERKS)]
        try:
            eventually(lambda: site.given() > CLERKS, what="presses are under way")
            strike()
            pressed = site.given()
            eventually(lambda: site.given() > pressed + CLERKS, what="presses go on")
        finally:
            over.set()
        return [status for one in pressing for status in one.result()]


def test_a_server_that_has_died_loses_no_press_before_and_after_it_is_noticed(site: Site) -> None:
    assert press(site, 4) == [HTTPStatus.OK] * 4
    dead = site.servers[0]
    dead.kill()
    assert press(site, 12) == [HTTPStatus.OK] * 12
    eventually(lambda: site.left_out() == {dead.port}, what="the proxy knows of it")
    assert press(site, 12) == [HTTPStatus.OK] * 12
    assert site.given() == 28
    assert_sound(site.branch)


def test_a_server_that_is_told_to_stop_under_load_loses_no_press(site: Site) -> None:
    def stop_one() -> None:
        site.servers[0].process.send_signal(signal.SIGTERM)
        assert site.servers[0].process.wait(10) == 0

    answers = pressing_while(site, stop_one)
    assert set(answers) == {HTTPStatus.OK}
    assert site.given() == len(answers)
    assert_sound(site.branch)


class StandIn(BaseHTTPRequestHandler):
    """Is there at once, also on a busy machine."""

    def do_GET(self) -> None:
        self.send_response(HTTPStatus.OK)
        self.end_headers()

    do_POST = do_GET  # noqa: N815 - http.server's name

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        pass


def test_while_no_server_is_there_a_press_waits_for_one(site: Site) -> None:
    for server in site.servers:
        server.kill()
    eventually(lambda: len(site.left_out()) == 2, what="the proxy knows of it")
    with ThreadPoolExecutor(2) as threads:
        pressing = threads.submit(press, site, 1)
        time.sleep(0.5)  # no sign from outside tells that it waits
        with HTTPServer((HERE, site.servers[0].port), StandIn) as back:
            threads.submit(back.serve_forever)
            try:
                assert pressing.result() == [HTTPStatus.OK]
            finally:
                back.shutdown()


def test_what_is_too_large_or_for_those_inside_only_is_refused(site: Site) -> None:
    with closing(Browser(site.proxy.port, site.session)) as browser:
        # Over the proxy's megabyte, but not over the server's own limit (1,048,576).
        answer = browser.press(f"/desk/{site.desk.pk}/issue/", name="x" * 1_020_000)
        assert answer.status in {HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.BAD_GATEWAY}
        assert browser.get("/metrics").status == HTTPStatus.NOT_FOUND
    assert site.given() == 0
    assert "caddy_http_requests_total{" in site.proxy.metrics()
