"""The invariant of the snapshot: whatever happened, each audience was last sent what a fresh reading would show."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.db import transaction
from django.test import Client

from display.board import BoardAudience
from kiosk.choice import KioskAudience, StartAudience
from live.source import INDENTATION, Audience, Member, source
from queues import actions, clock
from queues.changes.transaction import changing
from queues.models import Service, Ticket
from queues.refusals import NobodyWaiting
from staffdesk.desk.panel import DeskAudience
from tests.kit import factories
from tests.kit.listening import Listening, listening, on_a_loop
from tests.kit.sample_branch import SampleBranch, html, text
from visitor.following import VisitorAudience

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True, slots=True)
class Watcher:
    """One connected socket and who it stands for."""

    name: str
    audience: Audience
    member: Member
    socket: Listening

    def fresh(self) -> dict[str, Any]:
        """What this socket should show now."""
        snapshot = source().read(self.audience.topic, {self.audience: frozenset([self.member])})
        body: dict[str, Any] = json.loads(self.audience.render(snapshot, [self.member])[self.member])
        return body


@asynccontextmanager
async def everybody_watching(sample: SampleBranch, *phones: Ticket) -> AsyncIterator[list[Watcher]]:
    """A display, a kiosk at its start and in each language, two desks, and these visitors."""
    branch, slug = sample.branch.pk, sample.branch.slug
    seats: list[tuple[str, Audience, Member]] = [
        (f"/ws/display/{slug}/", BoardAudience(branch), None),
        (f"/ws/kiosk/{slug}/?page=start", StartAudience(branch), None),
    ]
    seats += [
        (f"/ws/kiosk/{slug}/?language={language}", KioskAudience(branch, language), None)
        for language in sample.branch.languages
    ]
    seats += [
        (f"/ws/desk/{desk.pk}/?language=fi", DeskAudience(branch, desk.pk, "fi"), None)
        for desk in (sample.desk, sample.other_desk)
    ]
    seats += [(f"/ws/t/{phone.token}/", VisitorAudience(branch, phone.language), phone.pk) for phone in phones]
    async with AsyncExitStack() as open_sockets:
        watchers = []
        for path, audience, member in seats:
            socket = await open_sockets.enter_async_context(listening(path, sample.clerk))
            watchers.append(Watcher(path, audience, member, socket))
        yield watchers


async def in_a_thread(work: Callable[[], Any]) -> Any:
    return await database_sync_to_async(work)()


async def assert_everybody_shows_the_truth(watchers: list[Watcher], after: str) -> None:
    """Everybody shows the truth, and who had to be told was told once."""
    for watcher in watchers:
        fresh = await in_a_thread(watcher.fresh)
        await watcher.socket.until(
            lambda socket, fresh=fresh: bool(socket.shown == fresh),  # type: ignore[misc]
            what=f"{watcher.name} shows the truth after {after}",
        )
    for watcher in watchers:
        bodies = [{**frame, "rev": 0, "at": 0, "key": ""} for frame in watcher.socket.frames]
        assert all(one != other for one, other in pairwise(bodies)), f"{watcher.name} was sent the same twice"


def rename_in_the_admin(service: Service, name: str) -> None:
    """Save the service's form with another Finnish name."""
    client = Client()
    client.force_login(factories.user(is_staff=True, is_superuser=True))
    page = f"/admin/queues/service/{service.pk}/change/"
    given = client.get(page).context["adminform"].form.initial
    fields = {
        field: "on" if value is True else value
        for field, value in given.items()
        if value is not None and value is not False
    }
    no_outcomes = {"outcomes-TOTAL_FORMS": "0", "outcomes-INITIAL_FORMS": "0"}
    answer = client.post(page, {**fields, **no_outcomes, "name_fi": name})
    assert answer.status_code == 302, text(html(answer))


Step = Callable[[SampleBranch, list[Ticket]], object]

A_DAY: Mapping[str, Step] = {
    "a visitor came": lambda sample, _came: factories.ticket(sample.payments),
    "a call": lambda sample, _came: factories.called(sample.desk),
    "a recall": lambda sample, came: actions.recall(sample.desk, came[0].pk, by=sample.clerk),
    "a start": lambda sample, came: actions.start_serving(sample.desk, came[0].pk, by=sample.clerk),
    "a finish": lambda sample, came: actions.finish(sample.desk, came[0].pk, by=sample.clerk),
    "the next call": lambda sample, _came: factories.called(sample.other_desk),
    "an absent mark": lambda sample, came: actions.mark_absent(sample.other_desk, came[1].pk, by=sample.clerk),
    "a leave": lambda _town, came: actions.leave(came[2]),
    "a mistaken call": lambda sample, _came: factories.called(sample.other_desk),
    "its undo": lambda sample, _came: actions.undo(sample.other_desk, by=None),
    "a hold": lambda sample, _came: actions.hold(
        sample.other_desk, factories.called(sample.other_desk).pk, minutes=5, by=None
    ),
    "what a visitor needs": lambda _town, came: actions.tell_needs(came[3], ["more-time"]),
    "another service planned": lambda sample, came: actions.plan(came[3], [sample.payments]),
    "a notice": lambda sample, _came: actions.show_notice(sample.branch, {"fi": "Hissi on rikki"}, by=None),
    "a pause of everything": lambda sample, _came: actions.pause_all(sample.branch, by=None),
    "its end": lambda sample, _came: actions.resume_all(sample.branch, by=None),
    "an early end": lambda sample, _came: actions.stop_numbers(sample.branch, by=None),
    "a save in the admin": lambda sample, _came: rename_in_the_admin(sample.passports, "Henkilökortit"),
}


def test_after_each_action_everybody_was_last_sent_the_truth(sample: SampleBranch) -> None:
    came = [factories.ticket(sample.passports, language=language) for language in ("fi", "sv", "en", "fi")]

    @on_a_loop
    async def story() -> None:
        async with everybody_watching(sample, came[0], came[2], came[3]) as watchers:
            for name, step in A_DAY.items():
                await in_a_thread(lambda step=step: step(sample, came))  # type: ignore[misc]
                await assert_everybody_shows_the_truth(watchers, name)
            with clock.standing_at(now + timedelta(days=1)):
                assert await in_a_thread(lambda: actions.close_day(sample.branch)) == 2
                await assert_everybody_shows_the_truth(watchers, "the day's close")
            # Each of them has been told something; none of these tests is one of a socket that never changes.
            assert all(len(watcher.socket.frames) > 1 for watcher in watchers)

    now = clock.now()
    with clock.standing_at(now):  # minutes gone by are no action
        story()


SILENT_FOR: Mapping[str, tuple[Step, set[str]]] = {
    "a start is nothing to a kiosk": (A_DAY["a start"], {"kiosk"}),
    "a recall is nothing to a kiosk": (A_DAY["a recall"], {"kiosk"}),
    "a visitor behind is nothing to those before": (A_DAY["a visitor came"], {"/t/"}),
    "a change that nobody sees is nothing to anybody": (lambda sample, _came: unseen_change(sample), {"/ws/"}),
}


def unseen_change(sample: SampleBranch) -> None:
    with changing(sample.branch.pk):
        pass


@pytest.mark.parametrize("what", SILENT_FOR)
def test_whose_view_has_not_changed_is_sent_nothing_but_beats(what: str, sample: SampleBranch) -> None:
    came = factories.waiting(2, sample.passports)
    if "visitor" not in what:
        factories.called(sample.desk)
    step, silent = SILENT_FOR[what]

    @on_a_loop
    async def story() -> None:
        async with everybody_watching(sample, *came) as watchers:
            heard = {watcher.name: len(watcher.socket.frames) for watcher in watchers}
            await in_a_thread(lambda: step(sample, came))
            await in_a_thread(sample.branch.refresh_from_db)
            untouched = [one for one in watchers if any(part in one.name for part in silent)]
            assert untouched
            for watcher in untouched:
                await watcher.socket.until(
                    lambda socket: any(heartbeat["rev"] == sample.branch.revision for heartbeat in socket.heartbeats),
                    what=f"{watcher.name} hears of the newest revision",
                )
                assert len(watcher.socket.frames) == heard[watcher.name]

    with clock.standing_at(clock.now()):
        story()


@transaction.atomic
def call_and_fail(sample: SampleBranch) -> None:
    factories.called(sample.desk)
    raise ZeroDivisionError


@pytest.mark.parametrize("failing", ["a refusal", "a rollback around it"])
def test_nothing_is_sent_of_what_was_taken_back(
    failing: str, sample: SampleBranch, monkeypatch: pytest.MonkeyPatch
) -> None:
    announced: list[str] = []

    def send(topic: str) -> None:
        announced.append(topic)

    monkeypatch.setattr("live.announce.send_change_notice", send)
    ticket = factories.ticket(sample.payments)
    assert len(announced) == 1
    announced.clear()

    def refused() -> None:
        with pytest.raises(NobodyWaiting):
            actions.call_next(sample.other_desk, by=None)

    def rolled_back() -> None:
        with pytest.raises(ZeroDivisionError):
            call_and_fail(sample)

    @on_a_loop
    async def story() -> None:
        async with everybody_watching(sample, ticket) as watchers:
            await in_a_thread(refused if failing == "a refusal" else rolled_back)
            heartbeats = {watcher.name: len(watcher.socket.heartbeats) for watcher in watchers}
            for watcher in watchers:
                await watcher.socket.until(
                    lambda socket, heard=heartbeats[watcher.name]: len(socket.heartbeats) > heard,  # type: ignore[misc]
                    what=f"{watcher.name} hears a heartbeat",
                )
                assert len(watcher.socket.frames) == 1

    with clock.standing_at(clock.now()):
        story()
    assert announced == []


def test_a_save_in_the_admin_reaches_a_connected_kiosk(sample: SampleBranch) -> None:
    @on_a_loop
    async def story() -> None:
        async with listening(f"/ws/kiosk/{sample.branch.slug}/?language=fi") as kiosk:
            await in_a_thread(lambda: rename_in_the_admin(sample.passports, "Henkilökortit"))
            await kiosk.until(lambda one: "Henkilökortit" in one.last["html"], what="the new name is on the kiosk")

    story()


def test_a_newcomer_is_sent_the_full_state_and_the_others_nothing(sample: SampleBranch) -> None:
    factories.ticket(sample.passports)
    factories.called(sample.desk)

    @on_a_loop
    async def story() -> None:
        path = f"/ws/display/{sample.branch.slug}/"
        async with listening(path) as first, listening(path) as second:
            assert first.shown == second.shown
            assert [call["number"] for call in second.last["calls"]] == ["A1"]
            assert len(first.frames) == 1

    with clock.standing_at(clock.now()):
        story()


def test_the_socket_and_the_plain_page_and_the_frame_show_the_same(sample: SampleBranch) -> None:
    factories.ticket(sample.passports)
    factories.called(sample.desk)
    path = f"/display/{sample.branch.slug}/"

    @on_a_loop
    async def story() -> None:
        fetched = await in_a_thread(lambda: Client().get(f"{path}frame/").json())
        page = await in_a_thread(lambda: html(Client().get(path)))
        async with listening(f"/ws{path}") as display:
            assert display.last["html"] == fetched["html"]
            assert display.last["html"].strip() in INDENTATION.sub("\n", page)

    story()
