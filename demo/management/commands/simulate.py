"""Lets a branch live by itself, for a look at the screens."""

import time
from argparse import ArgumentParser
from random import Random
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from demo import sample_branch
from queues.management.stopping import Stopping
from queues.models import Branch
from simulation.simulation import Simulation


class Command(BaseCommand):
    help = "Visitors come and desks serve by themselves, sped up, until it is stopped. Only in debug."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--branch", default=sample_branch.SLUG, help="the branch's slug")
        parser.add_argument("--speed", type=float, default=20.0, help="how many times faster than life")
        parser.add_argument("--seed", type=int, default=None, help="the same visitors every time")
        parser.add_argument("--seconds", type=float, default=None, help="end after so long")

    def handle(self, *, branch: str, speed: float, seed: int | None, seconds: float | None, **_options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The simulation runs only with DEBUG=true: it makes visitors up.")
        if speed <= 0:
            raise CommandError("--speed must be above 0.")
        row = Branch.objects.filter(slug=branch).first()
        if row is None:
            raise CommandError(f"There is no branch {branch}.")
        stopping = Stopping()
        begun = time.monotonic()
        random = Random(seed)  # noqa: S311 - chance for a demo, no secret
        simulation = Simulation(row, speed=speed, random=random, now=begun)
        while not stopping.asked and (seconds is None or time.monotonic() < begun + seconds):
            due = simulation.advance(time.monotonic())
            stopping.wait(due - time.monotonic())
