from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe

from display.access import display_branch
from display.board import Board, BoardAudience
from live.http import LivePage, frame_response, stamp_of
from queues import snapshot


@require_safe
def display(request: HttpRequest, branch: str) -> HttpResponse:
    """The lobby screen, already showing the present state."""
    found = display_branch(branch)
    now = snapshot.read(found, BoardAudience.needs)
    live = LivePage(
        socket=f"/ws/display/{found.slug}/",
        frame=reverse("display-frame", args=[found.slug]),
        time_zone=found.time_zone,
        stamp=stamp_of(now),
    )
    translation.activate(found.languages[0])
    return render(request, "display/display.html", {"branch": found, "board": Board.of(now), "live": live})


@require_safe
def frame(_request: HttpRequest, branch: str) -> HttpResponse:
    """The same frame as over the socket, for a screen whose socket is down."""
    return frame_response(BoardAudience(display_branch(branch).pk))
