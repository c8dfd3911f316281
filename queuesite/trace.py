"""One request as the log and the metrics know it: never by its address, which may hold a visitor's key."""

import re
import secrets
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from queues.refusals import Refusal
from queues.signals import refused

METRICS, HEALTH, READINESS = "/metrics", "/healthz", "/readyz"
PROBES = {METRICS: "metrics", HEALTH: "healthz", READINESS: "readyz"}
"""Answered before their address is looked up."""
SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


@dataclass(slots=True)
class Trace:
    request_id: str
    refusal: str = ""  # the kind of the last one


current: ContextVar[Trace | None] = ContextVar("trace", default=None)
"""The request that is being answered here; None in a worker and in a command."""


def new_trace(request: HttpRequest) -> Trace:
    """With the id that the proxy in front has given it, if that is one. (Anybody else's has been taken off.)"""
    given = request.headers.get("X-Request-ID", "")
    return Trace(given if SANE_ID.fullmatch(given) else secrets.token_hex(8))


def view_of(request: HttpRequest) -> str:
    """The name of the view that answers; "static" for a file, "none" for an address that leads nowhere."""
    if request.resolver_match is not None:
        return request.resolver_match.view_name or "unnamed"
    if request.path in PROBES:
        return PROBES[request.path]
    return "static" if request.path.startswith(settings.STATIC_URL) else "none"


def record_refusal(*, refusal: Refusal, **_signal: Any) -> None:
    """For the signal `refused`."""
    trace = current.get()
    if trace is not None:
        trace.refusal = type(refusal).__name__


def listen() -> None:
    refused.connect(record_refusal)
