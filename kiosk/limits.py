"""How many numbers one kiosk, and one address, may draw in a minute (settings, queuesite/environment.py). Following a
ticket is never limited."""

import logging
import re
import secrets
from collections.abc import Mapping
from functools import partial
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from accounts.addresses import counted_as
from live.time_limit import within
from queues import clock
from queues.refusals import TooManyNumbers

logger = logging.getLogger(__name__)

COOKIE = "kiosk"
NAME = re.compile(r"[\w-]{12}", re.ASCII)
WINDOW = 60
"""Seconds."""
YEAR = 365 * 24 * 3600
LIMIT = 0.5
"""Seconds that a visitor may lose to a cache that doesn't answer. The cache's own limits are for each command, and for
looking up its name there is none."""


def name_kiosk(request: HttpRequest, response: HttpResponse) -> None:
    """Tell this kiosk from others behind its address, from its start page on."""
    if COOKIE not in request.COOKIES:
        response.set_cookie(
            COOKIE, secrets.token_urlsafe(9), max_age=YEAR, secure=request.is_secure(), httponly=True, samesite="Lax"
        )


def refuse_too_many(request: HttpRequest, visit: UUID) -> None:
    """Count this visit once, however often it is sent. Raises TooManyNumbers.

    The counts are in the cache that all server processes share. While that doesn't answer nobody is refused: a lobby
    must not stand still because numbers can't be counted.
    """
    address = counted_as(request.META.get("REMOTE_ADDR", ""))
    minute, seconds = divmod(int(clock.now().timestamp()), WINDOW)
    # A program without the cookie counts as one kiosk for its whole address.
    name = request.COOKIES.get(COOKIE, "")
    kiosk = f"{address}/{name if NAME.fullmatch(name) else ''}"
    counts = {kiosk: settings.TICKETS_A_MINUTE["kiosk"], address: settings.TICKETS_A_MINUTE["address"]}
    most = {f"tickets/{minute}/{counted}": count for counted, count in counts.items()}
    try:
        too_many = within(LIMIT, partial(_are_too_many, visit, most))
    except Exception as error:  # noqa: BLE001 - whatever the cache does, the visitor gets a number
        logger.warning("Numbers are not counted (%s: %s).", type(error).__name__, error)
        return
    if too_many:
        raise TooManyNumbers(WINDOW - seconds)


def _are_too_many(visit: UUID, most: Mapping[str, int]) -> bool:
    """Count this visit under each key, unless it has been counted; whether that is more than one of them may have. What
    is too much doesn't count as given."""
    if not cache.add(f"visit/{visit}", 1, WINDOW):
        return False
    too_many = any(_count(key) > count for key, count in most.items())
    if too_many:
        cache.delete(f"visit/{visit}")
    return too_many


def _count(key: str) -> int:
    cache.add(key, 0, WINDOW)
    return cache.incr(key)
