"""The server and what runs beside it, as child processes of one command."""

import errno
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

from queues.management.stopping import Stopping

STOP_TIMEOUT = 10
"""Seconds that a child may take to end before it is killed."""
OPTIONS = ("-v", "0", "-t", "60", "--websocket_connect_timeout", "60", "--no-server-name")
"""Quiet: refusals and errors go to stderr through Django's logging. A request may take a minute, and so may a socket's
handshake: when thousands reconnect at once, Daphne's own limit of five seconds would send those that have waited so
long to the end of the line, lose the work done for them, and so on for ever."""


def server_command(host: str, port: int) -> list[str]:
    return [sys.executable, "-m", "daphne", "-b", host, "-p", str(port), *OPTIONS, "queuesite.asgi:application"]


def manage_command(base: Path, *words: str) -> list[str]:
    return [sys.executable, str(base / "manage.py"), *words]


def port_trouble(host: str, port: int) -> str:
    """Why nothing can listen there, as one sentence; empty when it can."""
    try:
        family, _kind, _protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: not stopped by TIME_WAIT
            probe.bind(address)
    except socket.gaierror:
        return f"HOST {host} is no address of this machine."
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return f"Port {port} on {host} is in use."
        if error.errno == errno.EACCES:
            return f"Port {port} is for root only; take one from 1024 on."
        return f"HOST {host} is no address of this machine."
    return ""


def free_port_after(host: str, port: int) -> int:
    """A port to suggest instead of one that is in use."""
    return next((other for other in range(port + 1, port + 100) if not port_trouble(host, other)), port + 1)


class Children:
    """Processes that live and end together. None outlives the `with` block."""

    def __init__(self, commands: Mapping[str, list[str]]) -> None:
        self.commands = commands
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        for name, command in self.commands.items():
            # In a group of their own: Ctrl-C goes to the parent only, which ends them in order.
            self.running[name] = subprocess.Popen(command, process_group=0, env=os.environ)  # noqa: S603 - our own
        return self

    def __exit__(self, *_error: object) -> None:
        for child in self.running.values():
            child.terminate()
        deadline = time.monotonic() + STOP_TIMEOUT
        for child in self.running.values():
            try:
                child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def ended(self) -> str:
        """Which of them has ended by itself and how, as a sentence; empty while all live."""
        for name, child in self.running.items():
            code = child.poll()
            if code is not None:
                return f"The {name} ended by itself ({f'signal {-code}' if code < 0 else f'exit code {code}'})."
        return ""


def wait_until(ready: Callable[[], bool], children: Children, stopping: Stopping, *, limit: float) -> bool:
    """Ask until the server is ready. False when told to stop, when a child has ended, or after `limit` seconds."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline and not children.ended():
        if ready():
            return True
        if stopping.wait(0.05):
            return False
    return False
