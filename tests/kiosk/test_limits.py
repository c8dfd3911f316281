"""So many numbers a minute, by kiosk and by address; following one's ticket is never limited."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from live.announce import Breaker
from live.counts import ProcessCounts, RedisCounts
from live.redis_layer import RedisLayer
from queues import clock
from queues.models import Ticket
from tests.kit import factories
from tests.kit.sample_branch import SampleBranch, html, text
from tests.kit.servers import throwaway_redis

pytestmark = pytest.mark.django_db


NOON = datetime(2026, 6, 10, 9, 0, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _three_a_kiosk_and_five_an_address(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.TICKETS_A_MINUTE = {"kiosk": 3, "address": 5}
    here = ProcessCounts()
    monkeypatch.setattr("kiosk.limits.counts", lambda: here)
    with clock.standing_at(NOON):
        yield


def a_kiosk(sample: SampleBranch, address: str = "203.0.113.1") -> Client:
    """A browser that has been at the start page."""
    client = Client(headers={"accept-language": "en"}, REMOTE_ADDR=address)
    client.get(f"/kiosk/{sample.branch.slug}/")
    return client


def draw(kiosk: Client, sample: SampleBranch, visit: UUID | None = None) -> int:
    return kiosk.post(sample.services_page(visit=visit), {"service": "passports"}).status_code


def test_a_kiosk_draws_so_many_and_its_neighbour_goes_on(sample: SampleBranch) -> None:
    kiosk, neighbour = a_kiosk(sample), a_kiosk(sample)
    assert [draw(kiosk, sample) for _time in range(4)] == [302, 302, 302, 429]
    assert draw(neighbour, sample) == 302
    assert Ticket.objects.count() == 4


def test_an_address_draws_so_many_however_many_kiosks_it_pretends_to_be(sample: SampleBranch) -> None:
    assert [draw(a_kiosk(sample), sample) for _time in range(7)] == [302] * 5 + [429] * 2
    assert draw(a_kiosk(sample, "203.0.113.2"), sample) == 302


def test_a_program_without_the_cookie_is_one_kiosk(sample: SampleBranch) -> None:
    assert [draw(Client(), sample) for _time in range(4)] == [302, 302, 302, 429]


def test_the_same_visit_sent_again_is_counted_once_and_gets_its_number(sample: SampleBranch) -> None:
    kiosk, visit = a_kiosk(sample), uuid4()
    assert [draw(kiosk, sample, visit) for _time in range(9)] == [302] * 9
    assert Ticket.objects.count() == 1


def test_the_next_minute_begins_anew_for_the_same_visit_too(sample: SampleBranch) -> None:
    kiosk, visit = a_kiosk(sample), uuid4()
    assert [draw(kiosk, sample) for _time in range(3)] == [302] * 3
    assert draw(kiosk, sample, visit) == 429
    with clock.standing_at(NOON + timedelta(seconds=45)):
        assert draw(kiosk, sample, visit) == 302


@pytest.mark.parametrize(
    ("language", "words"),
    [("fi", "Odota hetki ja paina uudelleen. 45 s"), ("sv", "tryck igen. 45 s"), ("en", "press again. 45 s")],
)
def test_it_is_said_kindly_and_for_how_long(language: str, words: str, sample: SampleBranch) -> None:
    kiosk = a_kiosk(sample)
    for _time in range(3):
        draw(kiosk, sample)
    answer = kiosk.post(sample.services_page(language), {"service": "passports"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "45")
    assert words in text(html(answer))
    assert 'data-service="passports"' in html(answer)


def test_nobody_is_kept_from_following(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    assert {Client().get(f"/t/{ticket.token}/").status_code for _time in range(20)} == {200}


def counting_at(redis: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As another server process would, on this Redis."""
    monkeypatch.setattr("live.counts.breaker", Breaker())
    counts = RedisCounts(RedisLayer(hosts=[{"address": redis}], prefix="queuesite"))
    monkeypatch.setattr("kiosk.limits.counts", lambda: counts)


def test_all_server_processes_count_together_and_without_redis_nobody_is_refused(
    sample: SampleBranch, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    kiosk = a_kiosk(sample)
    with throwaway_redis() as redis:
        counting_at(redis.url, monkeypatch)
        assert [draw(kiosk, sample) for _time in range(2)] == [302] * 2
        counting_at(redis.url, monkeypatch)
        assert [draw(kiosk, sample) for _time in range(2)] == [302, 429]
        redis.kill()
        assert [draw(kiosk, sample) for _time in range(2)] == [302] * 2
        assert caplog.text.count("Numbers are not counted") == 1, "the second didn't ask"


def test_a_redis_whose_name_nobody_resolves_keeps_no_visitor(
    sample: SampleBranch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its cable pulled a box may look for a name for half a minute."""
    cable = threading.Event()
    kept_waiting: list[str] = []

    def look_up(host: str, *_how: object) -> list[object]:
        if not cable.wait(10):
            kept_waiting.append(host)
        raise OSError("no such name")

    monkeypatch.setattr("live.time_limit._threads", ThreadPoolExecutor())
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    counting_at("redis://redis.hall.example", monkeypatch)
    assert draw(a_kiosk(sample), sample) == 302
    cable.set()
    assert not kept_waiting


def test_addresses_of_one_ipv6_network_are_counted_together(sample: SampleBranch) -> None:
    answers = [
        a_kiosk(sample, f"2001:db8:1:2::{number:x}").post(sample.services_page(), {"service": "passports"})
        for number in range(1, 8)
    ]
    assert [answer.status_code for answer in answers] == [302] * 5 + [429] * 2
