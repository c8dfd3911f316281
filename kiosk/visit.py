"""A visit at a kiosk. The screen is everybody's: what one visitor was shown there is for the browser that drew their
number, for a few minutes, and until the next visitor begins.

A signed cookie names the ticket. The visitor's own page, on their phone, knows nothing of this.
"""

from datetime import datetime, timedelta

from django.core import signing
from django.http import HttpRequest, HttpResponse

from queues import clock, queries
from queues.models import Ticket

COOKIE = "visit"
SALT = "kiosk.visit"
LASTS = timedelta(minutes=3)
"""From its last page on; and from the draw on, for which a press that got no answer may be made again."""
WRITES_FOR = timedelta(hours=1)
"""From its last page on, what is pressed on that page counts: whoever needs long to say something is still there, since
a page that nobody touches gives the screen back."""


def remember(request: HttpRequest, response: HttpResponse, ticket: Ticket) -> None:
    """This browser drew this ticket, and its visitor is still there."""
    _remember(request, response, ticket.pk)


def prolong(request: HttpRequest, response: HttpResponse) -> None:
    """Somebody has pressed on a page of the visit, if there is one: they are still there."""
    pk = _named(request, WRITES_FOR)
    if pk is not None:
        _remember(request, response, pk)


def _remember(request: HttpRequest, response: HttpResponse, pk: int) -> None:
    said = signing.dumps([pk, clock.now().timestamp()], salt=SALT)
    response.set_cookie(
        COOKIE,
        said,
        max_age=WRITES_FOR,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
        path=_path_of(request),
    )


def end(request: HttpRequest, response: HttpResponse) -> None:
    """The next visitor begins."""
    if COOKIE in request.COOKIES:
        response.delete_cookie(COOKIE, path=_path_of(request), samesite="Lax")


def is_of(request: HttpRequest, ticket: Ticket, within: timedelta = LASTS) -> bool:
    """Whether this is the browser that drew the ticket, in the visit in which it did and so long after its last page
    at most."""
    return _named(request, within) == ticket.pk


def _named(request: HttpRequest, within: timedelta) -> int | None:
    """The ticket that this browser drew, so long after its last page at most."""
    try:
        pk, at = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return int(pk) if clock.now() - datetime.fromtimestamp(at, clock.now().tzinfo) < within else None


def may_ask_again(ticket: Ticket) -> bool:
    """Whether the press that drew this ticket may be one whose answer was lost."""
    drawn_at = ticket.waiting_since if ticket.called_at is None else queries.drawn_at(ticket)
    return clock.now() - drawn_at < LASTS


def _path_of(request: HttpRequest) -> str:
    """Two branches on one machine are two kiosks."""
    _root, surface, branch, *_rest = request.path.split("/")
    return f"/{surface}/{branch}/"
