"""The two commands of README, and the Dockerfile's steps, on a bare Debian in a folder. Needs root and debootstrap.

    python -m tools.bare_debian bookworm run             make run until it is up, pages fetched, then Ctrl-C
    python -m tools.bare_debian trixie sh "make test"    any command in a fresh clone
    python -m tools.bare_debian trixie image             the Dockerfile with Debian's own Python, up to its health check

debootstrap installs each Debian once, with what README asks of a machine. A trial takes a fresh copy of it with a clone
of this repository's HEAD, and leaves the copy for a look until the next trial. It shares this machine's network and
nothing else, and its processes end with it.
"""
# ruff: noqa: S310 - the addresses are those of the trial's own server

import argparse
import os
import re
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.kit.servers import HERE, free_port, throwaway_postgres, throwaway_redis
from tests.kit.waiting import eventually
from tools.debian_root import Root, fresh_copy, installed
from tools.dockerfile import build

BASE = Path(__file__).resolve().parent.parent
CLONE = "/queuesite"
START_LIMIT = 60
"""Seconds until the image's server and clockwork are healthy."""
HOST = "queue.example.fi"


def main(arguments: Sequence[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit("Stopped."))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", choices=("bookworm", "trixie"))
    parser.add_argument("trial", choices=("run", "sh", "image"))
    parser.add_argument("command", nargs="?", default="make test", help="for sh")
    parser.add_argument("--mirror", help="of Debian; else the one that this machine's apt uses")
    options = parser.parse_args(arguments)
    debian = installed(options.suite, options.mirror)
    began = time.monotonic()
    code = 0
    if options.trial == "run":
        try_run(with_clone(fresh_copy(debian, "trial")))
    elif options.trial == "image":
        try_image(debian)
    else:
        code = with_clone(fresh_copy(debian, "trial")).call(options.command)
    say(f"{options.suite}, {options.trial}: exit code {code} after {time.monotonic() - began:.0f} s")
    return code


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def with_clone(root: Root) -> Root:
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", BASE, root.outside(CLONE)], check=True)
    root.directory = CLONE
    return root


def fetch(address: str, headers: Mapping[str, str] | None = None) -> None:
    """Raises URLError when the answer isn't 200."""
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers or {}), timeout=10) as answer:
        say(f"{address}: {answer.status}, {len(answer.read())} bytes")


def try_run(root: Root) -> None:
    """Raises SystemExit when it ends by itself, URLError when a page isn't there."""
    port = free_port()
    root.variables["PORT"] = str(port)
    with root.running("make run", stdout=subprocess.PIPE) as process:
        pages = re.findall(r"http://\S+/kiosk/\S+", until_up(process))
        for address in (f"http://{HERE}:{port}/healthz", *pages):
            fetch(address)
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=20)


def until_up(process: subprocess.Popen[str]) -> str:
    """What it prints until its welcome has been read."""
    printed = ""
    for line in process.stdout or ():
        sys.stdout.write(line)
        printed += line
        if line.startswith("Sign in as"):
            return printed
    raise SystemExit("make run ended before it was up.")


def try_image(debian: Path) -> None:
    """Build it, then start it as docker-compose.yml does, on a PostgreSQL and a Redis of this machine."""
    image = build(BASE, debian)
    port = free_port()
    with throwaway_postgres() as database_url, throwaway_redis() as redis:
        image.root.variables |= {
            "PUBLIC_URL": f"https://{HOST}",
            "TRUSTED_PROXIES": HERE,
            "SECRET_KEY": secrets.token_urlsafe(50),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis.url,
            "HOST": HERE,
            "PORT": str(port),
            "ADMIN_PASSWORD": secrets.token_urlsafe(),
        }
        image.root.run("python manage.py migrate --noinput --verbosity 0")
        image.root.run("python manage.py setup --slug keskus --name-fi Keskus --admin anna")
        with image.root.running(image.command), image.root.running("python manage.py clockwork"):
            for words in ([], ["worker"]):
                healthy = passes(image.root, [*image.health, *words])
                eventually(healthy, what=f"{image.health} {words} passes", within=START_LIMIT)
                say(f"The health check {' '.join([*image.health, *words])} passes.")
            for page in ("readyz", "kiosk/keskus/"):
                fetch(f"http://{HERE}:{port}/{page}", {"Host": HOST, "X-Forwarded-Proto": "https"})
        image.root.run('python manage.py backup "$(mktemp -d)"')


def passes(root: Root, command: Sequence[str]) -> Callable[[], bool]:
    return lambda: root.call(command) == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
