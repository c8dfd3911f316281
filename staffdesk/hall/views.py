"""A supervisor's pages."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from live.http import frame_response
from queues import queries
from staffdesk.access import hall_branch
from staffdesk.hall.page import audience_of, languages_of, page


@never_cache
@login_required
@require_safe
def hall(request: HttpRequest, slug: str) -> HttpResponse:
    return page(request, hall_branch(request, slug))


@login_required
@require_safe
def frame(request: HttpRequest, slug: str) -> HttpResponse:
    """The view as it would come over the socket."""
    return frame_response(audience_of(hall_branch(request, slug)))


@never_cache
@login_required
@require_safe
def closing(request: HttpRequest, slug: str) -> HttpResponse:
    """The two ways to close the day, and what each of them will do to how many. Of a day that is closed
    already the words are there to be sent again."""
    branch = hall_branch(request, slug)
    waiting, held = queries.waiting_and_on_hold(branch)
    context = {
        "branch": branch,
        "here": waiting,
        "held": held,
        "leaving": waiting + held,
        "is_closed": branch.closed_day == queries.today(branch),
        "languages": languages_of(branch),
    }
    return render(request, "staffdesk/hall/closing.html", context)
