"""The frame of a change: revision first, a change notice after the commit, and neither after a refusal."""

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from queues import actions
from queues.changes.transaction import changing, turns
from queues.models import Branch, Desk, Ticket
from queues.refusals import BranchGone, NobodyWaiting, Refusal, ServiceClosed
from queues.topics import branch_id_of, branch_topic
from tests.kit import factories


@pytest.fixture
def change_notices(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The topics announced so far."""
    announced: list[str] = []
    monkeypatch.setattr("queues.changes.transaction.announce", announced.append)
    return announced


@pytest.fixture
def desk() -> Desk:
    return factories.desk(factories.service())


def revision_of(desk: Desk) -> int:
    return Branch.objects.get(pk=desk.branch_id).revision


@pytest.mark.embedded
def test_a_topic_names_its_branch() -> None:
    assert branch_id_of(branch_topic(17)) == 17


def issued(desk: Desk) -> object:
    return factories.ticket(desk.services.get())


def called(desk: Desk) -> object:
    return factories.called(desk)


def started(desk: Desk) -> object:
    return actions.start_serving(desk, Ticket.objects.get().pk, by=None)


def finished(desk: Desk) -> object:
    return actions.finish(desk, Ticket.objects.get().pk, by=None)


def recalled(desk: Desk) -> object:
    return actions.recall(desk, Ticket.objects.get().pk, by=None)


def absent(desk: Desk) -> object:
    return actions.mark_absent(desk, Ticket.objects.get().pk, by=None)


def left(_desk: Desk) -> object:
    return actions.leave(Ticket.objects.get())


def come_back(_desk: Desk) -> object:
    return actions.come_back(Ticket.objects.get())


def sent_on(desk: Desk) -> object:
    return actions.transfer_ticket(Ticket.objects.get(), to_desk=desk, by=None)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "steps",
    [
        [issued, left],
        [issued, called, recalled, started, finished],
        [issued, called, absent, come_back],
        [issued, called, sent_on, called, left],
    ],
)
def test_every_change_moves_the_revision_by_one_and_is_announced_once(
    steps: list[Callable[[Desk], object]], desk: Desk, change_notices: list[str]
) -> None:
    for step in steps:
        before = revision_of(desk)
        change_notices.clear()
        step(desk)
        assert revision_of(desk) == before + 1
        assert change_notices == [branch_topic(desk.branch_id)]


@pytest.mark.django_db(transaction=True)
def test_a_refused_press_is_not_announced_and_moves_no_revision(desk: Desk, change_notices: list[str]) -> None:
    """Case 1."""
    before = revision_of(desk)
    for press in (called, lambda at: actions.finish(at, 1, by=None)):
        with pytest.raises(Refusal):
            press(desk)
    desk.services.update(is_open=False)
    with pytest.raises(ServiceClosed):
        issued(desk)
    assert (revision_of(desk), change_notices) == (before, [])


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_not_announced(desk: Desk, change_notices: list[str]) -> None:
    with transaction.atomic():
        issued(desk)
        transaction.set_rollback(True)
    assert (Ticket.objects.count(), revision_of(desk), change_notices) == (0, 0, [])


@pytest.mark.django_db(transaction=True)
def test_nothing_is_announced_before_the_commit(desk: Desk, change_notices: list[str]) -> None:
    with transaction.atomic():
        issued(desk)
        assert change_notices == []
    assert change_notices == [branch_topic(desk.branch_id)]


@pytest.mark.django_db(transaction=True)
def test_a_change_notice_that_fails_takes_nothing_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(topic: str) -> None:
        raise ConnectionError(topic)

    monkeypatch.setattr("queues.changes.transaction.announce", failing)
    issued(desk)
    assert Ticket.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("press", [issued, called, absent])
def test_the_revision_is_the_first_thing_written(press: Callable[[Desk], object], desk: Desk) -> None:
    """Its row lock is what serialises the branch: nothing may be read for the change before it."""
    if press is not issued:
        issued(desk)
    if press is absent:
        called(desk)
    with CaptureQueriesContext(connection) as captured:
        press(desk)
    queries = [query["sql"] for query in captured]
    begun = next(place for place, sql in enumerate(queries) if "SAVEPOINT" in sql)
    assert queries[begun + 1].startswith('UPDATE "queues_branch" SET "revision"')


@pytest.mark.django_db
def test_a_branch_that_is_gone_cannot_change() -> None:
    with pytest.raises(BranchGone, match="This branch no longer exists"), changing(10**9):
        pytest.fail("let in")


@pytest.mark.django_db
def test_a_refused_press_leaves_the_transaction_around_it_usable(desk: Desk) -> None:
    with pytest.raises(NobodyWaiting):
        called(desk)
    issued(desk)
    called(desk)


@pytest.mark.embedded
@pytest.mark.django_db(transaction=True)
def test_on_sqlite_the_threads_of_a_process_take_turns_unless_one_has_its_lock_already() -> None:
    desk = factories.desk(factories.service())
    with changing(desk.branch_id):
        assert turns.locked()
    with transaction.atomic(), changing(desk.branch_id):
        assert not turns.locked()
