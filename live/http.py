"""The same frame over HTTP: what a page begins with, and what it fetches while its socket is down."""

from dataclasses import dataclass

from django.conf import settings
from django.http import Http404, HttpResponse

from live.source import Audience, Member, Snapshot, Stamp, source


@dataclass(frozen=True, slots=True)
class LivePage:
    """What live.js needs to know of the page it keeps fresh: where to listen, where to ask, and how old it is now."""

    socket: str
    frame: str
    time_zone: str
    stamp: Stamp


def stamp_of(snapshot: Snapshot) -> Stamp:
    return Stamp.of(snapshot.rev, snapshot.at, settings.BUILD)


def frame_response(audience: Audience, member: Member = None) -> HttpResponse:
    """The frame that a socket of this audience would be sent now. Raises Http404 when there is nothing to show."""
    snapshot = source().read(audience.topic, {audience: frozenset([member])})
    body = audience.render(snapshot, [member]).get(member) if snapshot else None
    if snapshot is None or body is None:
        raise Http404
    return HttpResponse(
        stamp_of(snapshot).frame(body), content_type="application/json", headers={"Cache-Control": "no-store"}
    )
