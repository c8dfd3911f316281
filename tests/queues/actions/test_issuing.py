"""Drawing a number."""

from datetime import timedelta
from uuid import uuid4

import pytest

from queues import actions, clock, queries
from queues.models import Branch, NumberSeries, Service, Ticket
from queues.refusals import BranchGone, NumbersUsedUp, ServiceClosed, ServiceGone
from queues.states import State
from tests.kit import factories
from tests.kit.factories import NOON
from tests.kit.invariants import assert_sound

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def test_a_ticket_waits_from_now_in_the_line_of_its_service() -> None:
    service = factories.service()
    by = factories.user()
    with clock.standing_at(NOON):
        ticket = actions.issue(service, language="sv", by=by)

    assert (ticket.shown, ticket.serial, ticket.state, ticket.language) == ("A1", 1, State.WAITING, "sv")
    assert ticket.waiting_since == ticket.state_since == ticket.due_at == NOON
    assert ticket.service == service
    assert ticket.desk is None
    event = ticket.events.get()
    assert (event.from_state, event.to_state, event.at, event.by) == ("", State.WAITING, NOON, by)


def test_every_link_is_a_secret_of_at_least_128_bits() -> None:
    tokens = {ticket.token for ticket in factories.waiting(20, factories.service())}
    assert len(tokens) == 20
    assert min(map(len, tokens)) >= 22  # base64 carries 6 bits a character


def test_numbers_follow_each_other_without_a_gap() -> None:
    tickets = factories.waiting(12, factories.service())
    assert [ticket.serial for ticket in tickets] == list(range(1, 13))
    assert [ticket.shown for ticket in tickets] == [f"A{number}" for number in range(1, 13)]


def test_a_new_day_begins_with_the_first_number() -> None:
    service = factories.service(number_first=100, number_last=199)
    desk = factories.desk(service)
    with clock.standing_at(NOON):
        factories.waiting(3, service)
        for _ in range(3):
            factories.served(desk)
    with clock.standing_at(NOON + timedelta(days=1)):
        ticket = factories.ticket(service)
    assert (ticket.shown, ticket.serial) == ("A100", 1)


# The same request, twice


def test_the_same_request_key_gives_the_same_ticket() -> None:
    """Case 28's retry: the kiosk got no answer and asks again."""
    service = factories.service()
    key = uuid4()
    first = actions.issue(service, language="fi", request_key=key)
    again = actions.issue(service, language="fi", request_key=key)
    assert again == first
    assert Ticket.objects.count() == 1
    assert NumberSeries.objects.get().last_serial == 1


def test_a_retried_request_is_answered_though_the_service_has_closed_meanwhile() -> None:
    service = factories.service()
    key = uuid4()
    first = actions.issue(service, language="fi", request_key=key)
    service.is_open = False
    service.save()
    assert actions.issue(service, language="fi", request_key=key) == first


def test_different_request_keys_are_different_visitors() -> None:
    service = factories.service()
    keys = [uuid4(), uuid4(), None, None]
    tickets = [actions.issue(service, language="fi", request_key=key) for key in keys]
    assert len({ticket.pk for ticket in tickets}) == 4


def test_two_branches_may_meet_the_same_request_key() -> None:
    key = uuid4()
    tickets = {actions.issue(factories.service(), language="fi", request_key=key) for _ in range(2)}
    assert len(tickets) == 2


# Refused before a number is drawn


def test_a_closed_service_is_refused_before_a_number_is_drawn() -> None:
    service = factories.service(is_open=False, closed_note="Opens at 9.")
    with pytest.raises(ServiceClosed, match=r"^Passports is closed now\. Opens at 9\.$"):
        factories.ticket(service)
    assert not NumberSeries.objects.exists()
    assert not Ticket.objects.exists()


def test_a_service_closed_after_the_page_was_shown_is_refused() -> None:
    seen = factories.service()
    type(seen).objects.filter(pk=seen.pk).update(is_open=False)
    with pytest.raises(ServiceClosed, match=r"^Passports is closed now\.$"):
        factories.ticket(seen)


def test_a_branch_that_is_gone_is_said_to_be_gone() -> None:
    service = factories.service()
    branch = service.branch_id
    service.delete()
    Branch.objects.get(pk=branch).delete()
    with pytest.raises(BranchGone):
        factories.ticket(service)


# Round the range


def test_numbers_wrap_and_serials_go_on() -> None:
    service = factories.service(number_first=8, number_last=10)
    desk = factories.desk(service)
    shown = []
    for _ in range(7):
        ticket = factories.ticket(service)
        shown.append((ticket.serial, ticket.shown))
        factories.served(desk)
    assert shown == [(1, "A8"), (2, "A9"), (3, "A10"), (4, "A8"), (5, "A9"), (6, "A10"), (7, "A8")]


def test_a_wrapping_number_passes_over_those_still_in_use() -> None:
    service = factories.service(number_last=4)
    first, second = factories.desk(service), factories.desk(service)
    factories.waiting(4, service)
    factories.serving(first)  # A1 stays
    factories.served(second)  # A2
    factories.called(second)  # A3 stays, and so does A4 in the line
    assert factories.ticket(service).shown == "A2"
    assert_sound(service.branch)


def test_a_number_still_waiting_from_yesterday_is_passed_over() -> None:
    service = factories.service(number_last=9)
    with clock.standing_at(NOON):
        factories.waiting(2, service)
    with clock.standing_at(NOON + timedelta(days=1)):
        today = factories.ticket(service)
    assert (today.shown, today.serial) == ("A3", 1)


def test_two_services_with_one_prefix_never_show_the_same_number() -> None:
    branch = factories.branch()
    passports, permits = factories.service(branch), factories.service(branch)
    shown = [factories.ticket(service).shown for service in (passports, permits, passports, permits)]
    assert shown == ["A1", "A2", "A3", "A4"]
    assert_sound(branch)


def test_two_branches_show_what_they_like() -> None:
    assert [factories.ticket(factories.service()).shown for _ in range(2)] == ["A1", "A1"]


def test_when_every_number_is_in_use_the_staff_is_asked() -> None:
    service = factories.service(number_first=5, number_last=7)
    factories.waiting(3, service)
    with pytest.raises(NumbersUsedUp, match="All numbers of Passports are in use"):
        factories.ticket(service)
    assert NumberSeries.objects.get().last_serial == 3


def test_a_refusal_leaves_no_gap() -> None:
    service = factories.service(number_last=1)
    desk = factories.desk(service)
    factories.ticket(service)
    with pytest.raises(NumbersUsedUp):
        factories.ticket(service)
    factories.served(desk)
    assert factories.ticket(service).serial == 2
    assert_sound(service.branch)


@pytest.mark.django_db(transaction=True)
def test_a_drawing_that_is_rolled_back_leaves_no_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    service = factories.service()
    factories.ticket(service)
    with monkeypatch.context() as broken:
        broken.setattr("queues.actions.issuing.log_drawing", lambda *_args, **_rest: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            factories.ticket(service)
    assert (factories.ticket(service).serial, Ticket.objects.count()) == (2, 2)
    assert_sound(service.branch)


def test_a_range_moved_during_the_day_is_followed_from_the_next_number_on() -> None:
    service = factories.service(number_last=50)
    factories.waiting(3, service)
    service.number_first, service.number_last = 500, 501
    service.save()
    tickets = factories.waiting(2, service)
    assert {ticket.shown for ticket in tickets} == {"A500", "A501"}
    assert [ticket.serial for ticket in tickets] == [4, 5]


# Priority


def test_a_head_start_overtakes_who_came_less_than_that_before() -> None:
    service = factories.service()
    elderly = factories.priority(service.branch, minutes=10)
    with clock.standing_at(NOON):
        long_ago = factories.ticket(service)
    with clock.standing_at(NOON + 5 * MINUTE):
        just_now = factories.ticket(service)
    with clock.standing_at(NOON + 12 * MINUTE):
        preferred = factories.ticket(service, priority=elderly)
        assert list(queries.line(service.branch)) == [long_ago, preferred, just_now]


def test_nobody_is_overtaken_by_more_than_the_head_start_however_many_come() -> None:
    """Nobody starves: who has waited longer than the head start is ahead of every newcomer."""
    service = factories.service()
    urgent = factories.priority(service.branch, minutes=10)
    with clock.standing_at(NOON):
        patient = factories.ticket(service)
    for minute in range(1, 31):
        with clock.standing_at(NOON + minute * MINUTE):
            factories.ticket(service, priority=urgent)
    with clock.standing_at(NOON + 30 * MINUTE):
        # Those of minutes 1 to 9 are due before; the one of minute 10 is due at the same instant and has the later id.
        assert queries.ahead_of(patient) == 9


def test_a_later_change_of_the_head_start_leaves_the_line_as_it_is() -> None:
    service = factories.service()
    elderly = factories.priority(service.branch, minutes=10)
    with clock.standing_at(NOON):
        ticket = factories.ticket(service, priority=elderly)
    elderly.head_start = 0
    elderly.save()
    ticket.refresh_from_db()
    assert ticket.due_at == NOON - 10 * MINUTE


def test_a_service_that_was_removed_gives_no_number() -> None:
    service = factories.service()
    Service.objects.filter(pk=service.pk).delete()
    with pytest.raises(ServiceGone):
        factories.ticket(service)


def test_a_clock_set_back_lets_nobody_pass_who_came_later() -> None:
    service = factories.service()
    other = factories.service(service.branch, number_prefix="B")
    desk = factories.desk(service, other)
    with clock.standing_at(NOON):
        first = factories.ticket(service)
    with clock.standing_at(NOON - 60 * MINUTE):
        late = [factories.ticket(one) for one in (other, service)]
        assert [ticket.due_at for ticket in late] == [NOON, NOON]
        assert [factories.served(desk) for _call in range(3)] == [first, *late]


def test_a_range_that_was_moved_in_the_day_begins_at_its_first_number() -> None:
    service = factories.service()
    factories.waiting(5, service)
    Service.objects.filter(pk=service.pk).update(number_first=100, number_last=199)
    assert factories.ticket(service).shown == "A100"
