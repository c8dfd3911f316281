from collections.abc import Collection

from display.board import BoardAudience
from live.batched_lookup import BatchedLookup
from live.socket import Receive, Scope, Send, serve
from live.source import Audience, Member
from queues.models import Branch


async def display_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """`/ws/display/<branch>/`: refused for a branch that doesn't exist."""
    await serve(_access, scope, receive, send)


def _ids_of(slugs: Collection[str]) -> dict[str, int]:
    return dict(Branch.objects.filter(slug__in=slugs).values_list("slug", "pk"))


branch_id = BatchedLookup(_ids_of)


async def _access(scope: Scope) -> tuple[Audience, Member] | None:
    found = await branch_id(scope["url_route"]["kwargs"]["branch"])
    return None if found is None else (BoardAudience(found), None)
