"""The same frame over HTTP: what a page shows first, and what it fetches while its socket is down."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpResponse

from live.source import Audience, Member, Snapshot, Stamp, source


@dataclass(frozen=True, slots=True)
class Reading:
    """One audience's body as of `stamp`."""

    stamp: Stamp
    body: str
    snapshot: Snapshot


def read(audience: Audience, member: Member = None) -> Reading | None:
    """Read and render for one member; None when the topic or the member is gone."""
    snapshot = source().read(audience.topic, {audience: frozenset([member])})
    if snapshot is None:
        return None
    body = audience.render(snapshot, [member]).get(member)
    if body is None:
        return None
    return Reading(Stamp.of(snapshot.rev, snapshot.at, settings.BUILD), body, snapshot)


def frame_response(reading: Reading) -> HttpResponse:
    return HttpResponse(
        reading.stamp.frame(reading.body),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
