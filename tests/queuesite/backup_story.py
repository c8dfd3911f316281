"""`python -m tests.queuesite.backup_story <before|after> <backup file>`.

A database of its own lives through a backup and a restore. Each says what a test wants to know as its last line, in
JSON.
"""

import json
import os
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "queuesite.settings")

import django
from django.conf import settings

if "sqlite" in settings.DATABASES["default"]["ENGINE"]:
    # Nobody pulls the plug in a test.
    settings.DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
django.setup()

from django.contrib.sessions.models import Session  # noqa: E402 - Django must be set up before models are imported
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from queues import actions, clock  # noqa: E402
from queues.models import Branch, BranchEvent, Service, Ticket, What  # noqa: E402
from tests.kit import factories  # noqa: E402
from tests.kit.crowds import all_at_once  # noqa: E402
from tests.kit.invariants import assert_sound  # noqa: E402

WRITERS = 2
ISSUED_BEFORE = 12


def before(file: Path) -> dict[str, Any]:
    """A morning, a backup while numbers are being given, and numbers that it doesn't know."""
    call_command("migrate", verbosity=0)
    service = factories.service(factories.branch(slug="town"), slug="passports", number_last=200)
    desk, clerk = factories.desk(service), factories.clerk(service.branch, username="maija")
    Client().force_login(clerk)
    issued = factories.waiting(ISSUED_BEFORE, service)
    actions.call_next(desk, by=clerk)
    working = [lambda: call_command("backup", str(file), stdout=StringIO())]
    all_at_once([*working, *[lambda: [factories.ticket(service) for _ in range(5)]] * WRITERS])
    lost = factories.waiting(20, service)
    return {"issued": [ticket.shown for ticket in issued], "lost": [ticket.shown for ticket in lost]}


def after(file: Path) -> dict[str, Any]:
    """The backup in a fresh database, an hour later, and the next numbers that it gives."""
    said = StringIO()
    with clock.standing_at(clock.now() + timedelta(minutes=4)):
        call_command("restore", str(file), stdout=said)
        service = Service.objects.get()
        known = set(Ticket.objects.values_list("shown", flat=True))
        given = [factories.ticket(service).shown for _ in range(3)]
        assert_sound(Branch.objects.get())
    tables = {table: _rows(table) for table in connection.introspection.table_names()}
    return {
        "said": said.getvalue(),
        "known": sorted(known),
        "given": given,
        "serials": list(Ticket.objects.order_by("serial").values_list("serial", flat=True)),
        "events": list(BranchEvent.objects.filter(what=What.RESTORED).values_list("words", flat=True)),
        "sessions": Session.objects.count(),
        "tables": tables,
    }


def _rows(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    story = {"before": before, "after": after}[sys.argv[1]]
    sys.stdout.write(f"{json.dumps(story(Path(sys.argv[2])))}\n")
