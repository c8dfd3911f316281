"""Asks a server of ours whether it lives. `python -m queuesite.health` is the container's health check."""

import http.client
import os
import sys
from urllib.parse import urlsplit


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


if __name__ == "__main__":
    port = int(os.environ.get("PORT") or 8000)
    sys.exit(not answers(os.environ.get("HOST", ""), port, public_url=os.environ.get("PUBLIC_URL", "")))
