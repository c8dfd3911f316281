from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from live.http import LivePage, frame_response, stamp_of
from queues import actions, snapshot
from queues.models import Ticket
from queues.refusals import Refusal
from queues.snapshot.visitor_form import VisitorForm, services_named
from visitor.access import followed_ticket
from visitor.following import VisitorAudience, explanations, near_of, situation
from visitor.place import place_of, places


@never_cache
@require_safe
def ticket(request: HttpRequest, token: str) -> HttpResponse:
    """The visitor's own page, until the business day ends."""
    return _page(request, _ticket(request, token))


@require_safe
def frame(request: HttpRequest, token: str) -> HttpResponse:
    found = _ticket(request, token)
    return frame_response(VisitorAudience(found.branch_id, translation.get_language()), found.pk)


@require_POST
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Give up the place. The page asks first."""
    return _press(request, token, actions.leave)


@require_POST
def here(request: HttpRequest, token: str) -> HttpResponse:
    """Here after all, though a call was missed."""
    return _press(request, token, actions.come_back)


@require_POST
def tell(request: HttpRequest, token: str) -> HttpResponse:
    """What the clerk should know, and what else the visit is for."""

    def said(found: Ticket) -> None:
        actions.tell_needs(found, request.POST.getlist("needs"))
        actions.tell_name(found, request.POST.get("name", ""))
        actions.plan(found, services_named(found, request.POST.getlist("services")))

    return _press(request, token, said)


@require_POST
def thank(request: HttpRequest, token: str) -> HttpResponse:
    """A word to whoever served. Answered with the page itself: sending it again changes nothing."""
    found = _ticket(request, token)
    try:
        actions.give_thanks(found, request.POST.get("words", ""))
    except Refusal as refusal:
        return _page(request, found, notice=str(refusal))
    return _page(request, found, said=_("Your thanks are on their way."))


def _press(request: HttpRequest, token: str, act: Callable[[Ticket], object]) -> HttpResponse:
    """Carry it out and show how it is now; a refusal is said on the page."""
    found = _ticket(request, token)
    try:
        act(found)
    except Refusal as refusal:
        return _page(request, found, notice=str(refusal))
    return redirect(f"{reverse('visitor', args=[found.token])}?language={translation.get_language()}")


def _page(request: HttpRequest, found: Ticket, *, notice: str = "", said: str = "") -> HttpResponse:
    language = translation.get_language()
    now = snapshot.read(found.branch, VisitorAudience.needs, [found.pk])
    followed = now.followed[found.pk]
    place = place_of(found.pk, followed, places(now))
    with timezone.override(found.branch.zone):
        why = explanations(now, {found.pk}).get(found.pk, "")
        shared, own = situation(now, followed, near_of(place), why, language)
    live = LivePage(
        socket=f"/ws/t/{found.token}/?language={language}",
        frame=f"{reverse('visitor-frame', args=[found.token])}?language={language}",
        time_zone=found.branch.time_zone,
        stamp=stamp_of(now),
    )
    context = {
        "ticket": found,
        "branch": found.branch,
        "following": shared,
        "own": own,
        "place": place,
        "ahead": place - 1 if place else 0,
        "details": VisitorForm.of(found, now.services, language),
        "live": live,
        "notice": notice,
        "said": said,
        "language": language,
        "languages": [(code, name) for code, name in settings.LANGUAGES if code in found.branch.languages],
    }
    return render(request, "visitor/ticket.html", context, status=409 if notice else 200)


def _ticket(request: HttpRequest, token: str) -> Ticket:
    """The ticket behind the link, and from here on its visitor's language: the one asked for, else the one chosen at
    the kiosk. Raises Http404."""
    found = followed_ticket(token)
    asked = request.GET.get("language", "")
    translation.activate(asked if asked in found.branch.languages else found.language)
    return found
