from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from live.http import LivePage, frame_response, stamp_of
from queues import actions, snapshot
from queues.models import Ticket
from queues.refusals import Refusal
from visitor.doors import followed_ticket
from visitor.following import VisitorAudience, places, situation


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
    found = _ticket(request, token)
    try:
        actions.leave(found)
    except Refusal as refusal:
        return _page(request, found, notice=str(refusal))
    return redirect("visitor", found.token)


def _page(request: HttpRequest, found: Ticket, notice: str = "") -> HttpResponse:
    language = translation.get_language()
    now = snapshot.read(found.branch, VisitorAudience.needs, [found.pk])
    shared, own = situation(now.followed[found.pk], places(now).get(found.pk))
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
        "live": live,
        "notice": notice,
        "language": language,
        "languages": [(code, name) for code, name in settings.LANGUAGES if code in found.branch.languages],
    }
    return render(request, "visitor/ticket.html", context, status=409 if notice else 200)


def _ticket(request: HttpRequest, token: str) -> Ticket:
    """The ticket behind the link, and from here on its visitor's language: the one asked for, else the one chosen at
    the kiosk. Raises Http404, the same for an unknown link and for one whose day has ended."""
    found = followed_ticket(token)
    if found is None:
        raise Http404
    asked = request.GET.get("language", "")
    translation.activate(asked if asked in found.branch.languages else found.language)
    return found
