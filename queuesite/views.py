"""Pages that belong to no surface: the landing page, health, and what is said when something is refused."""

from urllib.parse import quote

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import render
from django.template.loader import get_template
from django.urls import Resolver404, resolve, reverse
from django.utils import translation
from django.views.decorators.http import require_safe

from kiosk.views import begin_anew
from live.announce import send_change_notice
from queues.models import Branch
from queues.queries import monitoring
from queues.queries.monitoring import CLOCK_MAY_DIFFER
from queuesite import schema
from staffdesk.access import halls_of

TRY_AGAIN_AFTER = 5
"""Seconds."""
UNATTENDED = ("/kiosk/", "/display/")
"""How the addresses of screens begin that nobody watches over."""


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """Every branch with a link to each of its surfaces. The hall's is for those who lead there, and for those who have
    not signed in yet."""
    branches = Branch.objects.all()
    led = halls_of(request.user) if request.user.is_authenticated else branches
    return render(request, "landing.html", {"branches": branches, "led": led})


@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """The process lives."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """What a balancer needs: 200 when the database answers and has this build's schema, else 503. Whatever the server
    works without is said beside it: without the channel layer screens follow a second later, and a clock that is behind
    is somebody's to set."""
    try:
        if not schema.has_been_current():
            return HttpResponse("not ready: migrations\n", status=503, content_type="text/plain")
        behind = monitoring.clock_is_behind()
    except DatabaseError:
        return HttpResponse("not ready: database\n", status=503, content_type="text/plain")
    said = ["ready"]
    try:
        send_change_notice("readyz")
    except Exception:  # noqa: BLE001 - whatever it is, it doesn't answer
        said.append("without the channel layer")
    if behind > CLOCK_MAY_DIFFER:
        said.append(f"the clock is {behind.total_seconds():.0f} s behind the last move")
    return HttpResponse(f"{'; '.join(said)}\n", content_type="text/plain")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that outlived its cookie, or whose browser keeps none: said in the reader's language, with the way back.
    A kiosk goes back to its start by itself."""
    match = request.resolver_match
    if match is not None and str(match.url_name).startswith("kiosk"):
        return begin_anew(request, match.kwargs["branch"])
    context = {"back": request.path, "without_cookie": reason == REASON_NO_CSRF_COOKIE}
    return render(request, "refused.html", context, status=403)


def page_of(path: str) -> str:
    """The page on which this press is made: each surface has its pages at /surface/which/, and their presses below."""
    page = "/".join(path.split("/")[:3]) + "/"
    try:
        resolve(page)
    except Resolver404:
        return reverse("landing")
    return page if page != path else reverse("landing")


def not_understood(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django passes it
    """Too large, malformed, or for another host: nothing of it is shown again."""
    return render(request, "not_understood.html", status=400)


def not_yours(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django passes it
    return render(request, "not_yours.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django passes it
    """The same bytes for whatever isn't there: unknown, malformed, ended, or somebody else's. A screen asks again."""
    language = translation.get_language_from_request(request)
    # Nobody stands beside a wall screen or a kiosk to follow a link, or to reload it once it is set up right again.
    stands_alone = request.path.startswith(UNATTENDED)
    with translation.override(language):
        answer = render(request, "not_found.html", {"stands_alone": stands_alone}, status=404)
    answer.headers["Content-Language"] = language
    if stands_alone and request.method == "GET":
        start = page_of(request.path)
        again = request.path if start == reverse("landing") else start
        answer.headers["Refresh"] = f"{TRY_AGAIN_AFTER}; url={quote(again)}"
    return answer


def busy(request: HttpRequest, refusal: Exception) -> HttpResponse:
    """Others kept a branch's lock for too long, or too many sign in at once. A kiosk tries again by itself."""
    page = page_of(request.path)
    is_itself = request.method == "GET" or page == reverse("landing")  # a form like the sign-in's posts to its own page
    back = request.path if is_itself else page
    answer = render(request, "busy.html", {"refusal": refusal, "back": back}, status=503)
    answer.headers["Retry-After"] = str(TRY_AGAIN_AFTER)
    return answer


def failed(request: HttpRequest) -> HttpResponse:
    """Said without a question to the database, which may be what is away. A page tries again by itself: nobody stands
    beside a wall screen to reload it."""
    answer = HttpResponse(get_template("500.html").render(), status=500)
    if request.method == "GET":
        answer.headers["Refresh"] = str(TRY_AGAIN_AFTER)
    return answer
