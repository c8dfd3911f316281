"""A server that is told to stop while requests are under way: each is answered, and it ends."""

import http.client
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from threading import Event, Thread

import pytest
from django.db import connections

from queues.changes.transaction import changing
from queues.models import Branch, BranchEvent, What
from tests.kit import factories
from tests.kit.browsing import Browser
from tests.kit.crowds import database_url
from tests.kit.servers import Server, running_server

pytestmark = [pytest.mark.django_db(transaction=True)]

ENDS_WITHIN = 10.0
"""Seconds."""


@contextmanager
def locked(branch: Branch) -> Iterator[None]:
    """Whoever presses in this branch waits meanwhile."""
    held, done = Event(), Event()

    def hold() -> None:
        with changing(branch.pk):
            held.set()
            done.wait(60)
        connections.close_all()

    holding = Thread(target=hold)
    holding.start()
    try:
        assert held.wait(10)
        yield
    finally:
        done.set()
        holding.join()


def call_a_person(server: Server, branch: Branch, answers: list[int]) -> Thread:
    """Press at the kiosk; the status of the answer is added when it comes, 0 for none."""

    def send() -> None:
        kiosk = f"/kiosk/{branch.slug}/"
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        try:
            connection.request("GET", kiosk)
            page = connection.getresponse()
            cookies = "; ".join(value.split(";")[0] for name, value in page.getheaders() if name == "Set-Cookie")
            token = page.read().decode().split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
            headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", f"{kiosk}help/", f"csrfmiddlewaretoken={token}", headers)
            answers.append(connection.getresponse().status)
        except (OSError, http.client.HTTPException):
            answers.append(0)
        finally:
            connection.close()

    thread = Thread(target=send)
    thread.start()
    return thread


def under_way(server: Server, branch: Branch, answers: list[int], *, how_many: int) -> list[Thread]:
    """So many presses that wait for the branch's lock."""
    presses = [call_a_person(server, branch, answers) for _press in range(how_many)]
    time.sleep(1.5)  # no sign from outside tells when a request has come to the lock
    assert answers == []
    return presses


def test_what_is_under_way_is_answered_before_the_server_ends() -> None:
    branch = factories.branch()
    answers: list[int] = []
    # Django notes a browser that goes right after its answer.
    with running_server(database_url=database_url(), expects_errors=True) as server:
        with locked(branch):
            presses = under_way(server, branch, answers, how_many=4)
            began = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            assert server.process.poll() is None
        assert server.process.wait(ENDS_WITHIN) == 0
        assert time.monotonic() - began < ENDS_WITHIN
        for one in presses:
            one.join()
    assert answers == [302] * 4
    assert BranchEvent.objects.filter(what=What.KIOSK_HELP).exists()


def test_the_server_ends_in_time_also_when_what_is_under_way_does_not() -> None:
    branch = factories.branch()
    answers: list[int] = []
    with running_server(database_url=database_url()) as server, locked(branch):
        presses = under_way(server, branch, answers, how_many=2)
        server.process.send_signal(signal.SIGTERM)
        try:
            assert server.process.wait(ENDS_WITHIN) == 0
        except subprocess.TimeoutExpired:
            pytest.fail("It still stands there.")
        for one in presses:
            one.join()
    assert set(answers) <= {0, 503}, "none that says it was done"


def test_who_had_connected_before_is_answered_too() -> None:
    """What has come while the server was busy, and it has not even accepted when it is told to stop."""
    branch = factories.branch()
    with running_server(database_url=database_url(), expects_errors=True) as server, ExitStack() as open_ones:
        browsers = [open_ones.enter_context(closing(Browser(server.port))) for _browser in range(30)]
        pages = [browser.get(f"/kiosk/{branch.slug}/").status for browser in browsers[:2]]
        assert pages == [200] * 2
        server.process.send_signal(signal.SIGSTOP)
        with ThreadPoolExecutor(len(browsers)) as threads:
            asking = [threads.submit(browser.get, f"/kiosk/{branch.slug}/") for browser in browsers]
            time.sleep(0.5)  # they have connected and asked: the kernel takes both
            server.process.send_signal(signal.SIGTERM)
            server.process.send_signal(signal.SIGCONT)
            assert [one.result().status for one in asking] == [200] * len(browsers)
        assert server.process.wait(ENDS_WITHIN) == 0
