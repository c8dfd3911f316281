"""The page that Prometheus reads."""

import ipaddress
from secrets import compare_digest

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from queuesite.metrics.collector import Branches, Relay
from queuesite.metrics.requests import registry

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")

registry.register(Relay())
registry.register(Branches())


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For a program on this machine, or one that shows METRICS_TOKEN. To anybody else there is no such page."""
    if not (_shows_token(request) or _is_local(request)):
        raise Http404
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _shows_token(request: HttpRequest) -> bool:
    wanted = settings.ENVIRONMENT.metrics_token
    shown = request.headers.get("Authorization", "")
    return bool(wanted) and compare_digest(shown.encode(), f"Bearer {wanted}".encode())


def _is_local(request: HttpRequest) -> bool:
    """From this machine, and by its own name: behind a proxy that isn't trusted everybody seems to come from here, but
    asks by the public one."""
    host, _port = split_domain_port(request.headers.get("Host", ""))
    try:
        return host in LOOPBACK_NAMES and ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
