"""What the figures were measured on and with."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.db import connection

PACKAGES = ("Django", "channels", "channels-redis", "daphne", "autobahn", "Twisted", "redis", "psycopg", "websockets")


def described() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        postgres = cursor.fetchone()[0]
    return {
        "machine": {"cpu": _cpu(), "cores": os.cpu_count(), "load": os.getloadavg(), "system": platform.platform()},
        "versions": {
            "python": platform.python_version(),
            "postgresql": postgres,
            "redis-server": _first_line("redis-server", "--version"),
            **{name: version(name) for name in PACKAGES},
        },
        "commit": _first_line("git", "rev-parse", "--short", "HEAD"),
    }


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _first_line(*command: str) -> str:
    told = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - two commands of our own
    return told.stdout.partition("\n")[0]
