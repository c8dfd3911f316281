"""Which business day an instant belongs to."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from queues.models import Branch

pytestmark = pytest.mark.embedded

HELSINKI = ZoneInfo("Europe/Helsinki")
HONOLULU = ZoneInfo("Pacific/Honolulu")  # UTC-10
PHOENIX = ZoneInfo("America/Phoenix")  # UTC-7


@pytest.mark.parametrize(
    ("zone", "rollover", "local", "day"),
    [
        # The night belongs to the evening before, up to the roll-over hour.
        (HELSINKI, 4, "2026-03-02 00:00", date(2026, 3, 1)),
        (HELSINKI, 4, "2026-03-02 03:59:59", date(2026, 3, 1)),
        (HELSINKI, 4, "2026-03-02 04:00", date(2026, 3, 2)),
        (HELSINKI, 0, "2026-03-02 00:00", date(2026, 3, 2)),
        (HELSINKI, 23, "2026-03-02 22:59", date(2026, 3, 1)),
        # Never UTC's day: it is tomorrow in Greenwich already.
        (PHOENIX, 4, "2026-03-02 17:30", date(2026, 3, 2)),
        (HONOLULU, 4, "2026-03-02 14:00", date(2026, 3, 2)),
        (HONOLULU, 4, "2026-03-02 23:59", date(2026, 3, 2)),
        # … or still yesterday there.
        (HELSINKI, 1, "2026-03-02 01:30", date(2026, 3, 2)),
        # Spring: three o'clock does not happen. Autumn: it happens twice.
        (HELSINKI, 4, "2026-03-29 02:59", date(2026, 3, 28)),
        (HELSINKI, 4, "2026-03-29 04:00", date(2026, 3, 29)),
        (HELSINKI, 3, "2026-03-29 04:00", date(2026, 3, 29)),
        (HELSINKI, 4, "2026-10-25 03:30", date(2026, 10, 24)),
        (HELSINKI, 4, "2026-10-25 03:30 again", date(2026, 10, 24)),
    ],
)
def test_an_instant_belongs_to_the_branchs_own_day(zone: ZoneInfo, rollover: int, local: str, day: date) -> None:
    branch = Branch(time_zone=zone.key, rollover_hour=rollover)
    instant = datetime.fromisoformat(local.removesuffix(" again")).replace(tzinfo=zone, fold=local.endswith("again"))
    assert branch.business_day(instant.astimezone(UTC)) == day


@pytest.mark.parametrize("night", [datetime(2026, 3, 28, 20, tzinfo=UTC), datetime(2026, 10, 24, 20, tzinfo=UTC)])
@pytest.mark.parametrize("rollover", range(24))
def test_a_day_once_begun_does_not_end_again_while_the_clocks_change(night: datetime, rollover: int) -> None:
    branch = Branch(time_zone="Europe/Helsinki", rollover_hour=rollover)
    days = [branch.business_day(night + timedelta(minutes=minute)) for minute in range(0, 36 * 60, 10)]
    assert days == sorted(days)


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["Europe/Helsingfors", "+02:00", "", "../etc/passwd"])
def test_a_time_zone_that_is_none_is_refused(zone: str) -> None:
    with pytest.raises(ValidationError):
        Branch(slug="x", name="X", time_zone=zone).full_clean()
