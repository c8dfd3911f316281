"""A session lives IDLE_MINUTES (queuesite/environment.py) from its last press, and is not renewed for ever."""

import time
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

PRESSED = "pressed"
SIGNED_IN = "signed_in"
RENEW_EVERY = 300
"""Seconds between two renewals, so that not every press writes the session."""
LONGEST = 12 * 3600
"""Seconds after signing in, after which a session is no longer renewed."""


def begin(request: HttpRequest, **_signal: Any) -> None:
    """Whoever signs in has just pressed."""
    request.session[PRESSED] = request.session[SIGNED_IN] = int(time.time())


def renew(session: SessionBase) -> None:
    """Record a press: the session's end moves on. Written at most every RENEW_EVERY seconds."""
    pressed, signed_in, now = session.get(PRESSED), session.get(SIGNED_IN), int(time.time())
    if pressed is None or signed_in is None:
        return
    if now - pressed >= RENEW_EVERY and now - signed_in < LONGEST:
        session[PRESSED] = now
