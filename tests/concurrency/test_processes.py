"""The same over processes, one of which is killed: the database alone keeps the line."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TextIO, cast
from uuid import UUID, uuid4

import pytest

from queues import actions
from queues.models import Branch, Ticket
from queues.refusals import DeskBusy
from queues.states import AT_DESK, State
from tests.kit import factories
from tests.kit.crowds import stores
from tests.kit.invariants import assert_sound, doubled
from tests.kit.servers import ROOT, stop

pytestmark = pytest.mark.django_db(transaction=True)

Lines = list[dict[str, Any]]


class Worker:
    """tests/concurrency/worker.py in a process of its own, ready to begin."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert self.line() == {"ready": True}

    def begin(self) -> None:
        stdin = cast("TextIO", self.process.stdin)
        stdin.write("\n")
        stdin.flush()

    def line(self) -> dict[str, Any]:
        """The next thing it says. Fails when it has ended instead."""
        text = cast("TextIO", self.process.stdout).readline()
        assert text.endswith("\n"), f"The worker has ended after {text!r}"
        return cast("dict[str, Any]", json.loads(text))

    def rest(self) -> Lines:
        """What it says to its end, which is a clean one."""
        lines = self.said()
        assert self.process.wait(60) == 0
        assert lines.pop() == {"done": True}
        return lines

    def said(self) -> Lines:
        """What it still says to its end, however it ends; half a line says nothing."""
        return [json.loads(text) for text in cast("TextIO", self.process.stdout) if text.endswith("\n")]


@contextmanager
def worker(branch: Branch, *, keys: list[list[str]], desks: list[int], calls: int) -> Iterator[Worker]:
    """For each list of keys and each desk a thread."""
    orders = json.dumps({"branch": branch.pk, "keys": keys, "desks": desks, "calls": calls})
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.concurrency.worker", orders],
        cwd=ROOT, env=stores(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        try:
            yield Worker(process)
        finally:
            stop(process)


@pytest.fixture
def branch() -> Branch:
    branch = factories.branch()
    services = [factories.service(branch, number_prefix=prefix) for prefix in "AABC"]
    for number in range(8):
        factories.desk(services[number % 4], services[(number + 1) % 4])
    return branch


def keys_for(threads: int, *, each: int) -> list[list[str]]:
    return [[str(uuid4()) for _ in range(each)] for _ in range(threads)]


@pytest.mark.embedded
def test_two_processes_issue_400_and_call_200_and_nothing_is_doubled_or_lost(branch: Branch) -> None:
    """Case 10, between processes; test_two_servers.py has it on PostgreSQL."""
    desks = [desk.pk for desk in branch.desks.all()]
    with ExitStack() as running:
        workers = [
            running.enter_context(worker(branch, keys=keys_for(8, each=25), desks=half, calls=25))
            for half in (desks[:4], desks[4:])
        ]
        for one in workers:
            one.begin()
        lines = [line for one in workers for line in one.rest()]

    issued = [line["issued"] for line in lines if "issued" in line]
    called = [line["called"] for line in lines if "called" in line]
    assert (len(issued), len(set(issued)), Ticket.objects.count()) == (400, 400, 400)
    assert (len(called), len(set(called)), Ticket.objects.filter(state=State.DONE).count()) == (200, 200, 200)
    assert_sound(branch)


def test_two_processes_with_the_same_request_keys_give_one_ticket_for_each(branch: Branch) -> None:
    """Case 28's retry, arriving at another server."""
    keys = keys_for(4, each=10)
    with ExitStack() as running:
        workers = [running.enter_context(worker(branch, keys=keys, desks=[], calls=0)) for _ in range(2)]
        for one in workers:
            one.begin()
        first, second = ({line["key"]: line["issued"] for line in one.rest()} for one in workers)
    assert first == second
    assert Ticket.objects.count() == 40
    assert_sound(branch)


@pytest.mark.parametrize("heard_before", [1, 40])
def test_a_process_killed_amid_a_burst_loses_and_doubles_nothing(branch: Branch, heard_before: int) -> None:
    """Case 28: kill -9; what it said was done is done, what it was about to do is done wholly or not at all, and a
    retry of every request gives one ticket each."""
    keys = keys_for(8, each=20)
    desks = list(branch.desks.all())
    with worker(branch, keys=keys, desks=[desk.pk for desk in desks], calls=1000) as doomed:
        doomed.begin()
        heard = [doomed.line() for _ in range(heard_before)]
        doomed.process.kill()
        heard += doomed.said()

    assert Ticket.objects.count() < 160, "killed too late to show anything"
    assert_sound(branch)
    assert_kept(heard)
    services = list(branch.services.all())
    for of_one in keys:
        for number, key in enumerate(of_one):
            actions.issue(services[number % 4], language="fi", request_key=UUID(key))
    assert Ticket.objects.count() == 160
    assert not doubled(Ticket.objects.values_list("request_key", flat=True))
    for desk in desks:
        end_the_visit(desk.pk)
    assert_sound(branch)


def assert_kept(heard: Lines) -> None:
    """Whatever was answered is in the rows."""
    for line in heard:
        if "issued" in line:
            assert str(Ticket.objects.get(pk=line["issued"]).request_key) == line["key"]
        else:
            assert Ticket.objects.get(pk=line["called"]).desk_id == line["desk"]


def end_the_visit(desk_id: int) -> None:
    """What the killed process had at this desk is still there, in one state, and goes on from it."""
    ticket = Ticket.objects.filter(desk=desk_id, state__in=AT_DESK).select_related("desk__branch").first()
    if ticket is None or ticket.desk is None:
        return
    with pytest.raises(DeskBusy):
        actions.call_next(ticket.desk, by=None)
    actions.start_serving(ticket.desk, ticket.pk, by=None)
    assert actions.finish(ticket.desk, ticket.pk, by=None).state == State.DONE
