"""What the log says of a day, and what it must not."""

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import IntegrityError
from django.test import Client

from queues import actions
from queues.models import Ticket
from queuesite.logs import JsonLines, without_keys
from queuesite.trace import Trace, current
from tests.kit.sample_branch import SampleBranch, build_sample_branch

pytestmark = pytest.mark.django_db(transaction=True)  # moves are told after the commit

NAME = "Maija Meikäläinen"
NOTE = "lost her passport"
ADDRESS = "203.0.113.77"
BROWSER = "Netscape/4.7"


class Log:
    """The lines that production would have written."""

    def __init__(self) -> None:
        self.stream = StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def of(self, view: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line.get("view") == view]


@pytest.fixture
def log() -> Iterator[Log]:
    found = Log()
    handler = logging.StreamHandler(found.stream)
    handler.setFormatter(JsonLines())
    root, levels = logging.getLogger(), {name: logging.getLogger(name).level for name in ("queues", "queuesite")}
    root.addHandler(handler)
    for name in levels:
        logging.getLogger(name).setLevel(logging.INFO)
    yield found
    root.removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def sample() -> SampleBranch:
    found = build_sample_branch()
    found.branch.asks_name = True
    found.branch.save()
    return found


def browser(**headers: str) -> Client:
    return Client(headers={"user-agent": BROWSER, **headers}, REMOTE_ADDR=ADDRESS)


def visit(sample: SampleBranch) -> Ticket:
    """Kiosk, phone, desk, and one address that leads nowhere: everything that may be known of a visitor."""
    phone = browser()
    phone.post(sample.services_page(visit=uuid4()), {"service": "passports"})
    ticket = Ticket.objects.get()
    phone.get(f"/t/{ticket.token}/?language=sv")
    phone.post(f"/t/{ticket.token}/tell/", {"name": NAME, "needs": ["hearing-loop"]})
    phone.get(f"/t/{ticket.token}/nowhere/")
    phone.get(f"/kiosk/{sample.branch.slug}/en/{uuid4()}/nowhere/?name={NAME}")
    for _wrong in range(settings.AXES_FAILURE_LIMIT + 1):
        browser().post("/desk/sign-in/", {"username": sample.clerk.username, "password": "wrong"})
    clerk = browser(**{"hx-request": "true"})
    clerk.force_login(sample.clerk)
    said = {"ticket": ticket.pk, "note": NOTE, "helped": NOTE}
    for press in ("call-next", "start", "finish"):
        clerk.post(sample.press(press), said)
    clerk.get(f"/desk/{sample.desk.pk}/helped/?q={NOTE}")
    phone.post(f"/t/{ticket.token}/leave/")
    phone.post(f"/t/{ticket.token}/thank/", {"words": NOTE})
    return ticket


def test_a_whole_visit_leaves_nothing_personal_in_the_log(sample: SampleBranch, log: Log) -> None:
    ticket = visit(sample)
    ticket.refresh_from_db()
    assert ticket.visitor_name == NAME
    secrets = [ticket.token, ticket.shown, NAME, NOTE, "hearing", ADDRESS, BROWSER, sample.clerk.username]
    assert [secret for secret in secrets if secret in log.text] == []


def test_a_moves_line_names_the_ids_and_its_request(sample: SampleBranch, log: Log) -> None:
    ticket = visit(sample)
    moves = [line for line in log.lines if line.get("action")]
    assert [line["action"] for line in moves] == ["issue", "call_next", "start_serving", "finish"]
    assert {(line["branch"], line["ticket"]) for line in moves} == {(sample.branch.pk, ticket.pk)}
    assert [line.get("desk") for line in moves] == [None, *[sample.desk.pk] * 3]
    assert moves[1]["request_id"] == log.of("desk-call-next")[0]["request_id"]


def test_a_requests_line_says_what_came_of_it(sample: SampleBranch, log: Log) -> None:
    visit(sample)
    (line,) = log.of("visitor-leave")
    assert (line["method"], line["status"], line["refusal"]) == ("POST", 409, "AlreadyOver")
    assert line["ms"] > 0
    assert log.of("none")[0]["status"] == 404


def test_who_asks_all_the_time_has_no_line(log: Log) -> None:
    for page in ("/healthz", "/readyz", "/metrics"):
        Client().get(page)
    assert log.lines == []


def test_the_answer_names_the_request() -> None:
    assert Client(headers={"x-request-id": "proxy-0123456789"}).get("/healthz")["X-Request-ID"] == "proxy-0123456789"


@pytest.mark.parametrize("given", ["", "short", "x" * 65, 'a"b{c}d e f g', "zeile\nzwei-zeile"])
def test_an_id_that_is_none_is_replaced(given: str) -> None:
    made = Client(headers={"x-request-id": given}).get("/healthz")["X-Request-ID"]
    assert made != given
    assert len(made) == 16


@pytest.mark.networked
def test_an_error_is_told_by_its_kind_and_place_without_its_words(log: Log) -> None:
    try:
        Ticket.objects.create(branch_id=0, visitor_name=NAME)
    except IntegrityError:
        logging.getLogger("queues").exception("The press failed.\nDETAIL: %s", NAME)
    (line,) = log.lines
    assert NAME not in log.text
    assert (line["level"], line["message"]) == ("ERROR", "The press failed.")
    assert line["error"].startswith("django.db.utils.IntegrityError < psycopg.errors.")
    assert "test_logs.py" in line["where"][0]


def test_what_other_programs_quote_of_an_address_loses_its_keys() -> None:
    said = "<WebRequest at 0x7f method=GET uri=/t/f00-ba_r/frame/?language=fi clientproto=HTTP/1.1> took too long"
    assert without_keys(said) == "<WebRequest at 0x7f method=GET uri=/t/…/frame/?… clientproto=HTTP/1.1> took too long"
    assert without_keys("/kiosk/town/sv/0f8c-1/ticket/") == "/kiosk/town/sv/…/ticket/"


def test_a_line_from_outside_a_request_has_no_id(sample: SampleBranch, log: Log) -> None:
    actions.issue(sample.passports, language="en")
    assert "request_id" not in log.lines[0]
    token = current.set(Trace("0123456789abcdef"))
    actions.issue(sample.passports, language="en")
    current.reset(token)
    assert log.lines[1]["request_id"] == "0123456789abcdef"
