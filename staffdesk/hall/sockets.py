from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from django.conf import settings

from live.socket import STAFF_LASTS, Receive, Scope, Send, serve
from live.source import Audience, Member
from staffdesk.access import StaffSocket, hall_for, stays
from staffdesk.hall.board import HallAudience


async def hall_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """`/ws/hall/<branch>/?language=fi`: refused unless this person leads the branch."""
    await serve(_door, scope, receive, send, lasts=STAFF_LASTS, may_stay=_may_stay)


@database_sync_to_async  # type: ignore[untyped-decorator]  # channels ships no types
def _door(scope: Scope) -> tuple[Audience, Member] | None:
    branch = hall_for(scope["user"], scope["url_route"]["kwargs"]["branch"])
    if branch is None:
        return None
    scope["staff"] = StaffSocket.of(scope, branch, leads=True)
    asked = parse_qs(scope.get("query_string", b"").decode("latin1")).get("language", branch.languages)[0]
    return (HallAudience(branch.pk, asked), None) if asked in dict(settings.LANGUAGES) else None


async def _may_stay(scope: Scope) -> bool:
    return bool(await stays(scope["staff"]))
