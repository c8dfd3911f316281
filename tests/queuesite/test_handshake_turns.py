"""Handshakes take turns: a few in each round of the event loop, however many have arrived."""

from collections.abc import Callable

import pytest

from queuesite.handshake_turns import EACH_ROUND, HandshakeTurns

ROUNDS = 3


class Line:
    """Handshakes that are noted by their place in line when they begin."""

    def __init__(self) -> None:
        self.due: list[Callable[[], None]] = []
        self.turns = HandshakeTurns()
        self.begun: list[int] = []
        self._came = 0

    def come(self, number: int, *, fails: bool = False) -> None:
        for _handshake in range(number):
            self.turns.wait(self._begin(self._came, fails=fails), self._later)
            self._came += 1

    def _begin(self, place: int, *, fails: bool) -> Callable[[], None]:
        def begin() -> None:
            self.begun.append(place)
            if fails:
                raise OSError

        return begin

    def round(self) -> None:
        """What the event loop has to do now, once."""
        due, self.due = self.due, []
        for one in due:
            one()

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        assert seconds == 0
        self.due.append(call)


def test_a_few_begin_in_each_round_and_none_at_once() -> None:
    line = Line()
    line.come(ROUNDS * EACH_ROUND - 1)
    assert line.begun == []
    for number in range(1, ROUNDS):
        line.round()
        assert line.begun == list(range(number * EACH_ROUND))
    line.round()
    assert line.begun == list(range(ROUNDS * EACH_ROUND - 1))


def test_who_comes_later_begins_later() -> None:
    line = Line()
    line.come(EACH_ROUND + 1)
    line.round()
    line.come(EACH_ROUND)
    line.round()
    line.round()
    assert line.begun == list(range(2 * EACH_ROUND + 1))
    line.come(1)
    line.round()
    assert line.begun == list(range(2 * EACH_ROUND + 2))


def test_one_that_fails_keeps_nobody_from_theirs(caplog: pytest.LogCaptureFixture) -> None:
    line = Line()
    line.come(1, fails=True)
    line.come(EACH_ROUND)
    line.round()
    line.round()
    assert line.begun == list(range(EACH_ROUND + 1))
    assert "A handshake failed." in caplog.text
