"""The busiest day of a real log, and of a made-up one of its shape where the real one isn't at hand."""

from pathlib import Path

import pytest

from queues.models import NumberSeries, Ticket
from tests.replay.conftest import Play
from tests.replay.logs import BUSIEST_DAY, any_rows, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def busiest(real_log: Path | None, tmp_path: Path) -> Path:
    """A log of the busiest day alone."""
    if real_log is None:
        return write(tmp_path / "made-up.csv", *any_rows(2000, seed=99, counters=20, day=BUSIEST_DAY))
    header, *lines = real_log.read_text(encoding="utf-8").splitlines()
    return write(tmp_path / "busiest.csv", *[line for line in lines if line.startswith(BUSIEST_DAY)], header=header)


# Twice, on both stacks, would be most of the tests' time; the same actions run on both elsewhere.
@pytest.mark.embedded
def test_the_busiest_day_plays_to_its_end_with_nothing_doubled_and_no_gap(play: Play, busiest: Path) -> None:
    played = play(log=busiest, day=BUSIEST_DAY)
    everything_arrived(played.tally)
    assert played.tally["left"] + played.tally["finished"] == played.tally["issued"]


def test_the_busiest_day_becomes_history_with_nothing_doubled_and_no_gap(play: Play, busiest: Path) -> None:
    played = play(log=busiest, options="--as-history")
    everything_arrived(played.tally)
    assert played.tally["deviations"] == 0


def everything_arrived(tally: dict[str, float]) -> None:
    assert tally["rows"] == tally["issued"] == Ticket.objects.count() >= 2000
    assert tally["refused"] == tally["malformed"] == tally["duplicates"] == tally["gaps"] == 0
    # The numbers wrapped on the way.
    busiest = NumberSeries.objects.order_by("-last_serial")[0]
    assert busiest.last_serial > 10 * busiest.service.number_last
    assert busiest.service.number_last == 99
