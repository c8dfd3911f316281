from channels.db import database_sync_to_async

from display.board import BoardAudience
from live.socket import Receive, Scope, Send, serve
from live.source import Audience, Member
from queues.models import Branch


async def display_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """`/ws/display/<branch>/`: refused for a branch that doesn't exist."""
    await serve(_door, scope, receive, send)


@database_sync_to_async  # type: ignore[untyped-decorator]  # channels ships no types
def _door(scope: Scope) -> tuple[Audience, Member] | None:
    branch = Branch.objects.filter(slug=scope["url_route"]["kwargs"]["branch"]).first()
    return (BoardAudience(branch.pk), None) if branch else None
