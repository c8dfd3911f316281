"""What a supervisor does to a branch: every move, its log, and what it must never do."""

from datetime import timedelta

import pytest
from django.utils import translation

from accounts.models import User
from queues import actions, clock, queries
from queues.actions import branch_control
from queues.models import Branch, BranchEvent, Desk, Service, Ticket, What
from queues.refusals import (
    BranchPaused,
    DayClosed,
    PartlyDone,
    ServiceClosed,
    ServiceInUse,
    TargetGone,
    WordsMissing,
)
from queues.states import State
from tests.kit import factories
from tests.kit.crowds import busy_after
from tests.kit.factories import NOON
from tests.kit.invariants import assert_sound

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

MINUTE = timedelta(minutes=1)


def logged(branch: Branch) -> list[tuple[str, int | None, str]]:
    """What the log of the branch says: what, by whom, in which words."""
    return list(BranchEvent.objects.filter(branch=branch).values_list("what", "by", "words"))


def state_of(ticket: Ticket) -> str:
    return str(Ticket.objects.get(pk=ticket.pk).state)


def revision(branch: Branch) -> int:
    return Branch.objects.get(pk=branch.pk).revision


# Services


def test_a_service_closes_with_words_in_each_language_and_opens_again(service: Service, supervisor: User) -> None:
    actions.close_service(service, words={"fi": "Avataan kello 13.", "en": "Opens at 13:00."}, by=supervisor)
    service.refresh_from_db()
    assert not service.is_open
    assert (service.closed_note_fi, service.closed_note_en) == ("Avataan kello 13.", "Opens at 13:00.")  # type: ignore[attr-defined]
    with pytest.raises(ServiceClosed, match=r"Opens at 13:00\."):
        factories.ticket(service)
    actions.open_service(service, by=supervisor)
    assert factories.ticket(service).state == State.WAITING
    assert logged(service.branch) == [
        (What.SERVICE_CLOSED, supervisor.pk, "Avataan kello 13."),
        (What.SERVICE_OPENED, supervisor.pk, ""),
    ]


def test_a_service_closed_without_words_keeps_those_it_had(service: Service, supervisor: User) -> None:
    actions.close_service(service, words={"en": "Opens on Tuesday."}, by=supervisor)
    actions.open_service(service, by=supervisor)
    actions.close_service(service, words={"en": "  ", "fi": ""}, by=supervisor)
    service.refresh_from_db()
    assert service.closed_note_en == "Opens on Tuesday."  # type: ignore[attr-defined]


def test_who_waits_for_a_closed_service_is_served(service: Service, desk: Desk, supervisor: User) -> None:
    ticket = factories.ticket(service)
    actions.close_service(service, by=supervisor)
    assert factories.called(desk) == ticket


def test_closing_what_is_closed_says_nothing_twice(service: Service, supervisor: User) -> None:
    for _press in range(2):
        actions.close_service(service, by=supervisor)
        actions.pause_all(service.branch, by=supervisor)
        actions.stop_numbers(service.branch, by=supervisor)
    assert [what for what, _by, _words in logged(service.branch)] == [
        What.SERVICE_CLOSED,
        What.ALL_PAUSED,
        What.DAY_CLOSED,
    ]


def test_words_are_cut_to_what_their_columns_hold_and_to_one_line(service: Service, supervisor: User) -> None:
    assert Service._meta.get_field("closed_note").max_length == branch_control.LONGEST_CLOSED_NOTE
    assert Branch._meta.get_field("notice").max_length == branch_control.LONGEST_NOTICE
    actions.close_service(service, words={"en": "x" * 300}, by=supervisor)
    actions.show_notice(service.branch, {"fi": "a\x00b\nc " + "y" * 300}, by=supervisor)
    branch = Branch.objects.get()
    assert branch.notice_fi == ("ab c " + "y" * 300)[:200]  # type: ignore[attr-defined]


# Case 16


def test_a_service_that_somebody_waits_for_is_not_deleted(service: Service, desk: Desk) -> None:
    factories.waiting(3, service)
    factories.called(desk)
    with pytest.raises(ServiceInUse, match=r"3 visitors are here for Passports.*take it off the kiosk") as refused:
        actions.delete_service(service)
    assert refused.value.waiting == 3
    assert Service.objects.filter(pk=service.pk).exists()


def test_a_service_with_a_past_is_not_deleted_either(service: Service, desk: Desk) -> None:
    factories.ticket(service)
    factories.served(desk)
    with pytest.raises(ServiceInUse, match="its days are kept"):
        actions.delete_service(service)


def test_a_service_that_never_gave_a_number_goes(service: Service) -> None:
    before = revision(service.branch)
    actions.delete_service(service)
    assert not Service.objects.exists()
    assert revision(service.branch) == before + 1


# Desks


def test_a_desk_moves_to_other_services_and_each_change_is_logged(
    service: Service, desk: Desk, supervisor: User
) -> None:
    permits = factories.service(service.branch, number_prefix="B")
    actions.set_desk_services(desk, [permits], by=supervisor)
    assert list(desk.services.all()) == [permits]
    events = BranchEvent.objects.values_list("what", "desk", "service", "by", "rule")
    assert set(events) == {
        (What.SERVES, desk.pk, permits.pk, supervisor.pk, ""),
        (What.SERVES_NO_MORE, desk.pk, service.pk, supervisor.pk, ""),
    }


def test_a_desk_does_not_serve_another_branchs_service(desk: Desk, supervisor: User) -> None:
    with pytest.raises(TargetGone):
        actions.set_desk_services(desk, [factories.service()], by=supervisor)
    assert desk.services.count() == 1


# A notice


def test_a_notice_is_shown_in_every_language_and_removed(service: Service, supervisor: User) -> None:
    actions.show_notice(service.branch, {"fi": "Hissi ei toimi.", "en": "No lift."}, by=supervisor)
    branch = Branch.objects.get()
    assert (branch.notice_fi, branch.notice_en, branch.notice_since) == ("Hissi ei toimi.", "No lift.", NOON)  # type: ignore[attr-defined]
    actions.show_notice(branch, {"fi": "Hissi toimii."}, by=supervisor)
    assert Branch.objects.get().notice_en == ""  # type: ignore[attr-defined]
    actions.remove_notice(branch, by=supervisor)
    branch = Branch.objects.get()
    assert (branch.notice_fi, branch.notice_since) == ("", None)  # type: ignore[attr-defined]
    assert [what for what, _by, _words in logged(branch)] == [What.NOTICE, What.NOTICE, What.NOTICE_REMOVED]


def test_a_notice_is_said_in_the_branchs_first_language_at_least(service: Service, supervisor: User) -> None:
    with pytest.raises(WordsMissing, match="Suomi"):
        actions.show_notice(service.branch, {"en": "No lift.", "fi": " "}, by=supervisor)
    assert Branch.objects.get().notice_since is None


# The pause of everything


def test_while_everything_is_paused_nobody_is_called_and_the_order_is_kept(
    service: Service, desk: Desk, supervisor: User
) -> None:
    tickets = factories.waiting(3, service)
    actions.pause_all(service.branch, by=supervisor)
    with pytest.raises(BranchPaused):
        factories.called(desk)
    with pytest.raises(BranchPaused):
        factories.ticket(service)
    with clock.standing_at(NOON + 30 * MINUTE):
        actions.resume_all(service.branch, by=supervisor)
        assert [factories.served(desk) for _call in range(3)] == tickets
    assert [what for what, _by, _words in logged(service.branch)] == [What.ALL_PAUSED, What.ALL_RESUMED]


def test_who_is_at_a_desk_when_everything_is_paused_may_be_finished(
    service: Service, desk: Desk, supervisor: User
) -> None:
    factories.ticket(service)
    ticket = factories.serving(desk)
    actions.pause_all(service.branch, by=supervisor)
    assert actions.finish(desk, ticket.pk, by=None).state == State.DONE


def test_after_a_pause_a_desk_that_calls_by_itself_waits_a_breath_first(
    service: Service, desk: Desk, supervisor: User
) -> None:
    clerk = factories.clerk(service.branch)
    actions.set_auto_call(desk, on=True, by=clerk)
    actions.pause_all(service.branch, by=supervisor)
    factories.branch()
    with clock.standing_at(NOON + 30 * MINUTE):
        actions.attend(desk, by=clerk, is_open=True, is_writing=False)
        assert actions.auto_call_idle_desks() == 0
        actions.resume_all(service.branch, by=supervisor)
        factories.ticket(service)
        assert actions.auto_call_idle_desks() == 0
    with clock.standing_at(NOON + 31 * MINUTE):
        assert actions.auto_call_idle_desks() == 1


# The end of the day


def test_the_day_closes_and_who_waits_is_served(service: Service, desk: Desk, supervisor: User) -> None:
    ticket = factories.ticket(service)
    actions.stop_numbers(service.branch, by=supervisor)
    with pytest.raises(DayClosed):
        factories.ticket(service)
    assert factories.called(desk) == ticket
    actions.reopen(service.branch, by=supervisor)
    assert factories.ticket(service).state == State.WAITING


def test_the_day_closes_at_once_and_everybody_who_waits_is_told(service: Service, desk: Desk, supervisor: User) -> None:
    tickets = factories.waiting(4, service)
    held = factories.serving(desk)
    actions.hold(desk, held.pk, by=None)
    at_the_desk = factories.serving(desk)
    assert actions.close_now(service.branch, {"fi": "Suljemme nyt."}, by=supervisor) == 3
    assert [state_of(ticket) for ticket in tickets].count(State.EXPIRED) == 3
    assert state_of(at_the_desk) == State.SERVING
    branch = Branch.objects.get()
    assert (branch.notice_fi, branch.closed_day) == ("Suljemme nyt.", queries.today(branch))  # type: ignore[attr-defined]
    assert logged(branch) == [(What.DAY_CLOSED, supervisor.pk, "Suljemme nyt.")]
    assert_sound(branch)


def test_who_closes_at_once_is_told_when_not_all_is_done_and_goes_on_by_pressing_again(
    service: Service, supervisor: User
) -> None:
    tickets, branch, words = factories.waiting(5, service), service.branch, {"fi": "Suljemme nyt."}
    with busy_after(2), pytest.raises(PartlyDone):
        actions.close_now(branch, words, by=supervisor)
    assert [state_of(ticket) for ticket in tickets].count(State.EXPIRED) == 4
    assert logged(branch) == [(What.DAY_CLOSED, supervisor.pk, "Suljemme nyt.")]
    assert actions.close_now(branch, words, by=supervisor) == 1
    assert {state_of(ticket) for ticket in tickets} == {State.EXPIRED}
    assert logged(branch) == [(What.DAY_CLOSED, supervisor.pk, "Suljemme nyt.")], "it was closed once"
    actions.close_now(branch, {"fi": "Sähkökatko."}, by=supervisor)
    assert [words for _what, _by, words in logged(branch)] == ["Suljemme nyt.", "Sähkökatko."]


def test_the_day_never_closes_in_silence(service: Service, supervisor: User) -> None:
    ticket = factories.ticket(service)
    with pytest.raises(WordsMissing):
        actions.close_now(service.branch, {"sv": "Vi stänger nu."}, by=supervisor)
    assert state_of(ticket) == State.WAITING
    assert Branch.objects.get().closed_day is None


def test_opening_again_takes_the_closing_words_away_and_leaves_others(service: Service, supervisor: User) -> None:
    branch = service.branch
    actions.close_now(branch, {"fi": "Suljemme nyt."}, by=supervisor)
    actions.reopen(branch, by=supervisor)
    assert Branch.objects.get().notice_since is None
    actions.close_now(branch, {"fi": "Suljemme nyt."}, by=supervisor)
    actions.show_notice(branch, {"fi": "Hissi ei toimi."}, by=supervisor)
    actions.reopen(branch, by=supervisor)
    assert Branch.objects.get().notice_fi == "Hissi ei toimi."  # type: ignore[attr-defined]


def test_a_refusal_names_the_language_in_the_readers_own_words() -> None:
    with translation.override("en"):
        assert str(WordsMissing("sv")) == "Say it at least in this language: Svenska."
