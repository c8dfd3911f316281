"""What is done for several, each by itself."""

import pytest

from queues.changes.one_by_one import one_by_one
from queues.refusals import DayClosed


def test_what_fails_for_one_is_done_for_all_others_first() -> None:
    done: list[int] = []

    def act(number: int) -> int:
        if number % 2:
            raise ValueError(number)
        done.append(number)
        return number

    with pytest.raises(ValueError, match="3"):
        one_by_one([2, 3, 4], act)
    with pytest.raises(ExceptionGroup) as failed:
        one_by_one([1, 3, 6], act)
    assert (done, len(failed.value.exceptions)) == ([2, 4, 6], 2)


def test_a_refusal_counts_as_nothing() -> None:
    def act(number: int) -> int:
        if number == 1:
            raise DayClosed
        return number

    assert one_by_one([1, 2, 3], act) == 5
