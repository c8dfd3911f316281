"""What happens by the clock has this one owner."""

import logging
import time
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections, connections

from queues import actions
from queues.management.stopping import Stopping
from queues.models import Branch
from queues.queries import monitoring

logger = logging.getLogger(__name__)

HEARTBEAT_EVERY = 5.0
"""Seconds between two heartbeats."""
LEARN_EVERY = 600.0
"""Seconds between two looks at how long a branch's visits take."""
LEARN_AT_ONCE = 5
"""Branches a round, so that no round is long."""


class Command(BaseCommand):
    help = (
        "Does what happens by the clock: closes days, forgets ended sessions, ends holds, calls for idle desks "
        "that want it, applies rules, learns how long visits take. Runs beside the server."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--every", type=float, default=1.0, help="seconds between rounds")
        parser.add_argument("--once", action="store_true", help="one round, then end")

    def handle(self, *, every: float, once: bool, **_options: Any) -> None:
        clockwork = Clockwork()
        if once:
            clockwork.go_round()
            return
        stopping = Stopping()
        logger.info("The clockwork runs, every %g s.", every)
        while not stopping.asked:
            close_old_connections()
            clockwork.go_round()
            # A connection kept while idle would be the first thing that a restart of the database breaks.
            connections.close_all()
            stopping.wait(every)


def _look_at_the_clock() -> None:
    behind = monitoring.clock_is_behind()
    if behind > monitoring.CLOCK_MAY_DIFFER:
        raise ClockIsBehind(f"it is {behind.total_seconds():.0f} s behind the last move that was made.")


class ClockIsBehind(Exception):  # noqa: N818 - a sentence for the log
    pass


class Clockwork:
    """A round does everything that is due, in every branch, each part by itself: what fails is logged, once until it
    works again, and is due in the next round, too."""

    def __init__(self) -> None:
        self._failing: set[str] = set()
        self._learnt: dict[int, tuple[float, int]] = {}  # when, and at which revision
        self._heartbeat_at = -HEARTBEAT_EVERY

    def go_round(self) -> None:
        branches: list[Branch] = []
        self._do("reading the branches", lambda: branches.extend(Branch.objects.all()))
        for branch in branches:
            self._do(f"closing the day of {branch.slug}", partial(self._close_day, branch))
        self._do("leaving the desks of who lost the right", actions.vacate_desks)
        self._do("ending holds", actions.end_holds)
        self._do("calling for idle desks", actions.auto_call_idle_desks)
        self._do("applying rules", actions.apply_rules)
        for branch in self._to_learn(branches):
            self._do(f"learning the service times of {branch.slug}", partial(self._learn, branch))
        if time.monotonic() - self._heartbeat_at >= HEARTBEAT_EVERY:
            self._do("recording the heartbeat", self._record_heartbeat)
            self._do("trusting the clock", _look_at_the_clock)

    def _record_heartbeat(self) -> None:
        actions.record_heartbeat()
        self._heartbeat_at = time.monotonic()

    def _do(self, what: str, act: Callable[[], object]) -> None:
        try:
            act()
        except Exception as error:
            if what not in self._failing:
                trace = None if isinstance(error, DatabaseError) else error
                logger.warning("The clockwork goes on without %s: %s", what, error, exc_info=trace)
            self._failing.add(what)
        else:
            if what in self._failing:
                logger.info("%s works again.", what.capitalize())
            self._failing.discard(what)

    def _close_day(self, branch: Branch) -> None:
        before = branch.day
        expired = actions.close_day(branch)
        if branch.day != before:
            self._learnt.pop(branch.pk, None)
            call_command("clearsessions")
        if expired:
            logger.info("%s: the day has closed on %d tickets.", branch.slug, expired)

    def _to_learn(self, branches: list[Branch]) -> list[Branch]:
        """Those whose last look is long ago and in which something has happened since."""
        long_ago = time.monotonic() - LEARN_EVERY
        due = [
            branch
            for branch in branches
            if branch.pk not in self._learnt
            or (self._learnt[branch.pk][0] < long_ago and self._learnt[branch.pk][1] != branch.revision)
        ]
        return due[:LEARN_AT_ONCE]

    def _learn(self, branch: Branch) -> None:
        self._learnt[branch.pk] = (time.monotonic(), branch.revision)
        actions.learn_service_times(branch)
