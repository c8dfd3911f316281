"""`manage.py replay`: a real log through the system, live or as its past. docs/replay.md is the manual."""

import math
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from replay.audit import audit
from replay.history import History, refuse_what_is_there, refuse_wrong_dates
from replay.player import Player, clear_away
from replay.report import Bar, Tally
from replay.rows import CannotPlay, Malformed, Row, of_day, read
from replay.stage import Stage, made_by_replay, places_by_counter, places_side_by_side, set_stage

PATIENCE = 1000
"""Rows."""
TOLD = 3
"""Times that each fault of a row is told."""
INTERRUPTED = 130
"""The exit code that shells give to Ctrl-C."""


class Command(BaseCommand):
    help = "Play one day of a queue's log live in a branch, or the whole log as its past days."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("log", type=Path, help="CSV with arrival,called,finished,left,service,counter,outcome")
        parser.add_argument("--branch", required=True, help="address name of the branch; made if there is none")
        parser.add_argument("--date", help="the day of the log to play, YYYY-MM-DD")
        parser.add_argument("--speed", default="1", help='how many times as fast as life; "max" or 0: without waiting')
        parser.add_argument("--as-history", action="store_true", help="the whole log as past days, the last yesterday")
        parser.add_argument("--into-existing", action="store_true", help="also into a branch that no replay has made")

    def handle(self, *_args: Any, **options: Any) -> None:
        began = time.monotonic()
        tally = Tally()
        interrupted = False
        try:
            speed = _speed(options["speed"])
            rows = self._rows(options, tally)
            places = places_side_by_side(rows) if options["as_history"] else places_by_counter(rows)
            stage = set_stage(options["branch"], rows, places, into_existing=options["into_existing"])
            bar = Bar(self.stderr, sum(3 if row.served else 2 for row in rows))
            run: History | Player
            if options["as_history"]:
                refuse_what_is_there(stage.branch, rows)
                run = History(stage, rows, places, tally=tally, bar=bar)
            else:
                self._clear(stage)
                run = Player(stage, rows, places, tally=tally, bar=bar, speed=speed)
            try:
                with _no_query_log():
                    run.play()
            except KeyboardInterrupt:
                interrupted = True
            bar.close()
        except CannotPlay as refusal:
            raise CommandError(str(refusal)) from refusal
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        tally.duplicates, tally.gaps = audit(stage.branch, run.days)
        tally.seconds = round(time.monotonic() - began, 3)
        self.stdout.write(tally.as_json())
        if interrupted:
            self.stderr.write("Stopped before the end of the log.")
            sys.exit(INTERRUPTED)

    def _rows(self, options: dict[str, Any], tally: Tally) -> list[Row]:
        """The rows to play; says on stderr what is wrong with the others. Raises CannotPlay if none is left."""
        entries = _with_patience(read(options["log"], note=self.stderr.write))
        if options["as_history"]:
            chosen, which = list(entries), "at all"
        else:
            day = _day(options["date"])
            chosen, which = of_day(entries, day), f"of {day}"
        self._complain([entry for entry in chosen if isinstance(entry, Malformed)])
        rows = [entry for entry in chosen if isinstance(entry, Row)]
        if not rows:
            raise CannotPlay(f"{options['log']} has no row {which} that can be played.")
        if options["as_history"]:
            refuse_wrong_dates(rows)
        tally.rows, tally.malformed = len(chosen), len(chosen) - len(rows)
        return rows

    def _complain(self, malformed: list[Malformed]) -> None:
        """Each fault three times, then how often more."""
        told: Counter[str] = Counter()
        for entry in malformed:
            told[entry.kind] += 1
            if told[entry.kind] <= TOLD:
                self.stderr.write(f"line {entry.line}: {entry.why}")
        for kind, times in told.items():
            if times > TOLD:
                self.stderr.write(f"and {times - TOLD} more lines: {kind}")

    def _clear(self, stage: Stage) -> None:
        if made_by_replay(stage.branch) and (cleared := clear_away(stage)):
            self.stderr.write(f"Ended {cleared} tickets that were open in {stage.branch.slug}.")


def _with_patience(entries: Iterator[Row | Malformed]) -> Iterator[Row | Malformed]:
    """The same entries. Raises CannotPlay when all of the first PATIENCE have the same fault: it is the file's."""
    kinds: set[str] = set()
    for place, entry in enumerate(entries, 1):
        if place <= PATIENCE:
            kinds.add(entry.kind if isinstance(entry, Malformed) else "")
        if place == PATIENCE and len(kinds) == 1 and isinstance(entry, Malformed):
            found = f"{entry.kind}. Line {entry.line}: {entry.why}"
            raise CannotPlay(f"None of the first {PATIENCE} rows can be played: {found}")
        yield entry


@contextmanager
def _no_query_log() -> Iterator[None]:
    """In debug Django keeps the text of every query, for a third of the time; nobody reads it here."""
    before, settings.DEBUG = settings.DEBUG, False
    try:
        yield
    finally:
        settings.DEBUG = before


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError as error:
        raise CannotPlay("Say which day of the log: --date YYYY-MM-DD, or --as-history for all of it.") from error


def _speed(text: str) -> float | None:
    """How many seconds of the log pass in one of ours; None: without waiting. Raises CannotPlay."""
    try:
        speed = 0.0 if text == "max" else float(text)
    except ValueError:
        speed = -1.0
    if not (math.isfinite(speed) and speed >= 0):
        raise CannotPlay(f"--speed is a number such as 60, or max, not {text!r}.")
    return speed or None
