"""The hall's page and its answers, from one reading of the branch."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from modeltranslation.utils import build_localized_fieldname

from accounts.models import User
from live.http import LivePage, stamp_of
from queues import queries, snapshot
from queues.models import Branch, Desk, PriorityClass, Service
from staffdesk.hall.board import HallAudience, HallView
from staffdesk.press import Answer


@dataclass(frozen=True, slots=True)
class InLanguage:
    """A field for words in one of the branch's languages, and what they are now."""

    code: str
    name: str
    notice: str
    is_first: bool


@dataclass(frozen=True, slots=True)
class Tools:
    """What the hall's forms offer; it changes with the branch's set-up, not with the line."""

    languages: tuple[InLanguage, ...]
    services: tuple[Service, ...]
    desks: tuple[Desk, ...]
    colleagues: tuple[User, ...]
    priorities: tuple[PriorityClass, ...]

    @classmethod
    def of(cls, branch: Branch) -> "Tools":
        return cls(
            languages=languages_of(branch),
            services=tuple(queries.services_of(branch)),
            desks=tuple(queries.desks_with_services(branch)),
            colleagues=tuple(queries.members_of(branch)),
            priorities=tuple(queries.priorities_of(branch)),
        )


def languages_of(branch: Branch) -> tuple[InLanguage, ...]:
    """The branch's, the first one first."""
    names = dict(settings.LANGUAGES)
    return tuple(
        InLanguage(code, names[code], getattr(branch, build_localized_fieldname("notice", code)) or "", place == 0)
        for place, code in enumerate(branch.languages)
    )


def page(request: HttpRequest, branch: Branch) -> HttpResponse:
    """The whole page."""
    return _render(request, branch, "staffdesk/hall/hall.html", tools=Tools.of(branch))


def answered(request: HttpRequest, branch: Branch, answer: Answer | None) -> HttpResponse:
    """The answer to a press: the hall as it is now, and what is said to the supervisor."""
    fresh = queries.branch_now(branch.pk) or branch  # it was read before the press
    return _render(request, fresh, "staffdesk/hall/_answer.html", answer=answer)


def audience_of(branch: Branch) -> HallAudience:
    return HallAudience(branch.pk, get_language() or branch.languages[0])


def _render(request: HttpRequest, branch: Branch, template: str, **more: Any) -> HttpResponse:
    audience = audience_of(branch)
    now = snapshot.read(branch, audience.needs)
    live = LivePage(
        socket=f"/ws/hall/{branch.slug}/?language={audience.language}",
        frame=reverse("hall-frame", args=[branch.slug]),
        time_zone=branch.time_zone,
        stamp=stamp_of(now),
    )
    with timezone.override(branch.zone):
        view = HallView.of(now, audience.language)
        return render(request, template, {"branch": branch, "slug": branch.slug, "view": view, "live": live, **more})
