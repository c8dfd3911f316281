"""Branches, services, desks and members come through actions."""

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from queues import actions
from queues.models import Branch, Role
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


def test_a_wrong_service_is_refused_and_nothing_is_kept() -> None:
    branch = factories.branch()
    with pytest.raises(ValidationError):
        actions.create_service(branch, "passports", names={"fi": "Passit"}, prefix="a1")
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
