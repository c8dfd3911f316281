"""The ways in, by password and code or by the organisation's own sign-in, and the way out."""

import time
from datetime import timedelta
from math import ceil
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import second_factor, single_sign_on
from accounts.models import User
from accounts.refusals import NotLetIn
from accounts.throttle import Credentials, Throttle
from queues import actions, queries
from queues.models import Desk
from queues.refusals import DeskBusy, DeskTaken
from staffdesk.access import clerk

HALF_WAY = "half_way"
"""In the session: whose password was right, when, and where they were going."""
CODE_WITHIN = 600
"""Seconds between the password and the code."""
BACKEND = "django.contrib.auth.backends.ModelBackend"


class SignIn(LoginView):
    """Name and password. Whoever has a second factor, or owes one, is not signed in before it."""

    http_method_names = ["get", "head", "post"]
    template_name = "staffdesk/sign_in.html"
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        return home_of(clerk(self.request))

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(**context, single_sign_on=settings.SINGLE_SIGN_ON is not None)

    def form_valid(self, form: Any) -> HttpResponse:
        user = form.get_user()
        to = self.get_redirect_url() or home_of(user)
        if not second_factor.is_set_up(user) and not owes_second_factor(user):
            return _enter(self.request, user, to)
        self.request.session.cycle_key()
        self.request.session[HALF_WAY] = {"user": user.pk, "at": int(time.time()), "to": to}
        return redirect("sign-in-code" if second_factor.is_set_up(user) else "second-factor")


def locked_out(request: HttpRequest, _answer: HttpResponse | None, credentials: Credentials) -> HttpResponse:
    """The sign-in page, saying when to try again. axes calls it instead of the view."""
    pause = Throttle().pause(request, credentials)
    context = {
        "pause": max(1, ceil(pause / timedelta(minutes=1))),
        "next": request.POST.get("next", ""),
        "single_sign_on": settings.SINGLE_SIGN_ON is not None,
    }
    answer = render(request, "staffdesk/sign_in.html", context, status=429)
    answer.headers["Retry-After"] = str(ceil(pause.total_seconds()))
    return answer


def home_of(user: User) -> str:
    """Whoever has a session open at a desk goes on there: a closed browser has lost nothing."""
    desk = queries.latest_desk_of(user)
    return reverse("desk", args=[desk.pk]) if desk else reverse("desks")


def owes_second_factor(user: User) -> bool:
    """Whether this is somebody who must have a second factor: they can change what a whole branch shows."""
    if not settings.SECOND_FACTOR_REQUIRED:
        return False
    return user.is_staff or user.is_superuser or queries.is_manager(user)


@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The code from the phone, after the password."""
    waiting = _half_way(request)
    if waiting is None:
        return redirect("sign-in")
    user, to = waiting
    refusal = ""
    if request.method == "POST":
        try:
            second_factor.check(user, request.POST.get("code", ""))
        except NotLetIn as refused:
            refusal = str(refused)
        else:
            return _enter(request, user, to)
    return render(request, "staffdesk/code.html", {"refusal": refusal}, status=409 if refusal else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def set_up_second_factor(request: HttpRequest) -> HttpResponse:
    """Scan, confirm, and keep the backup codes: for whoever is signed in, and for whoever owes it before they are."""
    waiting = _half_way(request)
    user = request.user if isinstance(request.user, User) else waiting[0] if waiting else None
    if user is None:
        return redirect(f"{reverse('sign-in')}?next={request.path}")
    if second_factor.is_set_up(user):
        return render(request, "staffdesk/second_factor.html") if request.user == user else redirect("sign-in-code")
    device = second_factor.being_set_up(user)
    refusal = ""
    if request.method == "POST":
        try:
            codes = second_factor.confirm(user, request.POST.get("code", ""))
        except NotLetIn as refused:
            refusal = str(refused)
        else:
            to = home_of(user)
            if waiting is not None and request.user != user:
                to = waiting[1]
                _enter(request, user, to)
            return render(request, "staffdesk/backup_codes.html", {"codes": codes, "to": to})
    context = {"key": second_factor.key(device), "qr": second_factor.qr_code(device), "refusal": refusal}
    return render(request, "staffdesk/second_factor_set_up.html", context, status=409 if refusal else 200)


@login_required
@require_POST
def remove_second_factor(request: HttpRequest) -> HttpResponse:
    """Before a phone is changed, or for good where no second factor is required."""
    try:
        second_factor.remove(clerk(request), request.POST.get("code", ""))
    except NotLetIn as refused:
        return render(request, "staffdesk/second_factor.html", {"refusal": str(refused)}, status=409)
    return redirect("second-factor")


@require_safe
def organisation(request: HttpRequest) -> HttpResponse:
    """To the organisation's own sign-in. Raises Http404 where there is none."""
    _refuse_without_single_sign_on()
    to = request.GET.get("next", "")
    request.session["to"] = to if url_has_allowed_host_and_scheme(to, {request.get_host()}, request.is_secure()) else ""
    try:
        return single_sign_on.begin(request, settings.PUBLIC_URL + reverse("sign-in-back"))
    except NotLetIn as refused:
        return _not_let_in(request, refused)


@require_safe
def back(request: HttpRequest) -> HttpResponse:
    """From the organisation's sign-in, which has asked for whatever it asks for: no code is asked for here."""
    _refuse_without_single_sign_on()
    to = request.session.pop("to", "")
    try:
        user = single_sign_on.end(request)
    except NotLetIn as refused:
        return _not_let_in(request, refused)
    return _enter(request, user, to or home_of(user))


@login_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Close every desk session of this person, and go. With a visitor still at one of the desks it asks first: back to
    the desk, or the visitor back to the line."""
    by = clerk(request)
    puts_back = bool(request.POST.get("puts_back"))
    for desk in queries.desks_where(by):
        try:
            actions.close_session(desk, by=by, puts_back=puts_back)
        except DeskBusy as busy:
            return ask_before_leaving(request, desk, busy, again=reverse("sign-out"))
        except DeskTaken:
            continue  # a colleague has just taken over
    logout(request)
    return redirect("sign-in")


def ask_before_leaving(request: HttpRequest, desk: Desk, busy: DeskBusy, *, again: str) -> HttpResponse:
    """The page that names the visitor who is still at the desk: finish with them first, or put them back in line and
    ask `again`."""
    context = {"desk": desk, "ticket": busy.ticket, "refusal": busy, "again": again}
    return render(request, "staffdesk/leaving.html", context, status=409)


@require_safe
def into_set_up(request: HttpRequest) -> HttpResponse:
    """Set-up has no sign-in of its own: one way in is easier to watch than two."""
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect(f"{reverse('sign-in')}?{request.GET.urlencode()}")


def _enter(request: HttpRequest, user: User, to: str) -> HttpResponse:
    request.session.pop(HALF_WAY, None)
    login(request, user, backend=BACKEND)
    return redirect(to)


def _half_way(request: HttpRequest) -> tuple[User, str] | None:
    """The person who has given the right password a moment ago, and where they were going."""
    said = request.session.get(HALF_WAY)
    if said is None or time.time() - said["at"] > CODE_WITHIN:
        return None
    user = queries.person_by_id(said["user"])
    return (user, said["to"]) if user and user.is_active else None


def _refuse_without_single_sign_on() -> None:
    if settings.SINGLE_SIGN_ON is None:
        raise Http404


def _not_let_in(request: HttpRequest, refused: NotLetIn) -> HttpResponse:
    messages.warning(request, str(refused))
    return redirect("sign-in")
