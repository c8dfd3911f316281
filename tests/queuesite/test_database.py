"""How the database is reached."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from queuesite.database import LOCKS, POOL_TIMEOUT, PREPARED, database

HERE = Path("/nowhere")


def test_what_an_address_says_of_the_connection_reaches_libpq() -> None:
    """TLS that was asked for is not silently left out, and a standby can be named."""
    asked = "sslmode=require&host=db1,db2&port=5432,5433&target_session_attrs=read-write&connect_timeout=7"
    found = database(f"postgresql://queuesite:secret@/queuesite?{asked}", var=HERE)
    assert (found["HOST"], found["PORT"], found["NAME"], found["USER"]) == ("", "", "queuesite", "queuesite")
    ours = ("pool", *PREPARED, *LOCKS)
    options = {name: str(value) for name, value in found["OPTIONS"].items() if name not in ours}
    assert "&".join(f"{name}={value}" for name, value in sorted(options.items())) == "&".join(sorted(asked.split("&")))


def test_an_old_sqlite_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 34, 1))
    monkeypatch.setattr("sqlite3.sqlite_version", "3.34.1")
    with pytest.raises(ImproperlyConfigured, match=r"3\.34\.1 is too old"):
        database(f"sqlite:///{tmp_path / 'x.sqlite3'}", var=tmp_path)


def test_statements_are_prepared() -> None:
    options = database("postgresql://queuesite@db/queuesite", var=HERE)["OPTIONS"]
    assert options["server_side_binding"] is True
    assert options["prepare_threshold"] > 0


def test_a_host_that_is_silent_is_given_up() -> None:
    assert database("postgresql://queuesite@db/queuesite", var=HERE)["OPTIONS"]["connect_timeout"] <= POOL_TIMEOUT


def test_a_pool_gives_up_a_vain_try_before_whoever_waits_for_it_does() -> None:
    """Else the next try is as far away as the last one was long, however many ask meanwhile."""
    pool = database("postgresql://queuesite@db/queuesite", var=HERE)["OPTIONS"]["pool"]
    assert pool["reconnect_timeout"] < pool["timeout"]


def test_whoever_waits_for_a_lock_gives_up_unless_the_address_says_otherwise() -> None:
    address = "postgresql://queuesite@db/queuesite"
    assert database(address, var=HERE)["OPTIONS"]["options"] == "-c lock_timeout=8s"
    assert database(f"{address}?options=-c%20lock_timeout%3D0", var=HERE)["OPTIONS"]["options"] == "-c lock_timeout=0"
