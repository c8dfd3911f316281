from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from django.conf import settings

from live.socket import STAFF_LASTS, Receive, Scope, Send, serve
from live.source import Audience, Member
from staffdesk.access import StaffSocket, desk_for, stays
from staffdesk.desk.panel import DeskAudience


async def desk_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """`/ws/desk/<id>/?language=fi`: refused unless the desk's page is open to this person."""
    await serve(_door, scope, receive, send, lasts=STAFF_LASTS, may_stay=_may_stay)


@database_sync_to_async  # type: ignore[untyped-decorator]  # channels ships no types
def _door(scope: Scope) -> tuple[Audience, Member] | None:
    desk = desk_for(scope["user"], scope["url_route"]["kwargs"]["desk_id"])
    if desk is None:
        return None
    scope["staff"] = StaffSocket.of(scope, desk.branch, leads=False)
    asked = parse_qs(scope.get("query_string", b"").decode("latin1")).get("language", desk.branch.languages)[0]
    return (DeskAudience(desk.branch_id, desk.pk, asked), None) if asked in dict(settings.LANGUAGES) else None


async def _may_stay(scope: Scope) -> bool:
    return bool(await stays(scope["staff"]))
