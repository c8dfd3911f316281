"""The chaos test's own eyes: each kind of harm is seen, and where there is none nothing is said."""

from uuid import UUID

import pytest

from bench.chaos.account import Account, Done, Ticket, Told, disagreements

pytestmark = pytest.mark.embedded

VISIT, OTHER = UUID(int=1), UUID(int=2)
CALLED = Done("call-next", desk=3, ticket=7)
ROW = Ticket(7, VISIT, "token", "A1")


def an_account() -> Account:
    """Of one visitor, who was told a number and was called."""
    account = Account(asked={VISIT, OTHER})
    account.telling(VISIT, Told("token", "A1"))
    account.done[CALLED] += 1
    return account


def test_where_the_rows_are_what_was_told_there_is_nothing_to_say() -> None:
    assert disagreements(an_account(), [ROW], {CALLED: 1}) == []


def test_an_unanswered_press_may_have_been_carried_out_once() -> None:
    unanswered = Ticket(8, OTHER, "another", "A2")
    assert disagreements(an_account(), [ROW, unanswered], {CALLED: 1, Done("start", 3, 7): 1}) == []


@pytest.mark.parametrize(
    ("rows", "events", "sentence"),
    [
        ([], {CALLED: 1}, "lost: A1"),
        ([ROW, ROW._replace(id=8, token="another")], {CALLED: 1}, f"doubled: {VISIT} has 2"),
        ([ROW._replace(number="A2")], {CALLED: 1}, "told Told(token='token', number='A1'), but the row is"),
        ([ROW, Ticket(8, UUID(int=9), "x", "A2")], {CALLED: 1}, f"never asked for: {UUID(int=9)}"),
        ([ROW], {}, f"not in the log: {CALLED}"),
        ([ROW], {CALLED: 2}, f"2 times in the log: {CALLED}"),
    ],
)
def test_harm_is_seen(rows: list[Ticket], events: dict[Done, int], sentence: str) -> None:
    (said,) = disagreements(an_account(), rows, events)
    assert said.startswith(sentence)


def test_a_visit_that_is_told_two_numbers_is_seen() -> None:
    account = an_account()
    account.telling(VISIT, Told("token", "A2"))
    assert account.oddities
