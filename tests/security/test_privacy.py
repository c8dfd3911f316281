"""What a page must not contain: anybody's secrets on a board, anything inline, anything from elsewhere."""

import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.test import Client

from queues import actions, clock
from queues.changes.transaction import changing
from queues.models import Branch, Ticket
from tests.kit import factories
from tests.kit.sample_branch import SampleBranch, drew, html

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 6, 10, 9, tzinfo=UTC)


def board(sample: SampleBranch) -> str:
    return html(Client().get(f"/display/{sample.branch.slug}/frame/"))


def test_a_board_frame_holds_nothing_about_anybody(sample: SampleBranch) -> None:
    tickets = [factories.ticket(sample.passports, request_key=uuid4()) for _ in range(3)]
    factories.called(sample.desk)
    frame = board(sample)
    secrets = [secret for ticket in tickets for secret in (ticket.token, str(ticket.request_key))]
    people = [sample.clerk.username, "Passports", "Passit", "/t/"]
    assert "A1" in frame
    assert [word for word in (*secrets, *people) if word in frame] == []


def test_the_number_of_somebody_who_waits_is_on_no_board(sample: SampleBranch) -> None:
    factories.waiting(2, sample.passports)
    assert '"A' not in board(sample)
    factories.called(sample.desk)
    assert "A1" in board(sample)
    assert "A2" not in board(sample)


def test_a_board_does_not_tell_what_language_anybody_speaks() -> None:
    frames = set()
    for language in ("fi", "sv", "en"):
        twin = factories.branch(name="Twin")
        service = factories.service(twin, slug="passports")
        with clock.standing_at(NOON):
            factories.ticket(service, language=language)
            factories.called(factories.desk(service, name="1"))
            frame = Client().get(f"/display/{twin.slug}/frame/").json()
        frames.add(re.sub(r'data-call="\d+"', "", frame["html"]))
    assert len(frames) == 1


def test_a_phone_is_not_shown_the_numbers_of_others(sample: SampleBranch) -> None:
    factories.waiting(3, sample.passports)
    ticket = factories.ticket(sample.passports)
    found = html(Client().get(f"/t/{ticket.token}/"))
    assert re.findall(r"A[123]\b", found) == []


SAID = ("calm", "Calm", "Aino", "papers", "quarrel", "shouts", "noisy")
"""What the visitor and the clerks have said in `a_visitor_well_known`."""


def a_visitor_well_known(sample: SampleBranch) -> Ticket:
    """Whose needs, name, hold, transfer and visit have left words in every place that there is for words."""
    with changing(sample.branch.pk):
        Branch.objects.update(asks_name=True)
    ticket = factories.ticket(sample.passports)
    actions.tell_needs(ticket, ["calm-place"])
    actions.tell_name(ticket, "Aino")
    by = sample.clerk
    actions.call_next(sample.desk, by=by)
    actions.hold(sample.desk, ticket.pk, reason="papers missing", by=by)
    actions.call_held(sample.desk, ticket.pk, by=by)
    actions.start_serving(sample.desk, ticket.pk, by=by)
    actions.transfer(sample.desk, ticket.pk, service=sample.payments, reason="a quarrel", by=by)
    said = actions.VisitRecord(note="shouts", helped="noisy", hard=True)
    sample.desk.refresh_from_db()
    if sample.desk.unrecorded_id:
        actions.record(sample.desk, ticket.pk, said, by=by)
    return ticket


def test_what_is_known_of_a_visitor_is_on_no_public_screen_and_on_nobody_elses_phone(sample: SampleBranch) -> None:
    known, other = a_visitor_well_known(sample), factories.ticket(sample.payments)
    kiosk = f"/kiosk/{sample.branch.slug}/"
    public = [f"/display/{sample.branch.slug}/", f"/display/{sample.branch.slug}/frame/", f"{kiosk}frame/", kiosk]
    public += [f"{kiosk}{language}/frame/" for language in ("fi", "sv", "en")]
    public += [f"/t/{other.token}/frame/", f"/t/{known.token}/frame/"]
    assert Ticket.objects.filter(pk=known.pk, needs=["calm-place"], visitor_name="Aino").exists()
    for called in (False, True):
        for page in public:
            found = html(Client().get(page))
            assert [word for word in SAID if word in found] == [], f"{page}, called: {called}"
        if not called:
            actions.call_next(sample.desk, by=sample.clerk)


def test_only_what_the_visitor_said_is_on_their_own_page(sample: SampleBranch) -> None:
    known = a_visitor_well_known(sample)
    found = html(Client().get(f"/t/{known.token}/"))
    assert [word for word in SAID if word in found] == ["calm", "Calm", "Aino"]


def test_somebody_who_was_not_linked_is_never_named(sample: SampleBranch) -> None:
    leader, follower, other = factories.waiting(3, sample.passports)
    actions.link(sample.desk, leader.shown, follower.shown, by=None)
    for ticket, sees in ((leader, ["A2"]), (follower, ["A1"]), (other, [])):
        frame = html(Client().get(f"/t/{ticket.token}/frame/"))
        assert re.findall(r"A\d", frame) == sees


def every_page(sample: SampleBranch) -> dict[str, str]:
    """The address of every kind of page, each in a state with something in it."""
    waiting, called = factories.ticket(sample.passports), factories.ticket(sample.payments)
    factories.called(sample.other_desk)
    kiosk = f"/kiosk/{sample.branch.slug}/"
    return {
        "landing": "/",
        "kiosk start": kiosk,
        "kiosk services": sample.services_page("sv"),
        "kiosk ticket": f"{kiosk}en/ticket/{waiting.token}/",
        "kiosk more": f"{kiosk}en/ticket/{waiting.token}/more/",
        "display": f"/display/{sample.branch.slug}/",
        "sign in": "/desk/sign-in/",
        "desks": "/desk/",
        "free desk": f"/desk/{sample.desk.pk}/",
        "busy desk": f"/desk/{sample.other_desk.pk}/",
        "phone waiting": f"/t/{called.token}/",
        "phone called": f"/t/{waiting.token}/",
        "nothing here": "/t/nobody/",
        "health": "/healthz",
    }


PAGES = [
    "landing", "kiosk start", "kiosk services", "kiosk ticket", "kiosk more", "display", "sign in", "desks",
    "free desk", "busy desk", "phone waiting", "phone called", "nothing here", "health",
]  # fmt: skip


@pytest.fixture(params=PAGES)
def answer(request: pytest.FixtureRequest, sample: SampleBranch, clerk_client: Client) -> object:
    client = Client() if request.param == "sign in" else clerk_client
    address = every_page(sample)[request.param]
    answered = drew(Ticket.objects.get(service=sample.passports), client).get(address)
    assert answered.status_code == (404 if request.param == "nothing here" else 200)
    return answered


def test_every_page_forbids_what_is_not_its_own(answer: object) -> None:
    policy = answer.headers["Content-Security-Policy"]  # type: ignore[attr-defined]
    assert "default-src 'self'" in policy
    assert not re.search(r"unsafe|\*|https?:|nonce", policy)
    for guard in ("frame-ancestors 'none'", "object-src 'none'", "base-uri 'self'", "form-action 'self'"):
        assert guard in policy


def test_no_page_has_anything_inline(answer: object) -> None:
    found = html(answer)
    assert re.findall(r"\sstyle\s*=|<style|\son[a-z]+\s*=|javascript:", found) == []
    assert [script for script in re.findall(r"<script([^>]*)>", found) if "src=" not in script] == []


def test_no_page_asks_another_host_for_anything(answer: object) -> None:
    fetched = re.findall(r"""<(?:script|img|link|iframe|source|audio|video)[^>]*?(?:src|href)="([^"]+)""", html(answer))
    assert [address for address in fetched if not address.startswith(("/static/", "data:image/svg+xml"))] == []


def test_no_page_may_be_framed_or_tell_where_it_was(answer: object) -> None:
    headers = answer.headers  # type: ignore[attr-defined]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "strict-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert {"camera=()", "microphone=()", "geolocation=()"} <= set(headers["Permissions-Policy"].split(", "))
    assert "no-store" in headers["Cache-Control"]
