"""Visitors and desks press at once, half of them at one server process, half at the other."""

import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from uuid import uuid4

import pytest

from queues.models import Branch, Desk, Service, Ticket, TicketEvent
from queues.states import State
from tests.kit import factories
from tests.kit.browsing import Browser
from tests.kit.crowds import database_url
from tests.kit.invariants import assert_sound
from tests.kit.servers import Server, running_server, throwaway_redis
from tests.kit.sockets import session_cookie

pytestmark = [pytest.mark.networked, pytest.mark.django_db(transaction=True)]

TICKETS, DESKS, CALLS_EACH, THREADS = 200, 10, 10, 16


@pytest.fixture
def two_servers() -> Iterator[tuple[Server, Server]]:
    with ExitStack() as running:
        redis = running.enter_context(throwaway_redis())
        first, second = (
            running.enter_context(running_server(database_url=database_url(), redis_url=redis.url)) for _ in range(2)
        )
        yield first, second


def test_200_tickets_and_100_calls_over_two_servers_double_and_lose_nothing(
    two_servers: tuple[Server, Server],
) -> None:
    branch = factories.branch()
    services = [factories.service(branch, number_prefix=prefix) for prefix in "AABC"]
    desks = [factories.desk(*services) for _ in range(DESKS)]
    session = session_cookie(factories.clerk(branch))

    with ThreadPoolExecutor(THREADS) as crowd:
        issuing = [crowd.submit(take_numbers, two_servers[half % 2], branch, services) for half in range(THREADS // 2)]
        calling = [
            crowd.submit(call_and_miss, two_servers[number % 2], desk, session) for number, desk in enumerate(desks)
        ]
        assert {status for work in issuing for status in work.result()} == {302}
        called = [ticket for work in calling for ticket in work.result()]

    assert Ticket.objects.count() == TICKETS
    assert len(called) == len(set(called)) == DESKS * CALLS_EACH
    assert Counter(TicketEvent.objects.values_list("to_state", flat=True)) == {
        State.WAITING: TICKETS,
        State.CALLED: DESKS * CALLS_EACH,
        State.NO_SHOW: DESKS * CALLS_EACH,
    }
    assert_sound(branch)


def take_numbers(server: Server, branch: Branch, services: list[Service]) -> list[int]:
    with closing(Browser(server.port)) as browser:
        return [
            browser.press(f"/kiosk/{branch.slug}/en/{uuid4()}/", service=services[number % len(services)].slug).status
            for number in range(TICKETS // (THREADS // 2))
        ]


def call_and_miss(server: Server, desk: Desk, session: str) -> list[str]:
    """Call until CALLS_EACH have been called; nobody comes. Where nobody waits yet, call again."""
    called: list[str] = []
    seen = "0"
    with closing(Browser(server.port, session)) as browser:
        while len(called) < CALLS_EACH:
            panel = browser.press(f"/desk/{desk.pk}/call-next/", ticket=seen)
            assert panel.status == 200
            if 'data-state="CALLED"' in panel.text:
                (seen,) = re.findall(r'data-ticket="(\d+)"', panel.text)
                called.append(seen)
                assert browser.press(f"/desk/{desk.pk}/absent/", ticket=seen).status == 200
    return called
