"""Where sockets go. HTTP goes to Django's urls.py."""

from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import URLPattern, path, re_path

django_application = get_wsgi_application()

from display.sockets import display_socket  # noqa: E402 - Django must be set up before models are imported
from kiosk.sockets import kiosk_socket  # noqa: E402
from queuesite.asgi_middleware import OriginMiddleware, SocketLimitMiddleware  # noqa: E402
from queuesite.http_threads import OnThreads  # noqa: E402
from staffdesk.desk.sockets import desk_socket  # noqa: E402
from staffdesk.hall.sockets import hall_socket  # noqa: E402
from visitor.sockets import visitor_socket  # noqa: E402


def route(pattern: str, application: Any) -> URLPattern:
    """An ASGI application at an address; Django's `path` is typed for views only."""
    found: URLPattern = path(pattern, application)
    return found


nowhere: Any = WebsocketDenier.as_asgi()
sockets = URLRouter(
    [
        route("ws/display/<slug:branch>/", display_socket),
        route("ws/kiosk/<slug:branch>/", kiosk_socket),
        route("ws/desk/<int:desk_id>/", AuthMiddlewareStack(desk_socket)),
        route("ws/hall/<slug:branch>/", AuthMiddlewareStack(hall_socket)),
        route("ws/t/<slug:token>/", visitor_socket),
        # An address that is none is refused like any other; the router by itself would fail, and log it.
        re_path("", nowhere),
    ]
)

limited_sockets = SocketLimitMiddleware(
    sockets, per_address=settings.ENVIRONMENT.address_sockets, in_total=settings.ENVIRONMENT.process_sockets
)

application = ProtocolTypeRouter(
    {"http": OnThreads(django_application), "websocket": OriginMiddleware(limited_sockets)}
)
