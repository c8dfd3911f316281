"""Nobody waits longer than they can afford, whatever the work does."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from live.time_limit import within


def test_what_the_work_returns_or_raises_is_the_callers() -> None:
    assert within(5, lambda: "done") == "done"
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 / 0)


def test_work_that_hangs_is_left_alone() -> None:
    ended, may_end = threading.Event(), threading.Event()

    def work() -> None:
        assert may_end.wait(10)
        ended.set()

    with pytest.raises(TimeoutError):
        within(0.01, work)
    may_end.set()
    assert ended.wait(10)


def test_work_that_has_not_begun_in_time_never_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    with ThreadPoolExecutor(1) as one_thread:
        monkeypatch.setattr("live.time_limit._threads", one_thread)
        may_end = threading.Event()
        begun: list[str] = []
        with pytest.raises(TimeoutError):
            within(0.01, lambda: may_end.wait(10))
        with pytest.raises(TimeoutError):
            within(0.01, lambda: begun.append("late"))
        may_end.set()
    assert begun == []
