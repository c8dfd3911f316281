"""Everything in one file, while the system runs."""

import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from queues import clock
from queuesite import schema
from queuesite.backup.archive import BackupTrouble, Manifest, write
from queuesite.backup.databases import vault


class Command(BaseCommand):
    help = "Writes the whole database to one file, as it is in one instant. Nothing need be stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("to", type=Path, help="a new file, or a folder in which one named by the time is made")

    def handle(self, *, to: Path, **_options: Any) -> None:
        try:
            path = to / f"queuesite-{clock.now():%Y%m%dT%H%M%SZ}.backup" if to.is_dir() else to
            manifest = back_up(path)
        except BackupTrouble as trouble:
            raise CommandError(str(trouble)) from trouble
        rows = sum(manifest.rows.values())
        self.stdout.write(f"Wrote {path}: {rows} rows as of {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC.")
        self.stdout.write("What visitors have said and people sign in with is in it. Keep it, and SECRET_KEY, safe.")


def refuse_while_migrating() -> None:
    """Raises BackupTrouble while the database is between two versions: what was dumped then fits neither."""
    if not schema.is_current():
        raise BackupTrouble("The database isn't up to date, or is just being brought there: manage.py migrate first.")


def back_up(path: Path) -> Manifest:
    """Raises BackupTrouble, and then leaves nothing behind."""
    here = vault()
    refuse_while_migrating()
    made_at = clock.now()  # before the dump's instant: a number given in between counts as given since
    with tempfile.TemporaryDirectory(prefix="queuesite-") as folder:
        dump = Path(folder) / "dump"
        migrations = sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())
        rows = here.dump(dump, connection.introspection.table_names())
        manifest = Manifest(
            made_at=made_at, build=settings.BUILD, database=connection.vendor, migrations=tuple(migrations), rows=rows
        )
        write(path, manifest, dump)
    return manifest
