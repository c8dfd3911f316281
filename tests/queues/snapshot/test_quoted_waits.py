"""What a snapshot knows for visitors: the wait they are told, and how far others may be ahead of them."""

import pytest

from queues import actions, snapshot
from queues.models import Branch, Desk, Service
from queues.snapshot import BranchSnapshot, Part
from tests.kit import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def service() -> Service:
    return factories.service(slug="passports", typical_seconds=400)


def read(branch: Branch, *parts: Part, follow: int = 0) -> BranchSnapshot:
    return snapshot.read(Branch.objects.get(pk=branch.pk), parts, [follow])


def test_only_a_desk_where_somebody_sits_and_serves_is_open(service: Service, desk: Desk) -> None:
    factories.waiting(3, service)
    other = factories.desk(service, name="4")
    factories.desk(factories.service(service.branch), name="5")
    for sits, desks, told in (([], 0, None), ([desk], 1, 20), ([desk, other], 2, 10)):
        for place in sits:
            actions.open_session(place, by=factories.clerk(service.branch) if place.clerk is None else place.clerk)
            place.refresh_from_db()
        (row, *_others) = read(service.branch, Part.SERVICES, Part.WAITING).services
        assert (row.desks, row.quoted_wait) == (desks, told)
    assert other.clerk is not None
    actions.pause(other, by=other.clerk)
    assert read(service.branch, Part.SERVICES, Part.WAITING).services[0].desks == 1


def test_what_the_kiosk_shows_is_what_the_ticket_was_told(service: Service, desk: Desk) -> None:
    actions.open_session(desk, by=factories.clerk(service.branch))
    factories.waiting(4, service)
    shown = read(service.branch, Part.SERVICES, Part.WAITING).services[0].quoted_wait
    assert factories.ticket(service).told == shown == 30


def test_visitors_are_told_how_far_others_may_be_ahead_only_where_the_branch_shows_why(
    service: Service, desk: Desk
) -> None:
    ticket = factories.ticket(service)
    factories.priority(service.branch, minutes=15)
    Desk.objects.filter(pk=desk.pk).update(main_service=service, main_head_start=10)
    assert read(service.branch, Part.FOLLOWED, follow=ticket.pk).ahead_at_most == 0
    Branch.objects.update(shows_why=True)
    assert read(service.branch, Part.FOLLOWED, follow=ticket.pk).ahead_at_most == 25
