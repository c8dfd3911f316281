"""How many numbers one kiosk, and one address, may draw in a minute (settings, queuesite/environment.py). Following a
ticket is never limited."""

import logging
import re
import secrets
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.addresses import counted_as
from live.counts import counts
from queues import clock
from queues.refusals import TooManyNumbers

logger = logging.getLogger(__name__)

COOKIE = "kiosk"
NAME = re.compile(r"[\w-]{12}", re.ASCII)
WINDOW = 60
"""Seconds."""
YEAR = 365 * 24 * 3600


def name_kiosk(request: HttpRequest, response: HttpResponse) -> None:
    """Tell this kiosk from others behind its address, from its start page on."""
    if COOKIE not in request.COOKIES:
        response.set_cookie(
            COOKIE, secrets.token_urlsafe(9), max_age=YEAR, secure=request.is_secure(), httponly=True, samesite="Lax"
        )


def refuse_too_many(request: HttpRequest, visit: UUID) -> None:
    """Count this visit once, however often it is sent. Raises TooManyNumbers.

    All server processes count together. While that can't be done nobody is refused: a lobby must not stand still
    because numbers can't be counted.
    """
    address = counted_as(request.META.get("REMOTE_ADDR", ""))
    minute, seconds = divmod(int(clock.now().timestamp()), WINDOW)
    # A program without the cookie counts as one kiosk for its whole address.
    name = request.COOKIES.get(COOKIE, "")
    kiosk = f"{address}/{name if NAME.fullmatch(name) else ''}"
    limits = {kiosk: settings.TICKETS_A_MINUTE["kiosk"], address: settings.TICKETS_A_MINUTE["address"]}
    most = {f"tickets/{minute}/{counted}": count for counted, count in limits.items()}
    try:
        too_many = counts().is_too_much(f"visit/{visit}", most, seconds=WINDOW)
    except Exception as error:  # noqa: BLE001 - whatever Redis does, the visitor gets a number
        logger.warning("Numbers are not counted (%s: %s).", type(error).__name__, error)
        return
    if too_many:
        raise TooManyNumbers(WINDOW - seconds)
