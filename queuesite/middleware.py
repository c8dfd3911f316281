"""What is done to every request."""

import logging
import time
from collections.abc import Callable, Mapping

from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from accounts import idle
from accounts.hashing import TooManyAtOnceError
from live import garbage
from queues.one_cursor import one_cursor
from queues.refusals import BranchBusy
from queuesite.metrics import requests
from queuesite.metrics.views import metrics
from queuesite.trace import HEALTH, METRICS, READINESS, current, new_trace, view_of
from queuesite.views import busy, healthz, not_found, not_understood, page_of, readyz

logger = logging.getLogger(__name__)

Answering = Callable[[HttpRequest], HttpResponse]

NOT_LOGGED = ("static", "healthz", "readyz", "metrics")
"""Views that are asked all the time and by programs: measured, but without a line in the log."""

PROBES: Mapping[str, Answering] = {METRICS: metrics, HEALTH: healthz, READINESS: readyz}
HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    # A page is true for a moment only, and many are secret: none is kept, except where a view says otherwise.
    "Cache-Control": "no-store",
}


class RequestLogMiddleware:
    """The outermost: every request gets an id, which its answer names, is measured, and has one line in the log."""

    def __init__(self, get_response: Answering) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        trace = new_trace(request)
        outside = current.set(trace)
        began = time.perf_counter()
        try:
            response = self.get_response(request)
            seconds = time.perf_counter() - began
            garbage.requests.answered()
            view = view_of(request)
            response["X-Request-ID"] = trace.request_id
            requests.count(request, view=view, status=response.status_code, refusal=trace.refusal, seconds=seconds)
            if view not in NOT_LOGGED:
                fields: dict[str, object] = {"view": view, "method": request.method, "status": response.status_code}
                fields |= {"ms": round(seconds * 1000, 1), "refusal": trace.refusal or None}
                logger.info("%s %s", view, response.status_code, extra=fields)
            return response
        finally:
            current.reset(outside)


class ProbesMiddleware:
    """Answers Prometheus and those who ask whether the server lives before the host's name is checked: they ask each
    server by an address of the inside."""

    def __init__(self, get_response: Answering) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = PROBES.get(request.path)
        return probe(request) if probe else self.get_response(request)


class OneCursorMiddleware:
    """All that a request asks of the database is asked with one cursor."""

    def __init__(self, get_response: Answering) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with one_cursor():
            return self.get_response(request)


class PrivacyHeadersMiddleware:
    """Headers that keep a page to itself."""

    def __init__(self, get_response: Answering) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response


class IdleTimeoutMiddleware:
    """Pages and presses keep a session alive; what a page asks for by itself doesn't."""

    def __init__(self, get_response: Answering) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        asked_by_itself = match is not None and str(match.url_name).endswith(("-frame", "-attend"))
        if request.session.accessed and not asked_by_itself:
            idle.renew(request.session)
        return response


class WayBackMiddleware:
    """Leads a browser that follows the address of a press, by a link or after signing in, to the page of that press."""

    def __init__(self, get_response: Answering) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_press = isinstance(response, HttpResponseNotAllowed) and request.method in ("GET", "HEAD")
        return HttpResponseRedirect(page_of(request.path)) if is_press else response


class NoNulMiddleware:
    """A NUL in the address of the set-up, which hands its filters to the database as they come: PostgreSQL fails on
    one."""

    def __init__(self, get_response: Answering) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/admin/") and any("\x00" in value for value in request.GET.values()):
            return not_understood(request, SuspiciousOperation("NUL"))
        return self.get_response(request)


class BusyPageMiddleware:
    """Says that a branch or the sign-in is busy where the view has no words of its own for it."""

    def __init__(self, get_response: Answering) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return busy(request, exception) if isinstance(exception, BranchBusy | TooManyAtOnceError) else None


class NotFoundPageMiddleware:
    """Http404 always leads to our own page, in debug too: a visitor's ended link is no developer's matter."""

    def __init__(self, get_response: Answering) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return not_found(request, exception) if isinstance(exception, Http404) else None
