"""A press made twice, late, or by two people at once: done once, or refused in words."""

from datetime import timedelta

import pytest

from accounts.models import User
from queues import actions, clock, queries
from queues.actions import VisitRecord
from queues.models import AfterVisit, Branch, Desk, Outcome, Rule, Service, Thanks, Ticket, Visit
from queues.refusals import AlreadyOver, DeskPaused, ServiceGone, TargetGone
from queues.states import State
from tests.kit import factories
from tests.kit.invariants import assert_sound

pytestmark = pytest.mark.django_db


def served_by(clerk: User, desk: Desk) -> Ticket:
    called = actions.call_next(desk, by=clerk)
    actions.start_serving(desk, called.pk, by=clerk)
    return actions.finish(desk, called.pk, by=clerk)


def test_a_visit_whose_end_was_undone_is_recorded_once(service: Service, desk: Desk, clerk: User) -> None:
    factories.ticket(service)
    done, missing = (Outcome.objects.create(service=service, name=name) for name in ("done", "missing"))
    ticket = served_by(clerk, desk)
    actions.record(desk, ticket.pk, VisitRecord(outcomes={missing.pk: 1}, hard=True), by=clerk)
    actions.undo(desk, by=clerk)
    assert Visit.objects.count() == 1, "what was said is lost only when something else is said"
    actions.finish(desk, ticket.pk, by=clerk)
    last = actions.record(desk, ticket.pk, VisitRecord(outcomes={done.pk: 2}), by=clerk)
    assert list(Visit.objects.values_list("pk", "hard", "outcomes__quantity")) == [(last.pk, False, 2)]


def test_nobody_is_brought_back_to_a_desk_that_rests(service: Service, desk: Desk, clerk: User) -> None:
    factories.ticket(service)
    served_by(clerk, desk)
    actions.pause(desk, by=clerk)
    with pytest.raises(DeskPaused):
        actions.undo(desk, by=clerk)
    actions.resume(desk, by=clerk)
    assert actions.undo(desk, by=clerk).state == State.SERVING
    assert_sound(service.branch)


def test_who_takes_over_owes_no_word_about_the_visit_of_the_clerk_before(
    service: Service, desk: Desk, clerk: User
) -> None:
    Branch.objects.update(after_visit=AfterVisit.REQUIRED)
    factories.waiting(2, service)
    served_by(clerk, desk)
    colleague = factories.clerk(service.branch)
    actions.take_over(desk, by=colleague)
    assert actions.call_next(desk, by=colleague).shown == "A2"


def test_a_family_in_its_cool_down_comes_back_by_any_of_its_numbers(service: Service, desk: Desk, clerk: User) -> None:
    Branch.objects.update(calls_limit=1)
    factories.waiting(2, service)
    leader = actions.link(desk, "A1", "A2", by=clerk)
    actions.call_next(desk, by=clerk)
    actions.mark_absent(desk, leader.pk, by=clerk)
    assert not queries.due_at(desk).exists()
    actions.bring_back(desk, "A2", places=None, by=clerk)
    assert queries.due_at(desk).get() == leader
    assert_sound(service.branch)


def test_nobody_on_hold_since_yesterday_is_called(service: Service, desk: Desk, clerk: User) -> None:
    factories.ticket(service)
    held = actions.hold(desk, actions.call_next(desk, by=clerk).pk, by=clerk)
    with clock.standing_at(clock.now() + timedelta(days=1)), pytest.raises(AlreadyOver, match="The day of A1 is over"):
        actions.call_held(desk, held.pk, by=clerk)


def test_the_same_rule_is_added_once(service: Service, desk: Desk) -> None:
    def rule(over: int) -> Rule:
        return actions.add_rule(service.branch, service=service, over=over, under=2, desks=[desk])

    assert rule(5) == rule(5) != rule(6)
    assert Rule.objects.count() == 2


def test_a_colleague_is_thanked_once_by_a_press_made_twice(service: Service, clerk: User) -> None:
    colleague = factories.clerk(service.branch)
    for words in ("For the help", "For the help", "And for the coffee"):
        actions.thank_colleague(service.branch, colleague, words, by=clerk)
    assert Thanks.objects.count() == 2
    actions.see_thanks(colleague)
    actions.thank_colleague(service.branch, colleague, "For the help", by=clerk)
    assert Thanks.objects.count() == 3


def test_what_has_just_been_removed_is_refused_in_words(service: Service, desk: Desk) -> None:
    rule = actions.add_rule(service.branch, service=service, over=5, under=2, desks=[desk])
    Rule.objects.all().delete()
    never_used = factories.service(service.branch, slug="parking")
    Service.objects.filter(pk=never_used.pk).delete()
    with pytest.raises(TargetGone):
        actions.switch_rule(rule, on=False)
    with pytest.raises(ServiceGone):
        factories.ticket(never_used)
