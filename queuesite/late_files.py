"""Collected files that have come since this server started: while an upgrade goes on, pages of the newer servers ask
this one for theirs, too."""

from collections.abc import Callable
from pathlib import Path

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware


class LateFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # whitenoise ships no types
    """WhiteNoise lists the files once, as it starts. A name that is not on its list is looked for on the disk, and on
    the list from then on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        if not self.autorefresh:
            # Where `find_file` looks; the list is not made of it.
            self.directories.append((f"{Path(self.static_root).absolute()}/", self.static_prefix))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        url = request.path_info
        if not self.autorefresh and url.startswith(self.static_prefix) and url not in self.files:
            late = self.find_file(url)
            if late is not None:
                self.files[url] = late
        answer: HttpResponseBase = super().__call__(request)
        return answer
