"""Times from PostgreSQL: read quickly, and as Django reads them. So, too, on the plain way, which is Django's own."""

from datetime import UTC

import pytest
from django.db import DataError, connection
from django.db.backends.postgresql.psycopg_any import BaseTzLoader
from psycopg.pq import Format

from queuesite.fast_paths import taken
from queuesite.psycopg_times import TIMESTAMPTZ, TimeLoader

pytestmark = [pytest.mark.django_db, pytest.mark.networked]


def test_every_connection_reads_times_so() -> None:
    connection.ensure_connection()
    with connection.cursor() as cursor:
        readers = [one.adapters.get_loader(TIMESTAMPTZ, Format.TEXT) for one in (connection.connection, cursor.cursor)]
    assert [reader is TimeLoader for reader in readers] == [taken["timestamps"]] * 2


class DjangosOwn(BaseTzLoader):  # type: ignore[misc]  # as in queuesite/psycopg_times.py
    timezone = UTC


@pytest.mark.parametrize("zone", ["UTC", "Europe/Helsinki", "Asia/Kolkata"])
@pytest.mark.parametrize(
    "instant",
    [
        "2026-03-02 10:00:00+00",
        "2026-03-02 10:00:00.5+00",
        "2026-03-02 10:00:00.123456+00",
        "2026-03-29 01:30:00+00",
        "0001-01-02 00:00:00+00",
        "9999-12-30 23:59:59.999999+00",
        "1900-01-01 00:00:00+00",
    ],
)
def test_a_time_is_the_one_that_django_reads(instant: str, zone: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('TimeZone', %s, true)", [zone])
        cursor.execute("SELECT %s::timestamptz", [instant])
        (quickly,) = cursor.fetchone()
        cursor.cursor.adapters.register_loader("timestamptz", DjangosOwn)
        cursor.execute("SELECT %s::timestamptz", [instant])
        (slowly,) = cursor.fetchone()
    assert (quickly, quickly.tzinfo) == (slowly, slowly.tzinfo)


@pytest.mark.parametrize("instant", ["infinity", "0044-03-15 12:00:00+00 BC"])
def test_what_is_no_date_of_pythons_is_an_error_as_before(instant: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [instant])
        with pytest.raises(DataError):
            cursor.fetchone()
