from urllib.parse import parse_qs

from kiosk.access import branch_of_socket
from kiosk.choice import KioskAudience, StartAudience
from live.socket import Receive, Scope, Send, serve
from live.source import Audience, Member


async def kiosk_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """`/ws/kiosk/<branch>/?language=fi`: the services, in the first language unless told; refused for one it doesn't
    speak. With `?page=start` the first screen, which speaks them all."""
    await serve(_access, scope, receive, send)


async def _access(scope: Scope) -> tuple[Audience, Member] | None:
    branch = await branch_of_socket(scope["url_route"]["kwargs"]["branch"])
    if branch is None:
        return None
    query = parse_qs(scope.get("query_string", b"").decode("latin1"))
    if query.get("page") == ["start"]:
        return StartAudience(branch.pk), None
    asked = query.get("language", branch.languages)[0]
    return (KioskAudience(branch.pk, asked), None) if asked in branch.languages else None
