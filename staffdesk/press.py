"""What every press has in common, at a desk and in a hall: who may, what is said of it, and how it is answered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from queues.models import Branch, Desk
from queues.refusals import NobodyThere, Refusal
from staffdesk.access import clerk
from staffdesk.forms import is_of_record

Place = TypeVar("Place", Branch, Desk)
"""Where a press is made."""
Row = TypeVar("Row")
ANYWAY = "anyway"
"""The field with which a press is made all the same."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to whoever pressed, refused or done; after a difficult visit a pause is offered with it. `again` is
    what the press was sent with, of each field every value, where it may be made all the same. `unkept` says why
    something that came along with a press isn't kept, whatever has become of the press."""

    words: str
    refused: bool = False
    offers_pause: bool = False
    again: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unkept: str = ""


def press(
    act: Callable[..., Answer | None],
    *,
    named_by: str,
    find: Callable[[HttpRequest, Any], Place],
    show: Callable[[HttpRequest, Place, Answer | None], HttpResponse],
    go_back: Callable[[HttpRequest, Place, Answer | None], HttpResponse],
) -> Callable[..., HttpResponse]:
    """A view that carries out a press. `act` gets the request, the place, the person and what else the address names;
    it may say something, and may raise a Refusal, or a ValidationError fit to be read.

    `find` knows the place by the part of the address that is called `named_by`, and raises Http404 for whoever may not
    press there. htmx is answered with what it is to `show`; after a plain form the browser is to `go_back` to a page,
    which says the answer.
    """

    @login_required
    @require_POST
    def view(request: HttpRequest, **address: Any) -> HttpResponse:
        place = find(request, address.pop(named_by))
        try:
            answer = act(request, place, clerk(request), **address)
        except NobodyThere as refusal:
            answer = Answer(str(refusal), refused=True, again=_sent(request))
        except Refusal as refusal:
            answer = Answer(str(refusal), refused=True)
        except ValidationError as error:
            answer = Answer(" ".join(error.messages), refused=True)
        if request.headers.get("HX-Request"):
            return show(request, place, answer)
        if answer is not None and answer.words:
            messages.add_message(request, messages.WARNING if answer.refused else messages.INFO, answer.words)
        if answer is not None and answer.unkept:
            messages.warning(request, answer.unkept)
        return go_back(request, place, answer)

    return view


def asks_first(request: HttpRequest) -> bool:
    """Whether a press that leads nowhere just now is to be asked about: the page can, and hasn't yet."""
    return bool(request.headers.get("HX-Request")) and ANYWAY not in request.POST


def _sent(request: HttpRequest) -> dict[str, list[str]]:
    """Without the words about a visit, which go along with each press as they are then."""
    names = [name for name in request.POST if name != "csrfmiddlewaretoken" and not is_of_record(name)]
    return {name: request.POST.getlist(name) for name in names} | {ANYWAY: ["1"]}


def known(found: Row | None, refusal: type[Refusal]) -> Row:
    """What a press names and a query has found; raises the refusal where it has found nothing."""
    if found is None:
        raise refusal
    return found
