"""How each database is dumped while it is in use, and filled again."""

import os
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Protocol

import psycopg
from django.db import DatabaseError, connection, transaction

from queuesite.backup.archive import BackupTrouble
from queuesite.lock import alone_with

Count = Callable[[str], int]
MISSING = "{program} is missing. Install PostgreSQL's client programs (Debian: postgresql-client)."
OTHERS = (
    "SELECT coalesce(host(client_addr), 'this machine') FROM pg_stat_activity WHERE datname = current_database()"
    " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
)
CLOSING_TIMEOUT = 3.0
"""Seconds until connections that were just closed must be gone."""


class Vault(Protocol):
    def dump(self, to: Path, tables: list[str]) -> dict[str, int]:
        """Write the database as it is in one instant, while others write. Returns the rows of each table then."""
        ...

    def alone(self) -> AbstractContextManager[None]:
        """Nobody else is to have the database open meanwhile. Raises BackupTrouble when another program has."""
        ...

    def check(self, dump: Path, rows: Mapping[str, int]) -> None:
        """Raises BackupTrouble for a dump that is damaged or isn't what its manifest says."""
        ...

    def fill(self, dump: Path) -> None:
        """Put the dump in the place of everything that is there: all of it or nothing. Raises BackupTrouble."""
        ...


class SQLiteVault:
    """With SQLite's own online backup, which copies pages, and the write-ahead log's too. Others may have it open."""

    def dump(self, to: Path, tables: list[str]) -> dict[str, int]:
        with closing(sqlite3.connect(to)) as copy:
            connection.ensure_connection()
            connection.connection.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file
            return _rows_of(copy, tables)

    @contextmanager
    def alone(self) -> Iterator[None]:
        connection.ensure_connection()
        with alone_with(str(connection.settings_dict["NAME"])) as is_alone:
            if not is_alone:
                raise BackupTrouble("Another program uses the database, such as a server or the clockwork. Stop it.")
            yield

    def check(self, dump: Path, rows: Mapping[str, int]) -> None:
        try:
            with closing(sqlite3.connect(dump)) as copy:
                found = copy.execute("PRAGMA integrity_check").fetchone()[0]
                if found == "ok" and _rows_of(copy, list(rows)) == dict(rows):
                    return
        except sqlite3.Error as error:
            raise BackupTrouble(f"The database in it is damaged: {error}.") from error
        raise BackupTrouble("The database in it is damaged, or not the one that its manifest names.")

    def fill(self, dump: Path) -> None:
        connection.close()
        with closing(sqlite3.connect(dump)) as copy:
            connection.ensure_connection()
            try:
                copy.backup(connection.connection)
            except sqlite3.Error as error:
                raise BackupTrouble(f"The database can't be written: {error}.") from error
        connection.close()  # and with it what Django knew of the one before


def _rows_of(copy: sqlite3.Connection, tables: list[str]) -> dict[str, int]:
    names = {table: connection.ops.quote_name(table) for table in tables}
    return {table: copy.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for table, name in names.items()}  # noqa: S608 - quoted


class PostgreSQLVault:
    """With PostgreSQL's own programs, which must not be older than the server."""

    def dump(self, to: Path, tables: list[str]) -> dict[str, int]:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            snapshot = cursor.fetchone()[0]
            self._run("pg_dump", "-Fc", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", "-f", str(to))
            return {table: count_rows(table) for table in tables}

    @contextmanager
    def alone(self) -> Iterator[None]:
        self._let_go()
        until = time.monotonic() + CLOSING_TIMEOUT
        with psycopg.connect(**connection.get_connection_params()) as alone:
            while others := alone.execute(OTHERS).fetchone():
                if time.monotonic() > until:
                    raise BackupTrouble(f"Another program uses the database, from {others[0]}. Stop it first.")
                alone.rollback()  # within a transaction the answer stays the same
                time.sleep(0.05)
        yield

    def _let_go(self) -> None:
        """Close this process's own connections, and those that the pool holds in reserve."""
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's connections have one

    def check(self, dump: Path, rows: Mapping[str, int]) -> None:
        listed = self._run("pg_restore", "--list", str(dump), connects=False).decode()
        if missing := [table for table in rows if f" TABLE DATA public {table} " not in listed]:
            raise BackupTrouble(f"The database in it is not the one that its manifest names: no {missing[0]}.")

    def fill(self, dump: Path) -> None:
        """One transaction of psql's, which first drops every table: pg_restore's own --clean would leave those that a
        newer version has made."""
        tables = connection.introspection.table_names()
        names = ", ".join(connection.ops.quote_name(table) for table in tables)
        script = dump.with_suffix(".sql")
        self._run("pg_restore", "--no-owner", "--no-privileges", "-f", str(script), str(dump), connects=False)
        self._let_go()
        drop = ["-c", f"DROP TABLE {names} CASCADE"] if tables else []
        quiet = ["-q", "-o", os.devnull, "-v", "ON_ERROR_STOP=1", "--no-psqlrc"]
        self._run("psql", *quiet, "--single-transaction", *drop, "-f", str(script))

    def _run(self, program: str, *words: str, connects: bool = True) -> bytes:
        secrets: Mapping[str, str] | None = None
        command = [program, *words]
        if connects:
            (_psql, *rest), secrets = connection.client.settings_to_cmd_args_env(connection.settings_dict, list(words))
            command = [program, *rest]
        try:
            done = subprocess.run(command, env={**os.environ, **(secrets or {})}, capture_output=True, check=False)  # noqa: S603 - written here
        except FileNotFoundError as error:
            raise BackupTrouble(MISSING.format(program=program)) from error
        if done.returncode:
            raise BackupTrouble(f"{program} failed: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout


def count_rows(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608 - quoted
        return int(cursor.fetchone()[0])


def vault() -> Vault:
    """For the database of these settings. Raises BackupTrouble when it doesn't answer."""
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        raise BackupTrouble(f"The database can't be used: {error}".strip()) from error
    return SQLiteVault() if connection.vendor == "sqlite" else PostgreSQLVault()
