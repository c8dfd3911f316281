from urllib.parse import parse_qs

from live.socket import Receive, Scope, Send, serve
from live.source import Audience, Member
from visitor.access import ticket_of_socket
from visitor.following import VisitorAudience


async def visitor_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """`/ws/t/<token>/?language=fi`: refused for an unknown link and for one whose day has ended."""
    await serve(_access, scope, receive, send)


async def _access(scope: Scope) -> tuple[Audience, Member] | None:
    ticket = await ticket_of_socket(scope["url_route"]["kwargs"]["token"])
    if ticket is None:
        return None
    asked = parse_qs(scope.get("query_string", b"").decode("latin1")).get("language", [ticket.language])[0]
    return VisitorAudience(ticket.branch_id, asked if asked in ticket.branch.languages else ticket.language), ticket.pk
