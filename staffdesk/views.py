"""A clerk's pages. Every press answers with the panel itself; the socket only keeps it fresh."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from live.http import LivePage, frame_response, stamp_of
from queues import actions, snapshot
from queues.models import Desk
from queues.refusals import Refusal
from staffdesk.doors import branches_of, clerk, clerk_desk
from staffdesk.panel import DeskAudience, DeskView

MOST_DIGITS = 18


@never_cache
@login_required
@require_safe
def desks(request: HttpRequest) -> HttpResponse:
    """Choose a desk."""
    branches = branches_of(request.user).prefetch_related("desks__services")
    return render(request, "staffdesk/desks.html", {"branches": branches})


@never_cache
@login_required
@require_safe
def desk(request: HttpRequest, desk_id: int) -> HttpResponse:
    return _page(request, clerk_desk(request, desk_id), "staffdesk/desk.html")


@login_required
@require_safe
def frame(request: HttpRequest, desk_id: int) -> HttpResponse:
    """The panel as it would come over the socket."""
    return frame_response(_audience(clerk_desk(request, desk_id)))


@login_required
@require_POST
def call_next(request: HttpRequest, desk_id: int) -> HttpResponse:
    return _press(
        request, desk_id, lambda desk, by, _ticket: actions.call_next(desk, by=by, saw=_number(request, "seen"))
    )


@login_required
@require_POST
def recall(request: HttpRequest, desk_id: int) -> HttpResponse:
    calls = _number(request, "calls")
    return _press(request, desk_id, lambda desk, by, seen: actions.recall(desk, seen or 0, by=by, calls_seen=calls))


@login_required
@require_POST
def start(request: HttpRequest, desk_id: int) -> HttpResponse:
    return _press(request, desk_id, lambda desk, by, seen: actions.start_serving(desk, seen or 0, by=by))


@login_required
@require_POST
def finish(request: HttpRequest, desk_id: int) -> HttpResponse:
    return _press(request, desk_id, lambda desk, by, seen: actions.finish(desk, seen or 0, by=by))


@login_required
@require_POST
def absent(request: HttpRequest, desk_id: int) -> HttpResponse:
    return _press(request, desk_id, lambda desk, by, seen: actions.mark_absent(desk, seen or 0, by=by))


def _press(request: HttpRequest, desk_id: int, act: Callable[[Desk, User, int | None], object]) -> HttpResponse:
    """Carry out a press that names the ticket its page showed, and answer with how it is now."""
    desk = clerk_desk(request, desk_id)
    notice = ""
    try:
        act(desk, clerk(request), _number(request, "ticket"))
    except Refusal as refusal:
        notice = str(refusal)
    desk.branch.refresh_from_db(fields=["revision"])  # the door read it before the press
    if request.headers.get("HX-Request"):
        return _page(request, desk, "staffdesk/desk.html#answer", notice)
    if notice:
        messages.warning(request, notice)
    return redirect("desk", desk.pk)


def _page(request: HttpRequest, desk: Desk, template: str, notice: str = "") -> HttpResponse:
    audience = _audience(desk)
    now = snapshot.read(desk.branch, audience.needs)
    live = LivePage(
        socket=f"/ws/desk/{desk.pk}/?language={audience.language}",
        frame=reverse("desk-frame", args=[desk.pk]),
        time_zone=desk.branch.time_zone,
        stamp=stamp_of(now),
    )
    view = DeskView.of(now, now.desks[desk.pk], audience.language)
    context = {"desk": desk, "branch": desk.branch, "view": view, "live": live, "notice": notice}
    with timezone.override(desk.branch.zone):
        return render(request, template, context)


def _audience(desk: Desk) -> DeskAudience:
    return DeskAudience(desk.branch_id, desk.pk, get_language() or desk.branch.languages[0])


def _number(request: HttpRequest, field: str) -> int | None:
    """A form's number, None if it is missing or isn't one that a row could have."""
    word = request.POST.get(field, "")
    return int(word) if word.isascii() and word.isdigit() and len(word) <= MOST_DIGITS else None
