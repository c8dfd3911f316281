"""From a language to a number. Every page works as plain links and forms; htmx keeps the screen from going blank."""

from collections.abc import Iterable
from uuid import UUID, uuid4

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kiosk import limits
from kiosk import visit as visits
from kiosk.access import branch_speaking, drawn_ticket, kiosk_branch
from kiosk.choice import Announcements, KioskAudience, StartAudience, choices, greetings
from live.http import LivePage, frame_response, stamp_of
from queues import actions, queries, snapshot
from queues.models import Branch, Service, Ticket
from queues.refusals import Refusal, ServiceGone, TooManyNumbers
from queues.snapshot.visitor_form import VisitorForm, services_named
from queues.states import OPEN

BACK = "back"
"""The field with which a visitor goes back to the number and says nothing more."""


@never_cache
@require_safe
def start(request: HttpRequest, branch: str) -> HttpResponse:
    """Language first. Each time this page is fetched a new visit begins: its key makes one ticket of any number of
    presses."""
    found = kiosk_branch(branch)
    translation.activate(found.languages[0])
    now = snapshot.read(found, StartAudience.needs)
    context = {
        "branch": found,
        "announcements": Announcements.of(now, found.languages),
        "live": LivePage(
            socket=f"/ws/kiosk/{found.slug}/?page=start",
            frame=reverse("kiosk-start-frame", args=[found.slug]),
            time_zone=found.time_zone,
            stamp=stamp_of(now),
        ),
        "visit": uuid4(),
        "greetings": greetings(found.languages),
        # Where there is one service, the language is the only question.
        "only_service": queries.only_open_service(found),
    }
    page = render(request, "kiosk/start.html", context)
    limits.name_kiosk(request, page)
    visits.end(request, page)
    return page


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def services(request: HttpRequest, branch: str, language: str, visit: UUID) -> HttpResponse:
    """One press on a service draws the number; the same visit again gives the ticket it was given before. A visit that
    is over leads to the start: its page may be the browser's memory of somebody else."""
    found = branch_speaking(branch, language)
    refusal = None
    if request.method == "POST":
        try:
            service = _chosen(request, found)
            limits.refuse_too_many(request, visit)
            drawn = actions.issue(service, language=language, request_key=visit)
        except Refusal as refused:
            refusal = refused
        else:
            is_theirs = visits.is_of(request, drawn) or visits.may_ask_again(drawn)
            return _to_ticket(request, found, language, drawn) if is_theirs else redirect("kiosk", found.slug)
    given = queries.ticket_of_visit(found, visit)
    if given and not visits.is_of(request, given):
        return redirect("kiosk", found.slug)
    return _services_page(request, found, language, visit, given=given, refusal=refusal)


def _to_ticket(request: HttpRequest, branch: Branch, language: str, drawn: Ticket) -> HttpResponse:
    answer = redirect("kiosk-ticket", branch.slug, language, drawn.token)
    visits.remember(request, answer, drawn)
    return answer


def _services_page(
    request: HttpRequest, branch: Branch, language: str, visit: UUID, *, given: Ticket | None, refusal: Refusal | None
) -> HttpResponse:
    pause = refusal.seconds if isinstance(refusal, TooManyNumbers) else 0
    now = snapshot.read(branch, KioskAudience.needs)
    live = LivePage(
        socket=f"/ws/kiosk/{branch.slug}/?language={language}",
        frame=reverse("kiosk-frame", args=[branch.slug, language]),
        time_zone=branch.time_zone,
        stamp=stamp_of(now),
    )
    context = {
        "branch": branch,
        "language": language,
        "visit": visit,
        "choices": choices(now, language),
        "announcements": Announcements.of(now, [language]),
        "greetings": greetings(branch.languages),
        "live": live,
        "refusal": refusal,
        "pause": pause,
        "pause_until": live.stamp.at + pause * 1000,
        "given": given,
    }
    page = render(request, "kiosk/services.html", context, status=429 if pause else 409 if refusal else 200)
    if pause:
        page.headers["Retry-After"] = str(pause)
    return page


@never_cache
@require_safe
def ticket(request: HttpRequest, branch: str, language: str, token: str) -> HttpResponse:
    """The number as large as the screen allows, the place in line, and the way to the phone; the start once the visit
    is over."""
    found = branch_speaking(branch, language)
    drawn = drawn_ticket(request, found, token)
    if drawn is None:
        return redirect("kiosk", found.slug)
    now = snapshot.read(found, KioskAudience.needs)
    link = settings.PUBLIC_URL + reverse("visitor", args=[drawn.token])
    context = {
        "branch": found,
        "language": language,
        "ticket": drawn,
        "ahead": queries.ahead_of(drawn),
        "unattended": not any(one.desks for one in now.services if one.id == drawn.service_id),
        "announcements": Announcements.of(now, [language]),
        "details": VisitorForm.of(drawn, now.services, language),
        "may_tell": drawn.state in OPEN,
        "link": link,
        "short_link": link.split("://", 1)[1].rstrip("/"),
        "qr": segno.make(link, error="m").svg_data_uri(scale=8, border=4, dark="#12211f", light="#ffffff"),
    }
    page = render(request, "kiosk/ticket.html", context)
    visits.remember(request, page, drawn)
    return page


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def more(request: HttpRequest, branch: str, language: str, token: str) -> HttpResponse:
    """What the clerk should know when they meet, and what else the visit is for; then back to the number, with or
    without saying it. However long it took: both are presses."""
    found = branch_speaking(branch, language)
    drawn = drawn_ticket(request, found, token)
    if drawn is None:
        return redirect("kiosk", found.slug)
    refusal = ""
    if request.method == "POST":
        try:
            if BACK not in request.POST:
                actions.tell_needs(drawn, request.POST.getlist("needs"))
                actions.plan(drawn, services_named(drawn, request.POST.getlist("services")))
        except Refusal as refused:
            refusal = str(refused)
        else:
            return _to_ticket(request, found, language, drawn)
    now = snapshot.read(found, KioskAudience.needs)
    context = {
        "branch": found,
        "language": language,
        "ticket": drawn,
        "details": VisitorForm.of(drawn, now.services, language),
        "refusal": refusal,
    }
    page = render(request, "kiosk/more.html", context, status=409 if refusal else 200)
    visits.remember(request, page, drawn)
    return page


@require_POST
def help_wanted(request: HttpRequest, branch: str) -> HttpResponse:
    """Call a person to the kiosk. Said on the page from which it was pressed, in the visitor's language; where none has
    been chosen yet, in all of them."""
    found = kiosk_branch(branch)
    actions.ask_at_kiosk(found)
    chosen = request.POST.get("language", "")
    words = gettext_lazy("We have called the staff. Somebody comes to you here as soon as they can.")
    _say(request, words, [chosen] if chosen in found.languages else found.languages)
    start_page, back = reverse("kiosk", args=[found.slug]), request.POST.get("back", "")
    answer = redirect(back if back.startswith(start_page) else start_page)
    visits.prolong(request, answer)
    return answer


def begin_anew(request: HttpRequest, branch: str) -> HttpResponse:
    """The start, for a press of a page whose browser has lost its cookies since: it says why nothing was done."""
    found = kiosk_branch(branch)
    words = gettext_lazy("This screen had to begin anew. Please choose once more.")
    _say(request, words, found.languages)
    return redirect("kiosk", found.slug)


def _say(request: HttpRequest, words: Promise, languages: Iterable[str]) -> None:
    """On the page that comes next, in each of these languages."""
    for language in languages:
        with translation.override(language):
            messages.info(request, str(words), extra_tags=language)


@require_safe
def start_frame(_request: HttpRequest, branch: str) -> HttpResponse:
    """The first screen's announcements as they would come over the socket."""
    return frame_response(StartAudience(kiosk_branch(branch).pk))


@require_safe
def frame(_request: HttpRequest, branch: str, language: str) -> HttpResponse:
    """The choices as they would come over the socket."""
    return frame_response(KioskAudience(branch_speaking(branch, language).pk, language))


def _chosen(request: HttpRequest, branch: Branch) -> Service:
    # Looked up here and not by the database: PostgreSQL fails on what can't be text, a NUL for one.
    offered = {service.slug: service for service in queries.offered_services(branch)}
    try:
        return offered[request.POST.get("service", "")]
    except KeyError:
        raise ServiceGone from None
