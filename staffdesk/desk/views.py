"""The pages of a desk. Its presses are in `presses`, a clerk's thanks in `thanks`."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from live.http import frame_response
from queues import actions, queries
from queues.models import Desk
from queues.queries import statistics
from queues.refusals import DeskBusy, DeskTaken
from staffdesk.access import branches_to_choose, clerk, clerk_desk, halls_of, works_in
from staffdesk.desk.page import audience_of, page
from staffdesk.forms import as_words
from staffdesk.signing_in import ask_before_leaving

HELPED_LISTED = 50


@never_cache
@login_required
@require_safe
def desks(request: HttpRequest) -> HttpResponse:
    """Choose a desk."""
    branches = branches_to_choose(request.user)
    return render(request, "staffdesk/desk/desks.html", {"branches": branches, "halls": halls_of(request.user)})


@never_cache
@login_required
@require_safe
def desk(request: HttpRequest, desk_id: int) -> HttpResponse:
    """The desk's page. Whoever works here and comes to it sits down; another website's link, and an administrator who
    only looks, open no session: the first press does. Where somebody else is signed in, that is said instead."""
    found, by = clerk_desk(request, desk_id), clerk(request)
    sits_down = request.headers.get("Sec-Fetch-Site") != "cross-site" and works_in(by, found.branch)
    try:
        found = actions.open_session(found, by=by) if sits_down else _looked_at(found, by)
    except DeskTaken as taken:
        context = {"desk": found, "branch": found.branch, "refusal": taken, "has": queries.has_now(found)}
        with timezone.override(found.branch.zone):
            return render(request, "staffdesk/desk/taken.html", context)
    return page(request, found)


def _looked_at(desk: Desk, by: User) -> Desk:
    """The desk as it is. Raises DeskTaken."""
    if desk.clerk_id not in (None, by.pk):
        raise DeskTaken(desk)
    return desk


@never_cache
@login_required
@require_safe
def day(request: HttpRequest, desk_id: int) -> HttpResponse:
    """What this day has asked of the desk: an honest count, for its own people and not for a ranking."""
    found = clerk_desk(request, desk_id)
    days = statistics.desk_days(found.branch, queries.today(found.branch))
    count = next((one for one in days if one.desk_id == found.pk), None)
    with timezone.override(found.branch.zone):
        return render(request, "staffdesk/desk/day.html", {"desk": found, "branch": found.branch, "day": count})


@login_required
@require_POST
def leave(request: HttpRequest, desk_id: int) -> HttpResponse:
    """Close the session at one desk, and choose another. With a visitor there it asks first, as signing out does."""
    found = clerk_desk(request, desk_id)
    try:
        actions.close_session(found, by=clerk(request), puts_back=bool(request.POST.get("puts_back")))
    except DeskBusy as busy:
        return ask_before_leaving(request, found, busy, again=reverse("desk-leave", args=[found.pk]))
    except DeskTaken as taken:
        messages.warning(request, str(taken))
    return redirect("desks")


@never_cache
@login_required
@require_safe
def helped(request: HttpRequest, desk_id: int) -> HttpResponse:
    """What has helped before, at any desk of the branch: searched by words, without a word about any visitor."""
    found = clerk_desk(request, desk_id)
    asked = as_words(request.GET.get("q", ""))
    visits = queries.what_helped(found.branch, asked, most=HELPED_LISTED)
    context = {"desk": found, "asked": asked, "visits": visits}
    with timezone.override(found.branch.zone):
        return render(request, "staffdesk/desk/helped.html", context)


@login_required
@require_safe
def frame(request: HttpRequest, desk_id: int) -> HttpResponse:
    """The panel as it would come over the socket."""
    return frame_response(audience_of(clerk_desk(request, desk_id)))
