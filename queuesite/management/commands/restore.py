"""Back to what a backup holds, with the numbers moved on."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from queues import actions
from queues.models import Branch, Ticket
from queues.states import OPEN
from queuesite.backup.archive import BackupTrouble, Manifest, opened
from queuesite.backup.databases import count_rows, vault
from queuesite.lock import server_runs

MADE_BY_MIGRATING = ("django_migrations", "django_content_type", "auth_permission", "sqlite_sequence")
"""Tables with rows in a database that nobody has used yet."""


class Command(BaseCommand):
    help = "Fills the database from a file that `backup` wrote. Stop the servers and the worker first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="even if the database has rows, which are lost")

    def handle(self, *, file: Path, replace: bool, **_options: Any) -> None:
        try:
            with opened(file) as (manifest, dump):
                fill(manifest, dump, replace=replace)
        except BackupTrouble as trouble:
            raise CommandError(str(trouble)) from trouble
        call_command("migrate", verbosity=0, interactive=False)
        # Whoever has signed out since would be signed in again.
        Session.objects.all().delete()
        self.stdout.write(f"Restored what was true at {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC.")
        for branch in Branch.objects.all():
            self.move_numbers_on(branch, manifest)
        still_open = Ticket.objects.filter(state__in=OPEN).count()
        self.stdout.write(
            f"{still_open} tickets are open as they were then: in the hall, end those that have been served since. "
            "Visitors who came since ask for a new number.\n"
            "Everybody signs in anew. Accounts, services and desks are as they were then."
        )

    def move_numbers_on(self, branch: Branch, manifest: Manifest) -> None:
        jumps = actions.pass_over_given(branch, backed_up_at=manifest.made_at)
        goes_on = ", ".join(f"{jump.service.slug} at {jump.number}" for jump in jumps) or "no services"
        self.stdout.write(f"{branch.slug}: numbers that may have been given since are passed over; {goes_on}.")
        for jump in jumps:
            if jump.may_repeat:
                self.stdout.write(
                    f"  {jump.service.slug}: every number of its range may be with somebody in the building. "
                    "Wait until they have gone before numbers are given."
                )


def fill(manifest: Manifest, dump: Path, *, replace: bool) -> None:
    """Check everything, then put the dump into the database. Raises BackupTrouble before anything has changed."""
    here = vault()
    if manifest.database != connection.vendor:
        raise BackupTrouble(f"It was made of {manifest.database}; these settings name {connection.vendor}.")
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if unknown := sorted(set(manifest.migrations) - known):
        raise BackupTrouble(f"It was made by a newer version: {unknown[0]} is unknown here. Upgrade first.")
    here.check(dump, manifest.rows)
    if server_runs(settings.VAR_DIR / "server.lock"):
        raise BackupTrouble("A server runs on this database. Stop it first.")
    with here.alone():
        used = [table for table in connection.introspection.table_names() if table not in MADE_BY_MIGRATING]
        rows = sum(map(count_rows, used))
        if rows and not replace:
            raise BackupTrouble(
                f"The database has {rows} rows. --replace puts the backup in their place; they are lost."
            )
        here.fill(dump)
