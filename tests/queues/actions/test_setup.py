"""Branches, services, desks and members come through actions."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from queues import actions
from queues.models import Branch, Outcome, Role, Service
from tests.kit import factories

pytestmark = pytest.mark.django_db


def test_a_branch_has_its_names_and_all_languages_unless_told() -> None:
    branch = actions.create_branch("keskus", names={"fi": "Keskus", "sv": "Centrum"})
    assert branch.languages == ["fi", "sv", "en"]
    with override("sv"):
        assert branch.name == "Centrum"


@pytest.mark.parametrize(
    ("slug", "names", "languages"),
    [("has space", {"fi": "A"}, None), ("a", {}, None), ("a", {"fi": "A"}, ["de"]), ("taken", {"fi": "A"}, None)],
)
def test_a_wrong_branch_is_refused(slug: str, names: dict[str, str], languages: list[str] | None) -> None:
    factories.branch(slug="taken")
    with pytest.raises(ValidationError):
        actions.create_branch(slug, names=names, languages=languages)
    assert Branch.objects.count() == 1


def test_services_stand_in_the_order_in_which_they_were_made_and_move_the_revision() -> None:
    branch = factories.branch()
    first = actions.create_service(branch, "passports", names={"fi": "Passit"}, prefix="A")
    second = actions.create_service(branch, "cashier", names={"fi": "Kassa"}, prefix="B", last=99)
    assert list(branch.services.all()) == [first, second]
    before = branch.revision
    branch.refresh_from_db()
    assert branch.revision == before + 2


@pytest.mark.parametrize("prefix", ["a1", "O", "IA", "AQ"])
def test_a_wrong_service_is_refused_and_nothing_is_kept(prefix: str) -> None:
    branch = factories.branch()
    with pytest.raises(ValidationError):
        actions.create_service(branch, "passports", names={"fi": "Passit"}, prefix=prefix)
    assert not branch.services.exists()


def test_a_desk_serves_services_of_its_own_branch_only() -> None:
    service = factories.service()
    desk = actions.create_desk(service.branch, "1", services=[service])
    assert list(desk.services.all()) == [service]
    with pytest.raises(ValidationError):
        actions.create_desk(factories.branch(), "1", services=[service])


def test_a_members_role_is_the_last_one_given() -> None:
    branch, user = factories.branch(), factories.user()
    actions.add_member(branch, user, Role.CLERK)
    membership = actions.add_member(branch, user, Role.SUPERVISOR)
    assert membership.role == Role.SUPERVISOR
    assert branch.memberships.count() == 1


def test_a_member_may_call_out_of_turn_only_as_long_as_the_last_word_says_so() -> None:
    branch, user = factories.branch(), factories.user()
    for may in (True, False):
        assert actions.add_member(branch, user, Role.CLERK, may_call_any=may).may_call_any is may


def test_a_services_outcomes_stand_in_the_order_in_which_they_were_made_and_move_the_revision() -> None:
    service = factories.service()
    made = [actions.create_outcome(service, names={"fi": name}) for name in ("Valmis", "Kesken")]
    assert list(Outcome.objects.filter(service=service)) == made
    with override("fi"):
        assert [(one.position, one.name) for one in made] == [(1, "Valmis"), (2, "Kesken")]
    assert Branch.objects.get().revision == service.branch.revision + 2


def test_a_priority_class_is_ahead_by_its_minutes_and_moves_the_revision() -> None:
    branch = factories.branch()
    made = actions.create_priority_class(branch, names={"fi": "Lapsiperheet", "sv": "Barnfamiljer"}, head_start=15)
    with override("sv"):
        assert (made.branch, made.head_start, made.name) == (branch, 15, "Barnfamiljer")
    assert Branch.objects.get().revision == branch.revision + 1


@pytest.mark.parametrize(
    "create",
    [
        lambda service: actions.create_outcome(service, names={}),
        lambda service: actions.create_priority_class(service.branch, names={}, head_start=5),
        lambda service: actions.create_priority_class(service.branch, names={"fi": "A"}, head_start=-1),
    ],
    ids=["outcome without a name", "class without a name", "class that is behind"],
)
def test_what_is_set_up_wrongly_is_refused_and_moves_no_revision(create: Callable[[Service], object]) -> None:
    service = factories.service()
    with pytest.raises(ValidationError):
        create(service)
    assert Branch.objects.get().revision == service.branch.revision
