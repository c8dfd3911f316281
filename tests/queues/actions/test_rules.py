"""Rules: who helps when a line grows, and when that ends."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from queues import actions, clock
from queues.models import Branch, BranchEvent, Desk, Rule, Service, What
from queues.refusals import TargetGone
from tests.kit import factories
from tests.kit.factories import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

Counted = Callable[[int], AbstractContextManager[object]]


def after(minutes: float) -> AbstractContextManager[None]:
    return clock.standing_at(NOON + timedelta(minutes=minutes))


@pytest.fixture
def housing() -> Service:
    return factories.service(slug="housing", name="Housing")


@pytest.fixture
def own(housing: Service) -> Desk:
    return factories.desk(housing, name="3")


@pytest.fixture
def helper(housing: Service) -> Desk:
    return factories.desk(factories.service(housing.branch, slug="cashier", number_prefix="C"), name="4")


@pytest.fixture
def rule(housing: Service, own: Desk, helper: Desk) -> Rule:
    return actions.add_rule(housing.branch, service=housing, over=15, under=5, desks=[own, helper], name="Rush")


def serves(desk: Desk, service: Service) -> bool:
    return desk.services.filter(pk=service.pk).exists()


def log() -> list[tuple[str, str, str]]:
    return list(BranchEvent.objects.values_list("what", "desk__name", "rule"))


def test_desks_help_when_the_wait_passes_the_limit_until_it_is_short_again(
    rule: Rule, housing: Service, own: Desk, helper: Desk
) -> None:
    first = factories.ticket(housing)
    with after(15):
        assert actions.apply_rules() == 0
    with after(16):
        second = factories.ticket(housing)
        assert actions.apply_rules() == 1
        assert serves(helper, housing)
        assert serves(own, housing)
        rule.refresh_from_db()
        assert (rule.acting_since, list(rule.lent.all())) == (NOON + timedelta(minutes=16), [helper])
        assert factories.served(helper) == first
    with after(22):  # between the two limits
        assert actions.apply_rules() == 0
    with after(23):
        assert factories.served(own) == second
        factories.ticket(housing)
        assert actions.apply_rules() == 1
        assert not serves(helper, housing)
        assert serves(own, housing)
    rule.refresh_from_db()
    assert (rule.acting_since, rule.lent.count()) == (None, 0)
    assert log() == [(What.SERVES, "4", "Rush"), (What.SERVES_NO_MORE, "4", "Rush")]


def test_a_desk_that_is_lent_calls_from_the_line_it_helps(rule: Rule, housing: Service, helper: Desk) -> None:  # noqa: ARG001 - it acts
    ticket = factories.ticket(housing)
    with after(20):
        actions.apply_rules()
        assert factories.called(helper) == ticket


def test_an_empty_line_ends_it_whatever_its_lower_limit(housing: Service, own: Desk, helper: Desk) -> None:
    actions.add_rule(housing.branch, service=housing, over=15, under=0, desks=[helper])
    factories.ticket(housing)
    with after(16):
        actions.apply_rules()
        factories.called(own)
        assert actions.apply_rules() == 1
        assert not serves(helper, housing)


@pytest.mark.parametrize("end", [lambda rule: actions.switch_rule(rule, on=False), actions.remove_rule])
def test_a_rule_switched_off_or_removed_takes_back_what_it_lent(
    end: Callable[[Rule], object], rule: Rule, housing: Service, own: Desk, helper: Desk
) -> None:
    factories.ticket(housing)
    with after(16):
        actions.apply_rules()
        end(rule)
        assert not serves(helper, housing)
        assert serves(own, housing)
        assert actions.apply_rules() == 0


def test_a_rule_switched_off_in_the_set_up_is_ended_by_the_clock(rule: Rule, housing: Service, helper: Desk) -> None:
    factories.ticket(housing)
    with after(16):
        actions.apply_rules()
        Rule.objects.filter(pk=rule.pk).update(is_on=False)
        assert actions.apply_rules() == 1
        assert not serves(helper, housing)


def test_what_the_supervisor_has_decided_is_not_taken_back(rule: Rule, housing: Service, helper: Desk) -> None:
    supervisor = factories.clerk(housing.branch)
    factories.ticket(housing)
    with after(16):
        actions.apply_rules()
        actions.set_desk_services(helper, [housing], by=supervisor)
        actions.switch_rule(rule, on=False)
        assert serves(helper, housing)


def test_a_desk_that_the_supervisor_took_away_is_not_lent_again_in_the_same_rush(
    rule: Rule,  # noqa: ARG001 - it acts
    housing: Service,
    helper: Desk,
) -> None:
    factories.ticket(housing)
    with after(16):
        actions.apply_rules()
        actions.set_desk_services(helper, [], by=factories.clerk(housing.branch))
        assert actions.apply_rules() == 0
        assert not serves(helper, housing)


def test_of_two_rules_the_one_that_goes_on_keeps_the_desk(rule: Rule, housing: Service, helper: Desk) -> None:
    other = actions.add_rule(housing.branch, service=housing, over=15, under=5, desks=[helper], name="Other")
    factories.ticket(housing)
    with after(16):
        assert actions.apply_rules() == 2
        actions.switch_rule(rule, on=False)
        assert serves(helper, housing)
        actions.switch_rule(other, on=False)
        assert not serves(helper, housing)


def test_yesterdays_line_moves_no_desk(rule: Rule, housing: Service, helper: Desk) -> None:  # noqa: ARG001 - it could
    factories.ticket(housing)
    with after(24 * 60):
        assert actions.apply_rules() == 0
        assert not serves(helper, housing)


def test_when_nothing_is_to_be_done_two_queries_see_to_all_branches(
    django_assert_num_queries: Counted,
) -> None:
    with django_assert_num_queries(1):
        actions.apply_rules()
    for _branch in range(5):
        housing = factories.service()
        actions.add_rule(housing.branch, service=housing, over=15, under=5, desks=[factories.desk(housing)])
        factories.waiting(2, housing)
    with django_assert_num_queries(2):
        assert actions.apply_rules() == 0


def test_a_rule_without_a_name_is_called_after_what_it_does(housing: Service, helper: Desk) -> None:
    rule = actions.add_rule(housing.branch, service=housing, over=20, under=5, desks=[helper])
    assert rule.name == "Housing > 20 min"


def test_a_rule_that_makes_no_sense_is_refused(housing: Service, helper: Desk) -> None:
    elsewhere = factories.service()
    for wrong in (
        {"service": housing, "over": 5, "under": 15, "desks": [helper]},
        {"service": housing, "over": 15, "under": 5, "desks": []},
        {"service": housing, "over": 15, "under": 5, "desks": [factories.desk(elsewhere)]},
        {"service": elsewhere, "over": 15, "under": 5, "desks": [helper]},
    ):
        with pytest.raises(ValidationError):
            actions.add_rule(housing.branch, **wrong)  # type: ignore[arg-type]  # each is one wrong combination
    assert not Rule.objects.exists()
    assert Branch.objects.filter(revision__gt=0).count() == 0


def test_the_same_rule_is_added_once(service: Service, desk: Desk) -> None:
    def rule(over: int) -> Rule:
        return actions.add_rule(service.branch, service=service, over=over, under=2, desks=[desk])

    assert rule(5) == rule(5) != rule(6)
    assert Rule.objects.count() == 2


def test_a_rule_that_has_just_been_removed_is_not_switched(service: Service, desk: Desk) -> None:
    rule = actions.add_rule(service.branch, service=service, over=5, under=2, desks=[desk])
    Rule.objects.all().delete()
    with pytest.raises(TargetGone):
        actions.switch_rule(rule, on=False)
