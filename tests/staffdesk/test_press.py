"""What every press has in common, at a desk and in a hall."""

from typing import NoReturn

import pytest
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from accounts.models import User
from queues.models import Desk
from queues.refusals import Refusal, ServiceGone
from staffdesk.access import clerk_desk
from staffdesk.press import Answer, press
from tests.kit.sample_branch import SampleBranch

pytestmark = pytest.mark.django_db


def show(_request: HttpRequest, _desk: Desk, answer: Answer | None) -> HttpResponse:
    return HttpResponse(f"refused: {answer.words}" if answer and answer.refused else "done")


def go_back(_request: HttpRequest, _desk: Desk, _answer: Answer | None) -> NoReturn:
    raise AssertionError("htmx is answered at once")


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (None, "done"),
        (ServiceGone(), f"refused: {ServiceGone()}"),
        (ValidationError("Too long."), "refused: Too long."),
        (ValidationError(["Too long.", "Too late."]), "refused: Too long. Too late."),
    ],
)
def test_whatever_is_refused_is_answered_in_words(
    raised: Refusal | ValidationError | None, said: str, sample: SampleBranch
) -> None:
    def act(_request: HttpRequest, desk: Desk, by: User, *, number: int) -> None:
        assert (desk, by, number) == (sample.desk, sample.clerk, 7)
        if raised:
            raise raised

    view = press(act, named_by="desk_id", find=clerk_desk, show=show, go_back=go_back)
    request = RequestFactory().post("/", headers={"hx-request": "true"})
    request.user = sample.clerk
    assert view(request, desk_id=sample.desk.pk, number=7).content.decode() == said
