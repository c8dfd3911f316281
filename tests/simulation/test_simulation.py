"""Visitors and desks that go on by themselves."""

from io import StringIO
from random import Random

import pytest
from django.conf import LazySettings
from django.core.management import call_command

from accounts.models import User
from demo import sample_branch
from queues import actions, queries
from queues.models import Branch, Desk, Ticket, TicketEvent
from queues.states import State
from simulation.simulation import FULL, Simulation
from tests.kit import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings: LazySettings) -> Branch:
    settings.DEBUG = True
    call_command("load_demo", stdout=StringIO())
    return Branch.objects.get(slug=sample_branch.SLUG)


def test_it_keeps_the_branch_lively_and_the_line_short(demo: Branch) -> None:
    simulation = Simulation(demo, speed=20, random=Random(7))
    waiting = []
    for second in range(1, 181):
        assert simulation.advance(second) > second
        waiting.append(queries.line(demo).count())
    assert max(waiting) <= FULL
    assert min(waiting[30:]) >= 1
    calls = TicketEvent.objects.filter(to_state=State.CALLED).count()
    assert 180 / 8 <= calls <= 180 / 1.5
    assert Ticket.objects.filter(state=State.DONE).exists()


def test_it_leaves_a_desk_to_the_person_who_works_there() -> None:
    service = factories.service()
    desk = factories.desk(service)
    factories.waiting(2, service)
    ticket = actions.call_next(desk, by=factories.clerk(service.branch))
    Simulation(service.branch, speed=20, random=Random(7)).advance(30)
    ticket.refresh_from_db()
    assert ticket.state == State.CALLED


def test_it_never_gives_up_a_persons_place() -> None:
    service = factories.service()
    visitors = factories.waiting(FULL, service)
    simulation = Simulation(service.branch, speed=100, random=Random(7))
    for second in range(1, 30):
        simulation.advance(second)
    assert {ticket.state for ticket in Ticket.objects.filter(pk__in=[t.pk for t in visitors])} == {State.WAITING}


def test_it_sits_its_clerks_down_where_nobody_sits(demo: Branch) -> None:
    desks = list(demo.desks.all())
    actions.open_session(desks[1], by=User.objects.get(username="supervisor"))
    for _start in range(2):
        Simulation(demo, speed=20, random=Random(7))
    sitting = [Desk.objects.get(pk=desk.pk).clerk for desk in desks]
    assert [clerk.username for clerk in sitting if clerk] == ["clerk1", "supervisor", "clerk2", "clerk3", "clerk4"]
