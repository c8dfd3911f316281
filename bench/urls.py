"""The system's addresses, and a press of a signed-in clerk that does nothing: what any press costs."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from queuesite.urls import handler404, urlpatterns

__all__ = ["handler404", "urlpatterns"]


@require_POST
@login_required
def nothing(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [*urlpatterns, path("bench/nothing/", nothing)]
