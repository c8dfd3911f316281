"""One cursor for all that a request or a reading asks."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from queues import actions, queries
from queues.one_cursor import cursor, one_cursor
from queues.snapshot.source import BranchSource
from queues.topics import branch_topic
from staffdesk.desk.panel import DeskAudience
from tests.kit import factories
from tests.kit.sample_branch import SampleBranch

pytestmark = pytest.mark.django_db


def given() -> Any:
    """What the driver is asked with just now."""
    with cursor() as mine:
        return mine.cursor


def test_all_statements_of_a_frame_are_asked_with_the_same_one() -> None:
    with one_cursor():
        first = given()
        with one_cursor():
            assert given() is first
        assert given() is first
    with one_cursor():
        assert given() is not first


def test_outside_each_statement_has_its_own() -> None:
    with cursor() as first, cursor() as second:
        assert first.cursor is not second.cursor


def test_it_is_closed_when_the_frame_ends() -> None:
    with one_cursor():
        mine = given()
    with pytest.raises(Exception, match="closed"):
        mine.execute("SELECT 1")


def test_it_is_closed_after_a_failure_too() -> None:
    with suppress(ZeroDivisionError), one_cursor():
        mine = given()
        raise ZeroDivisionError
    with pytest.raises(Exception, match="closed"):
        mine.execute("SELECT 1")


@pytest.mark.django_db(transaction=True)
def test_a_new_connection_has_a_new_one() -> None:
    branch = factories.branch()
    with one_cursor():
        assert queries.branch_now(branch.pk) == branch
        connection.close()
        assert queries.branch_now(branch.pk) == branch


def test_a_frame_is_its_threads_own() -> None:
    with ThreadPoolExecutor(1) as other, one_cursor():
        mine = given()

        def theirs() -> bool:
            try:
                with cursor() as first, cursor() as second:
                    return first.cursor is not second.cursor and first.cursor is not mine
            finally:
                connection.close()

        assert other.submit(theirs).result()


class Asked:
    """Watches with which cursors the database is asked, where what is asked names a table of the house."""

    def __init__(self) -> None:
        self.cursors: list[object] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 - Django's
        if "queues_" in sql:
            self.cursors.append(context["cursor"])
        return execute(sql, params, many, context)


@pytest.mark.fast_only
def test_a_press_asks_with_one(sample: SampleBranch, clerk_client: Client) -> None:
    factories.waiting(3, sample.passports)
    actions.open_session(sample.desk, by=sample.clerk)
    watch = Asked()
    with connection.execute_wrapper(watch):
        clerk_client.post(sample.press("call-next"), {"seen": 0}, headers={"hx-request": "true"})
    assert len(watch.cursors) > 10
    assert len(set(map(id, watch.cursors))) == 1


@pytest.mark.fast_only
def test_a_reading_asks_with_one(sample: SampleBranch) -> None:
    factories.waiting(3, sample.passports)
    watch = Asked()
    with connection.execute_wrapper(watch):
        BranchSource().read(
            branch_topic(sample.branch.pk), {DeskAudience(sample.branch.pk, sample.desk.pk, "en"): [None]}
        )
    assert len(watch.cursors) == 7
    assert len(set(map(id, watch.cursors))) == 1
