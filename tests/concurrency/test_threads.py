"""Many presses at once, in one process: never a double number, never one ticket at two desks."""

from collections.abc import Callable
from functools import partial
from threading import Event, Thread
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.test import Client

from queues import actions, queries
from queues.actions.calling import NOTHING_YET
from queues.changes.transaction import changing
from queues.models import Branch, Desk, NumberSeries, Service, Ticket, TicketEvent
from queues.refusals import BranchBusy, NobodyWaiting, Refusal
from queues.states import State
from tests.kit import factories
from tests.kit.crowds import all_at_once
from tests.kit.invariants import assert_sound, doubled
from tests.kit.waiting import eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_change_notices")]

THREADS = 16


def pressed(press: Callable[..., Ticket], *given: object, **named: object) -> Ticket | Refusal:
    """One press as a request makes it: with a connection of its own, and a refusal is an answer."""
    try:
        return press(*given, **named)
    except Refusal as refusal:
        return refusal
    finally:
        connections.close_all()


def come(services: list[Service], *, how_many: int) -> list[int]:
    """So many visitors one after another, to the services in turn."""
    tickets = [pressed(actions.issue, services[number % len(services)], language="fi") for number in range(how_many)]
    return [ticket.pk for ticket in tickets if isinstance(ticket, Ticket)]


def serve(desk: Desk, *, how_many: int) -> list[int]:
    """The desk serves so many visitors, waiting for them where it must."""
    served: list[int] = []
    while len(served) < how_many:
        ticket = pressed(actions.call_next, desk, by=None)
        if isinstance(ticket, NobodyWaiting):
            eventually(queries.due_at(desk).exists, what=f"somebody waits for desk {desk}", within=60)
            continue
        assert isinstance(ticket, Ticket), ticket
        for press in (actions.start_serving, actions.finish):
            assert isinstance(pressed(press, desk, ticket.pk, by=None), Ticket)
        served.append(ticket.pk)
    return served


@pytest.fixture
def branch() -> Branch:
    """Four services, two of which share a prefix, with ranges that wrap; ten desks, each for two of them."""
    branch = factories.branch()
    services = [factories.service(branch, number_prefix=prefix, number_last=250) for prefix in "AABC"]
    for number in range(10):
        factories.desk(services[number % 4], services[(number + 1) % 4])
    return branch


def test_80_come_and_40_are_called_at_once_and_nothing_is_doubled_or_lost(branch: Branch) -> None:
    """Case 10: every issue and every call meets the branch's row locked by another. (More of them, and between
    processes, in test_processes.)"""
    services, desks = list(branch.services.all()), list(branch.desks.select_related("branch"))
    arriving = [partial(come, services[turn % 4 :] + services[: turn % 4], how_many=5) for turn in range(THREADS)]
    serving = [partial(serve, desk, how_many=4) for desk in desks]

    done = all_at_once([*arriving, *serving])

    issued = [pk for pks in done[:THREADS] for pk in pks]
    called = [pk for pks in done[THREADS:] for pk in pks]
    assert (len(issued), len(set(issued)), Ticket.objects.count()) == (80, 80, 80)
    assert (len(called), len(set(called))) == (40, 40)
    assert TicketEvent.objects.filter(to_state=State.CALLED).count() == 40
    assert sum(NumberSeries.objects.values_list("last_serial", flat=True)) == 80
    assert Branch.objects.get(pk=branch.pk).revision == 80 + 3 * 40
    assert_sound(branch)


def test_one_request_key_from_many_threads_gives_one_ticket() -> None:
    """Case 28's retry, with all the tries at once."""
    service = factories.service()
    key = uuid4()
    tickets = all_at_once([partial(pressed, actions.issue, service, language="fi", request_key=key)] * THREADS)
    assert all(isinstance(answer, Ticket) for answer in tickets), tickets
    assert {answer.pk for answer in tickets if isinstance(answer, Ticket)} == {Ticket.objects.get().pk}
    assert NumberSeries.objects.get().last_serial == 1


def test_all_windows_of_one_desk_pressing_at_once_call_one_visitor() -> None:
    service = factories.service()
    desk = factories.desk(service)
    factories.waiting(THREADS, service)
    calls = all_at_once([partial(pressed, actions.call_next, desk, by=None, saw=NOTHING_YET)] * THREADS)
    assert all(isinstance(answer, Ticket) for answer in calls), calls
    assert {answer.pk for answer in calls if isinstance(answer, Ticket)} == {Ticket.objects.get(desk=desk).pk}
    assert Ticket.objects.exclude(state=State.WAITING).count() == 1
    assert_sound(service.branch)


def test_desks_that_press_at_once_never_get_one_visitor_twice() -> None:
    service = factories.service()
    desks = [factories.desk(service) for _ in range(THREADS)]
    factories.waiting(THREADS - 4, service)
    answers = all_at_once([partial(pressed, actions.call_next, desk, by=None) for desk in desks])
    called = [ticket.pk for ticket in answers if isinstance(ticket, Ticket)]
    assert not doubled(called)
    assert len(called) == THREADS - 4
    assert sum(isinstance(answer, NobodyWaiting) for answer in answers) == 4
    assert_sound(service.branch)


def test_a_called_visitor_who_leaves_while_the_desk_starts_does_one_or_the_other() -> None:
    service = factories.service()
    desks = [factories.desk(service) for _ in range(8)]
    factories.waiting(len(desks), service)
    tickets = [factories.called(desk) for desk in desks]
    starting = [partial(pressed, actions.start_serving, d, t.pk, by=None) for d, t in zip(desks, tickets, strict=True)]
    leaving = [partial(pressed, actions.leave, ticket) for ticket in tickets]

    answers = all_at_once([*starting, *leaving])

    for started, left in zip(answers[:8], answers[8:], strict=True):
        assert isinstance(started, Ticket) != isinstance(left, Ticket)
    assert_sound(service.branch)


@pytest.mark.networked
def test_who_waits_for_a_press_that_does_not_end_gives_up() -> None:
    service = factories.service()
    held, done = Event(), Event()

    def hold() -> None:
        with changing(service.branch_id):
            held.set()
            done.wait(10)
        connections.close_all()

    holding = Thread(target=hold)
    holding.start()
    try:
        assert held.wait(10)
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone() == ("8s",)
            cursor.execute("SET lock_timeout = '50ms'")
        with pytest.raises(BranchBusy):
            actions.issue(service, language="fi")
        answer = Client(headers={"accept-language": "en"}).post(f"/kiosk/{service.branch.slug}/help/")
        assert (answer.status_code, "press again" in answer.content.decode()) == (503, True)
    finally:
        connection.close()
        done.set()
        holding.join()
    assert not Ticket.objects.exists()
    assert actions.issue(service, language="fi").serial == 1
