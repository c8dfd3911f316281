"""A desk's page and its panel, from one reading of the branch."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from accounts.models import User
from live.http import LivePage, stamp_of
from queues import actions, queries, snapshot
from queues.models import AfterVisit, Desk, Need, Outcome, PriorityClass, Service
from staffdesk.access import clerk
from staffdesk.desk.panel import DeskAudience, DeskView
from staffdesk.press import Answer


@dataclass(frozen=True, slots=True)
class Tools:
    """What a desk's forms offer; it changes with the branch's set-up, not with the line."""

    services: tuple[Service, ...]
    desks: tuple[Desk, ...]
    colleagues: tuple[User, ...]
    priorities: tuple[PriorityClass, ...]
    outcomes: tuple[Outcome, ...]
    needs: tuple[Need, ...]
    may_call_any: bool
    asks_after: bool
    may_skip: bool
    thanks: int
    languages: tuple[tuple[str, str], ...]
    hold_minutes = (5, 10, 15, 30, 60)
    pause_minutes = (5, 10, 15, 30, 45, 60)

    @classmethod
    def of(cls, desk: Desk, by: User) -> "Tools":
        branch = desk.branch
        return cls(
            services=tuple(queries.services_of(branch)),
            desks=tuple(other for other in queries.desks_of(branch) if other.pk != desk.pk),
            colleagues=tuple(other for other in queries.members_of(branch) if other.pk != by.pk),
            priorities=tuple(queries.priorities_of(branch)),
            outcomes=tuple(queries.outcomes_of(branch)),
            needs=tuple(Need),
            may_call_any=actions.may_call_any(desk, by),
            asks_after=branch.after_visit != AfterVisit.OFF,
            may_skip=branch.after_visit == AfterVisit.OPTIONAL,
            thanks=queries.count_unseen_thanks(by),
            languages=tuple((code, name) for code, name in settings.LANGUAGES if code in branch.languages),
        )


def page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The whole page."""
    tools, today = Tools.of(desk, clerk(request)), queries.today(desk.branch)
    return _render(request, desk, "staffdesk/desk/desk.html", tools=tools, today=today)


def panel(request: HttpRequest, desk: Desk, answer: Answer | None) -> HttpResponse:
    """The answer to a press: the panel as it is now, and what is said to the clerk."""
    desk.branch = queries.branch_now(desk.branch_id) or desk.branch  # it was read before the press
    return _render(request, desk, "staffdesk/desk/desk.html#answer", answer=answer)


def audience_of(desk: Desk) -> DeskAudience:
    return DeskAudience(desk.branch_id, desk.pk, get_language() or desk.branch.languages[0])


def _render(request: HttpRequest, desk: Desk, template: str, **more: Any) -> HttpResponse:
    audience = audience_of(desk)
    now = snapshot.read(desk.branch, audience.needs)
    live = LivePage(
        socket=f"/ws/desk/{desk.pk}/?language={audience.language}",
        frame=reverse("desk-frame", args=[desk.pk]),
        time_zone=desk.branch.time_zone,
        stamp=stamp_of(now),
    )
    with timezone.override(desk.branch.zone):
        view = DeskView.of(now, now.desks[desk.pk], audience.language)
        context = {"desk": desk, "branch": desk.branch, "view": view, "live": live, "key": uuid4(), **more}
        return render(request, template, context)
