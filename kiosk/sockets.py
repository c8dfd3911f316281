from urllib.parse import parse_qs

from channels.db import database_sync_to_async

from kiosk.choice import KioskAudience
from live.socket import Receive, Scope, Send, serve
from live.source import Audience, Member
from queues.models import Branch


async def kiosk_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """`/ws/kiosk/<branch>/?language=fi`: in the first language unless told; refused for one it doesn't speak."""
    await serve(_door, scope, receive, send)


@database_sync_to_async  # type: ignore[untyped-decorator]  # channels ships no types
def _door(scope: Scope) -> tuple[Audience, Member] | None:
    branch = Branch.objects.filter(slug=scope["url_route"]["kwargs"]["branch"]).first()
    if branch is None:
        return None
    asked = parse_qs(scope.get("query_string", b"").decode("latin1")).get("language", branch.languages)[0]
    return (KioskAudience(branch.pk, asked), None) if asked in branch.languages else None
