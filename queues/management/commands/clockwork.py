"""What happens by the clock has this one owner."""

import logging
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections, connections

from queues import actions
from queues.models import Branch
from queues.stopping import Stopping

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Does what happens by the clock: closes the business day of each branch. Runs beside the server."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--every", type=float, default=5.0, help="seconds between rounds")
        parser.add_argument("--once", action="store_true", help="one round, then end")

    def handle(self, *, every: float, once: bool, **_options: Any) -> None:
        if once:
            go_round()
            return
        stopping = Stopping()
        self.stdout.write(f"The clockwork runs, every {every:g} s.")
        self.stdout.flush()
        while not stopping.asked:
            tolerant_round()
            stopping.wait(every)


def go_round() -> None:
    """Everything that is due now, in every branch. Raises DatabaseError."""
    for branch in Branch.objects.all():
        expired = actions.close_day(branch)
        if expired:
            logger.info("%s: the day has closed on %d tickets.", branch.slug, expired)


def tolerant_round() -> None:
    """One round that outlives a database that is away: what is due then is due in the next round, too."""
    try:
        close_old_connections()
        go_round()
    except DatabaseError as error:
        logger.warning("The clockwork goes on, but the database did not answer: %s", error)
    finally:
        # A connection kept while idle would be the first thing that a restart of the database breaks.
        connections.close_all()
