"""What is done to every request."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse

from queuesite.views import not_found


class OneNotFoundPage:
    """A door that says Http404 leads to our own page, in debug too: a visitor's ended link is no developer's matter."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return not_found(request, exception) if isinstance(exception, Http404) else None
