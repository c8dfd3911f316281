"""What `make run` starts: everything that one machine needs, in one command."""

import logging
import os
import signal
from argparse import ArgumentParser
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from demo import sample_branch
from queues.management.stopping import Stopping
from queues.models import Branch
from queuesite import settings_file
from queuesite.health import answers
from queuesite.lock import server_runs
from queuesite.serving import (
    Children,
    free_port_after,
    manage_command,
    port_trouble,
    server_command,
    wait_until,
)
from queuesite.translations import compile_catalogs

logger = logging.getLogger(__name__)

LOOPBACK = ("localhost", "127.", "[::1]")
START_LIMIT = 60
"""Seconds after which a server that doesn't answer is given up."""


class Command(BaseCommand):
    help = "Prepares the database, starts the server and the clockwork, and ends both on Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--with-life", action="store_true", help="visitors and desks of the demo go on by themselves"
        )
        parser.add_argument("--speed", type=float, default=20.0, help="how many times faster than life the demo goes")

    def handle(self, *, with_life: bool, speed: float, **_options: Any) -> None:
        environment = settings.ENVIRONMENT
        if with_life and not settings.DEBUG:
            raise CommandError("The demo runs only with DEBUG=true.")
        stopping = Stopping(wake_on=[signal.SIGCHLD])
        refuse_second_server(environment.host, environment.port)
        prepare()
        commands = {
            "server": server_command(environment.host, environment.port),
            "clockwork": manage_command(settings.BASE_DIR, "clockwork"),
        }
        if with_life:
            commands["simulation"] = manage_command(
                settings.BASE_DIR, "simulate", "--branch", sample_branch.SLUG, "--speed", str(speed)
            )
        if stopping.asked:
            return
        with Children(commands) as children:
            self.watch(children, stopping)

    def watch(self, children: Children, stopping: Stopping) -> None:
        """Say where everything is once it answers, then stay until told to stop or until a child ends by itself."""
        environment = settings.ENVIRONMENT
        ready = partial(answers, environment.host, environment.port, public_url=settings.PUBLIC_URL)
        if wait_until(ready, children, stopping, limit=START_LIMIT):
            self.welcome()
        elif not stopping.asked:
            raise CommandError(children.ended() or f"The server did not answer within {START_LIMIT} seconds.")
        while not stopping.asked:
            if ended := children.ended():
                raise CommandError(f"{ended} Everything else was ended with it.")
            stopping.wait(60)

    def welcome(self) -> None:
        """In production as a line of the log, which other lines follow."""
        if settings.DEBUG:
            self.stdout.write(welcome())
            self.stdout.flush()
        else:
            logger.info("Queuesite is up: %s/", settings.PUBLIC_URL)


def refuse_second_server(host: str, port: int) -> None:
    """One line now instead of a failure later. Raises CommandError."""
    trouble = port_trouble(host, port)
    embedded = not settings.ENVIRONMENT.redis_url
    if embedded and server_runs(settings.VAR_DIR / "server.lock"):
        raise CommandError(f"{trouble} Another queuesite server already runs here. Stop it first.".strip())
    if trouble.endswith("in use."):
        raise CommandError(f"{trouble} Take another one: PORT={free_port_after(host, port)} make run")
    if trouble:
        raise CommandError(trouble)


def prepare() -> None:
    """What the server needs before it starts; all of it quick when it was done before. Raises CommandError."""
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    if settings.DEBUG and not os.environ.get(settings_file.NAMED_BY):
        settings_file.write(settings.VAR_DIR / settings_file.BESIDE_THE_DATA, os.environ)
    compile_catalogs(settings.BASE_DIR)
    try:
        call_command("migrate", verbosity=0, interactive=False)
        if settings.DEBUG:
            call_command("load_demo")
        else:
            call_command("collectstatic", verbosity=0, interactive=False)
    except DatabaseError as error:
        raise CommandError(f"The database can't be used: {error}".strip()) from error


def welcome() -> str:
    """Of the demo: the address of every surface, who may sign in, and what a phone needs."""
    site = settings.PUBLIC_URL
    lines = ["", f"Queuesite is up: {site}/", ""]
    for branch in Branch.objects.all():
        lines += [
            f"  {branch.name}",
            f"    Kiosk    {site}/kiosk/{branch.slug}/",
            f"    Display  {site}/display/{branch.slug}/",
            f"    Hall     {site}/hall/{branch.slug}/",
        ]
    lines += [f"  Desks      {site}/desk/", f"  Set-up     {site}/admin/", ""]
    names = ", ".join(user.name for user in sample_branch.USERS)
    lines.append(f"Sign in as {names}; the password is {sample_branch.PASSWORD}.")
    if (urlsplit(site).netloc or "").startswith(LOOPBACK):
        port = settings.ENVIRONMENT.port
        lines.append(f"For phones: HOST=0.0.0.0 PUBLIC_URL=http://<this machine>:{port} make run")
    return "\n".join([*lines, "Ctrl-C ends it.", ""])
