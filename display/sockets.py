from display.access import branch_of_socket
from display.board import BoardAudience
from live.socket import Receive, Scope, Send, serve
from live.source import Audience, Member


async def display_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """`/ws/display/<branch>/`: refused for a branch that doesn't exist."""
    await serve(_access, scope, receive, send)


async def _access(scope: Scope) -> tuple[Audience, Member] | None:
    branch = await branch_of_socket(scope["url_route"]["kwargs"]["branch"])
    return None if branch is None else (BoardAudience(branch.pk), None)
