"""A clerk's pages. Presses are in `presses`."""

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from live.http import frame_response
from queues import actions, queries
from queues.models import Desk, Thanks, Visit
from queues.queries import statistics
from queues.refusals import DeskBusy, DeskTaken, ElsewhereGone, Refusal
from staffdesk.access import branches_of, clerk, clerk_desk
from staffdesk.desk.page import audience_of, page
from staffdesk.forms import as_words, number, words
from staffdesk.hall.doors import halls_of

HELPED_LISTED = 50
THANKS_LISTED = 100


@login_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Stand up from every desk, and go. With a visitor still at one of them it asks first: back to the desk, or the
    visitor back to the line."""
    by = clerk(request)
    puts_back = bool(request.POST.get("puts_back"))
    for desk in Desk.objects.select_related("branch").filter(clerk=by):
        try:
            actions.close_session(desk, by=by, puts_back=puts_back)
        except DeskBusy as busy:
            return _still_there(request, desk, busy, again=reverse("sign-out"))
        except DeskTaken:
            continue  # a colleague has just taken over
    logout(request)
    return redirect("sign-in")


@login_required
@require_POST
def leave(request: HttpRequest, desk_id: int) -> HttpResponse:
    """Stand up from one desk, and choose another. With a visitor there it asks first, as signing out does."""
    found = clerk_desk(request, desk_id)
    try:
        actions.close_session(found, by=clerk(request), puts_back=bool(request.POST.get("puts_back")))
    except DeskBusy as busy:
        return _still_there(request, found, busy, again=reverse("desk-leave", args=[found.pk]))
    except DeskTaken as taken:
        messages.warning(request, str(taken))
    return redirect("desks")


def _still_there(request: HttpRequest, desk: Desk, busy: DeskBusy, *, again: str) -> HttpResponse:
    """Whom to finish with first, or whom to put back in line and then ask again."""
    context = {"desk": desk, "ticket": busy.ticket, "refusal": busy, "again": again}
    return render(request, "staffdesk/leaving.html", context, status=409)


@never_cache
@login_required
@require_safe
def desks(request: HttpRequest) -> HttpResponse:
    """Choose a desk."""
    branches = branches_of(request.user).prefetch_related("desks__services", "desks__clerk")
    return render(request, "staffdesk/desk/desks.html", {"branches": branches, "halls": halls_of(request.user)})


@never_cache
@login_required
@require_safe
def desk(request: HttpRequest, desk_id: int) -> HttpResponse:
    """The desk's page; opening it is sitting down there. Where somebody else sits, that is said instead."""
    found, by = clerk_desk(request, desk_id), clerk(request)
    try:
        found = actions.open_session(found, by=by)
    except DeskTaken as taken:
        context = {"desk": found, "branch": found.branch, "refusal": taken, "has": queries.has_now(found)}
        with timezone.override(found.branch.zone):
            return render(request, "staffdesk/desk/taken.html", context)
    return page(request, found)


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


@never_cache
@login_required
@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    """Thanks that this person has been given. Seen once, they are no longer counted as new."""
    by = clerk(request)
    given = list(Thanks.objects.filter(to=by).select_related("by", "branch")[:THANKS_LISTED])
    actions.see_thanks(by)
    colleagues = User.objects.filter(memberships__branch__in=branches_of(by), is_active=True).exclude(pk=by.pk)
    return render(request, "staffdesk/desk/thanks.html", {"thanks": given, "colleagues": colleagues.distinct()})


@login_required
@require_POST
def thank(request: HttpRequest) -> HttpResponse:
    """Thank a colleague."""
    by = clerk(request)
    to = User.objects.filter(pk=number(request, "to") or 0).first()
    shared = branches_of(by).filter(memberships__user=to).first() if to else None
    try:
        if to is None or shared is None:
            raise ElsewhereGone
        actions.thank_colleague(shared, to, words(request, "words"), by=by)
    except Refusal as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.info(request, _("%(name)s will see your thanks.") % {"name": to.shown_name})
    return redirect("thanks")


@never_cache
@login_required
@require_safe
def helped(request: HttpRequest, desk_id: int) -> HttpResponse:
    """What has helped before, at any desk of the branch: searched by words, without a word about any visitor."""
    found = clerk_desk(request, desk_id)
    asked = as_words(request.GET.get("q", ""))
    visits = Visit.objects.filter(desk__branch=found.branch_id).exclude(helped="").select_related("service")
    for word in asked.split():
        visits = visits.filter(helped__icontains=word)
    context = {"desk": found, "asked": asked, "visits": visits.order_by("-id")[:HELPED_LISTED]}
    with timezone.override(found.branch.zone):
        return render(request, "staffdesk/desk/helped.html", context)


@login_required
@require_safe
def frame(request: HttpRequest, desk_id: int) -> HttpResponse:
    """The panel as it would come over the socket."""
    return frame_response(audience_of(clerk_desk(request, desk_id)))
