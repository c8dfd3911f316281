"""Asks whether a process of ours lives: `python -m queuesite.health` a server, `… worker` the clockwork."""

import http.client
import os
import sys
from urllib.parse import urlsplit

LATE = 30.0
"""Seconds without a heartbeat after which the clockwork is taken for dead; it has one every five."""


def reachable_host(host: str) -> str:
    """The address under which this machine reaches a server that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - compared, not bound


def answers(host: str, port: int, *, public_url: str) -> bool:
    """Whether /healthz says 200 within two seconds. Asked by the public name, the only one a server lets in."""
    connection = http.client.HTTPConnection(reachable_host(host), port, timeout=2)
    try:
        connection.request("GET", "/healthz", headers={"Host": urlsplit(public_url).netloc})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def clockwork_lives() -> bool:
    """Whether the clockwork has gone round within LATE seconds. It may run on another machine: it writes a row."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "queuesite.settings")
    import django  # noqa: PLC0415 - a server's check must be quick and does without

    django.setup()
    from queues import clock  # noqa: PLC0415 - models exist only now
    from queues.queries import monitoring  # noqa: PLC0415 - models exist only now

    last = monitoring.last_round()
    return last is not None and (clock.now() - last).total_seconds() < LATE


if __name__ == "__main__":
    if sys.argv[1:] == ["worker"]:
        sys.exit(not clockwork_lives())
    port = int(os.environ.get("PORT") or 8000)
    sys.exit(not answers(os.environ.get("HOST", ""), port, public_url=os.environ.get("PUBLIC_URL", "")))
