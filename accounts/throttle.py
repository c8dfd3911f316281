"""Sign-in is throttled by axes, with limits of our own: by account and address together, by address, by account."""

from datetime import timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from django.conf import settings
from django.db.models import Max, Sum
from django.http import HttpRequest
from django.utils import timezone

from accounts.addresses import counted_as

Credentials = dict[str, Any] | None

LIMITS = (settings.AXES_FAILURE_LIMIT, 50, 100)
"""Failures before a pause, for each of AXES_LOCKOUT_PARAMETERS. An office shares one address, and a stranger elsewhere
must not keep a clerk out; only a guess from everywhere at once meets the account's own limit."""


class Throttle(AxesDatabaseHandler):  # type: ignore[misc]  # axes ships no types
    """Counts failures in the database, so that all server processes count together."""

    def get_failures(self, request: HttpRequest, credentials: Credentials = None) -> int:
        """As a share of the first limit, because axes compares all counts with that one."""
        return max(
            (attempts.aggregate(sum=Sum("failures_since_start"))["sum"] or 0) * LIMITS[0] // limit
            for attempts, limit in zip(self.get_user_attempts(request, credentials), LIMITS, strict=True)
        )

    def reset_user_attempts(self, request: HttpRequest, credentials: Credentials = None) -> int:
        """Signing in oneself forgives nothing that was tried at other accounts from the same address."""
        username = get_client_username(request, credentials)
        forgiven: int = self.reset_attempts(ip_address=address_of(request), username=username)
        return forgiven

    def pause(self, request: HttpRequest, credentials: Credentials = None) -> timedelta:
        """How long it is until a try counts again."""
        now = timezone.now()
        ends = [now]
        for attempts, limit in zip(self.get_user_attempts(request, credentials), LIMITS, strict=True):
            had = attempts.aggregate(sum=Sum("failures_since_start"), latest=Max("attempt_time"))
            if (had["sum"] or 0) >= limit:
                ends.append(had["latest"] + settings.AXES_COOLOFF_TIME)
        return max(ends) - now


def address_of(request: HttpRequest) -> str:
    """The client's address, as ProxyHeadersMiddleware has found it, and as it is counted."""
    return counted_as(str(request.META.get("REMOTE_ADDR", "")))
