"""A backup while the system is used, and what a restore does and refuses."""

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from psycopg.sql import SQL, Identifier

from queues import clock
from queuesite.backup.archive import MANIFEST, BackupTrouble, Manifest, opened, write
from queuesite.backup.databases import vault
from queuesite.management.commands import restore
from tests.kit import factories
from tests.kit.commands import run
from tests.queuesite.backup_story import ISSUED_BEFORE

MINUTE = timedelta(minutes=1)


@contextmanager
def fresh_database(folder: Path, name: str) -> Iterator[dict[str, str]]:
    """The environment of a system with an empty database of this stack's kind."""
    folder = folder / name
    environment = {"DEBUG": "1", "VAR_DIR": str(folder), "REDIS_URL": "", "HYPOTHESIS_STORAGE_DIRECTORY": ""}
    if connection.vendor == "sqlite":
        yield environment
        return
    server = {key.lower(): connection.settings_dict[key] for key in ("HOST", "PORT", "USER")}
    with psycopg.connect(**server, dbname="postgres", autocommit=True) as postgres:
        postgres.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        try:
            yield {**environment, "DATABASE_URL": "postgres://{user}@{host}:{port}/".format(**server) + name}
        finally:
            postgres.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def told(part: str, file: Path, environment: dict[str, str]) -> dict[str, Any]:
    done = run("-m", "tests.queuesite.backup_story", part, str(file), **environment)
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


@pytest.mark.django_db
def test_what_a_backup_holds_comes_back_and_no_number_is_given_twice(tmp_path: Path) -> None:
    file = tmp_path / "night.backup"
    with fresh_database(tmp_path, "before") as environment:
        before = told("before", file, environment)
    with opened(file) as (manifest, _dump):
        rows = manifest.rows
    with fresh_database(tmp_path, "after") as environment:
        after = told("after", file, environment)

    assert file.stat().st_mode & 0o077 == 0
    assert set(before["issued"]) <= set(after["known"])
    assert not set(after["given"]) & {*before["lost"], *after["known"]}
    assert after["serials"] == list(range(1, len(after["serials"]) + 1))
    assert after["events"] == [after["given"][0]]
    assert f"passports at {after['given'][0]}" in after["said"]
    assert "Everybody signs in anew." in after["said"]
    assert (rows["django_session"], after["sessions"]) == (1, 0)
    # The tickets were counted in the same instant as they were dumped, while others were being given.
    assert ISSUED_BEFORE <= rows["queues_ticket"] == len(after["known"])
    same = ("accounts_user", "queues_membership", "django_migrations", "queues_desk")
    assert [after["tables"][table] for table in same] == [rows[table] for table in same]


# What a restore refuses: before anything is touched


def made(**changes: Any) -> Manifest:
    known = {"made_at": clock.now(), "build": "0", "database": connection.vendor, "migrations": (), "rows": {}}
    return Manifest(**{**known, **changes})


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "dump"
    vault().dump(path, [])
    return path


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"database": "oracle"}, "It was made of oracle; these settings name "),
        ({"migrations": ("queues.0999_later",)}, "It was made by a newer version: queues.0999_later is unknown here."),
        ({"rows": {"queues_parrot": 3}}, "The database in it "),
    ],
)
def test_a_foreign_backup_is_refused(tmp_path: Path, dump: Path, changes: dict[str, Any], sentence: str) -> None:
    branch = factories.branch()
    write(tmp_path / "file", made(**changes), dump)
    with pytest.raises(CommandError) as refused:
        call_command("restore", str(tmp_path / "file"), "--replace")
    assert str(refused.value).startswith(sentence)
    branch.refresh_from_db()


@pytest.mark.django_db(transaction=True)
def test_a_database_in_use_is_not_replaced_unasked(tmp_path: Path, dump: Path) -> None:
    factories.branch()
    write(tmp_path / "file", made(), dump)
    with pytest.raises(CommandError, match=r"The database has \d+ rows\. --replace"):
        call_command("restore", str(tmp_path / "file"))


@pytest.mark.django_db(transaction=True)
def test_a_running_server_is_not_robbed(dump: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restore, "server_runs", lambda _path: True)
    with pytest.raises(BackupTrouble, match="A server runs on this database"):
        restore.fill(made(), dump, replace=True)


@pytest.mark.django_db(transaction=True)
def test_a_database_between_two_versions_is_not_backed_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_targets: ["the next one"])
    with pytest.raises(CommandError, match="isn't up to date"):
        call_command("backup", str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_backup_is_refused(tmp_path: Path) -> None:
    zipped, text, missing = tmp_path / "zip", tmp_path / "text", tmp_path / "missing"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("holiday.txt", "sun")
    text.write_text("sun")
    for path in (zipped, text, missing):
        with pytest.raises(CommandError, match=f"^{path} (is no backup of this system|can't be read)"):
            call_command("restore", str(path))


def test_a_damaged_backup_is_refused(tmp_path: Path) -> None:
    file, dump = tmp_path / "file", tmp_path / "dump"
    dump.write_bytes(b"truth " * 999)
    write(file, Manifest(clock.now(), "0", "sqlite", (), {}), dump)
    whole = file.read_bytes()
    for damage in (whole[: len(whole) // 2], whole.replace(whole[-400:-390], bytes(10)), b""):
        file.write_bytes(damage)
        with pytest.raises(CommandError, match=r"damaged|can't be read"):
            call_command("restore", str(file))


@pytest.mark.parametrize(
    ("place", "value"), [(8, 1), (10, 12), (10, 14), (10, 99)], ids=["encrypted", "bzip2", "lzma", "unknown method"]
)
def test_a_damaged_byte_of_the_archives_directory_is_no_traceback(tmp_path: Path, place: int, value: int) -> None:
    file, dump = tmp_path / "file", tmp_path / "dump"
    dump.write_bytes(b"truth " * 999)
    write(file, Manifest(clock.now(), "0", "sqlite", (), {}), dump)
    damaged = bytearray(file.read_bytes())
    damaged[damaged.rindex(b"PK\x01\x02") + place] = value
    file.write_bytes(damaged)
    with pytest.raises(CommandError, match=r"damaged|can't be read: Invalid data stream"):
        call_command("restore", str(file))


@pytest.mark.parametrize("said", ["[]", "{", '{"kind": "queuesite backup 2"}', '{"kind": "queuesite backup 1"}'])
def test_a_manifest_of_another_kind_is_refused(tmp_path: Path, said: str) -> None:
    with zipfile.ZipFile(tmp_path / "file", "w") as archive:
        archive.writestr(MANIFEST, said)
        archive.writestr("database", "")
    with pytest.raises(CommandError, match=r"^Its manifest can't be read|this version reads"):
        call_command("restore", str(tmp_path / "file"))


def test_a_backup_writes_over_nothing_and_leaves_no_half_of_itself(tmp_path: Path) -> None:
    file, dump = tmp_path / "file", tmp_path / "dump"
    file.write_text("yesterday's")
    dump.write_text("today's")
    for path in (file, tmp_path / "nowhere" / "file"):
        with pytest.raises(BackupTrouble):
            write(path, made(), dump)
    assert file.read_text() == "yesterday's"
    assert sorted(tmp_path.iterdir()) == [dump, file]
