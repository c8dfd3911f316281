"""What a visitor says: needs, a name, and "I'm here"."""

from datetime import timedelta

import pytest

from queues import actions, clock, queries
from queues.models import Branch, Desk, Need, Service, Ticket
from queues.refusals import AlreadyCalled, AlreadyOver, SecondNoShow, TargetGone
from queues.states import State
from tests.kit import factories
from tests.kit.factories import NOON

pytestmark = pytest.mark.django_db


def kept(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def missed(desk: Desk) -> Ticket:
    return actions.mark_absent(desk, factories.called(desk).pk, by=None)


# Needs and names


def test_needs_replace_what_was_said_before_and_keep_one_order(service: Service) -> None:
    ticket = factories.ticket(service)
    actions.tell_needs(ticket, [Need.MORE_TIME, Need.STEP_FREE, Need.MORE_TIME])
    assert kept(ticket).needs == ["step-free", "more-time"]
    actions.tell_needs(ticket, [])
    assert kept(ticket).needs == []


@pytest.mark.parametrize("nonsense", ["", "vip", "\x00", "step-free ", "<b>", "x" * 5000])
def test_what_is_no_need_is_passed_over(nonsense: str, service: Service) -> None:
    ticket = factories.ticket(service)
    actions.tell_needs(ticket, [nonsense, Need.CALM_PLACE])
    assert kept(ticket).needs == ["calm-place"]


def test_whoever_has_left_has_nothing_more_to_tell(service: Service, desk: Desk) -> None:
    factories.ticket(service)
    served = factories.served(desk)
    with pytest.raises(AlreadyOver, match="A1 has already been served"):
        actions.tell_needs(served, [Need.MORE_TIME])
    assert kept(served).needs == []


def test_yesterdays_visitor_has_nothing_more_to_tell(service: Service) -> None:
    with clock.standing_at(NOON):
        ticket = factories.ticket(service)
    with clock.standing_at(NOON + timedelta(days=1)), pytest.raises(AlreadyOver, match="The day of A1 is over"):
        actions.tell_needs(ticket, [Need.MORE_TIME])


def test_a_name_is_kept_only_where_the_branch_asks_for_it(service: Service) -> None:
    ticket = factories.ticket(service)
    actions.tell_name(ticket, "Aino")
    assert kept(ticket).visitor_name == ""
    Branch.objects.update(asks_name=True)
    actions.tell_name(ticket, "  Aino \x00\n Virtanen" + " x" * 80)
    assert kept(ticket).visitor_name.startswith("Aino Virtanen x")
    assert len(kept(ticket).visitor_name) == 80


def test_what_was_told_is_forgotten_when_the_day_closes(service: Service) -> None:
    Branch.objects.update(asks_name=True)
    with clock.standing_at(NOON):
        ticket = factories.ticket(service)
        actions.tell_needs(ticket, [Need.SIGN_LANGUAGE])
        actions.tell_name(ticket, "Aino")
    with clock.standing_at(NOON + timedelta(days=1)):
        actions.close_day(Branch.objects.get(pk=service.branch_id))
    assert (kept(ticket).needs, kept(ticket).visitor_name) == ([], "")


# "I'm here"


def test_who_missed_the_call_is_back_some_places_on(service: Service, desk: Desk) -> None:
    Branch.objects.update(back_places=1)
    first, *_others = factories.waiting(3, service)
    actions.come_back(missed(desk))
    assert [ticket.shown for ticket in queries.due_at(desk)] == ["A2", "A1", "A3"]
    assert queries.have_come_back([first.pk]) == {first.pk}


def test_the_second_absence_is_for_the_staff(service: Service, desk: Desk) -> None:
    factories.ticket(service)
    actions.come_back(missed(desk))
    again = missed(desk)
    with pytest.raises(SecondNoShow, match="Please turn to the staff"):
        actions.come_back(again)
    assert kept(again).state == State.NO_SHOW


def test_a_clerks_hand_does_not_use_up_the_visitors_word(service: Service, desk: Desk) -> None:
    factories.ticket(service)
    factories.brought_back(missed(desk), by=factories.clerk(service.branch))
    assert actions.come_back(missed(desk)).state == State.WAITING


def test_saying_it_twice_is_saying_it_once(service: Service, desk: Desk) -> None:
    factories.ticket(service)
    ticket = missed(desk)
    for _press in range(2):
        assert actions.come_back(ticket).state == State.WAITING
    assert ticket.events.filter(from_state=State.NO_SHOW).count() == 1


def test_who_waits_out_a_cool_down_is_due_at_once(service: Service, desk: Desk) -> None:
    Branch.objects.update(calls_limit=1)
    factories.ticket(service)
    ticket = missed(desk)
    assert not queries.due_at(desk).exists()
    actions.come_back(ticket)
    assert queries.due_at(desk).get() == ticket


def test_a_family_in_a_cool_down_comes_back_as_one(service: Service, desk: Desk) -> None:
    Branch.objects.update(calls_limit=1)
    leader, follower = factories.waiting(2, service)
    actions.link(desk, leader.shown, follower.shown, by=None)
    missed(desk)
    actions.come_back(kept(follower))
    assert queries.due_at(desk).get() == leader


def test_who_is_being_called_need_not_say_so(service: Service, desk: Desk) -> None:
    factories.ticket(service)
    with pytest.raises(AlreadyCalled):
        actions.come_back(factories.called(desk))


# What else the visit is for


def test_a_plan_replaces_the_one_before_and_has_each_other_service_once(service: Service) -> None:
    ticket = factories.ticket(service)
    first, second = (factories.service(service.branch) for _service in range(2))
    actions.plan(ticket, [first])
    actions.plan(ticket, [second, service, first, second])
    assert kept(ticket).plan == [second.pk, first.pk]
    actions.plan(ticket, [])
    assert kept(ticket).plan == []


def test_a_desk_plans_for_the_visitor_that_it_has(service: Service, desk: Desk, next_door: Desk) -> None:
    other = factories.service(service.branch)
    factories.ticket(service)
    ticket = factories.serving(desk)
    assert actions.plan_here(desk, ticket.pk, [other], by=None).plan == [other.pk]
    with pytest.raises(AlreadyCalled, match="A1: already called by desk 3"):
        actions.plan_here(next_door, ticket.pk, [], by=None)
    assert kept(ticket).plan == [other.pk]


def test_nothing_is_planned_at_another_branch_or_after_the_visit(service: Service, desk: Desk) -> None:
    factories.ticket(service)
    ticket = factories.serving(desk)
    with pytest.raises(TargetGone):
        actions.plan(ticket, [factories.service()])
    with pytest.raises(TargetGone):
        actions.plan_here(desk, ticket.pk, [factories.service()], by=None)
    actions.finish(desk, ticket.pk, by=None)
    with pytest.raises(AlreadyOver):
        actions.plan(ticket, [service])
