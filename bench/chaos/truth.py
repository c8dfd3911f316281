"""What the database says: the branch that is played with, what each screen should show, and whether the rows agree with
the laws and with what the clients were told. Everything here blocks, and needs Django set up."""

import json
import re
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

from django.core.management import call_command
from django.db import connections

from accounts.models import User
from bench.chaos.account import Account, Done, Ticket, disagreements
from display.board import BoardAudience
from live.source import Member
from queues import actions, models
from queues.models import Branch, Role, TicketEvent
from queues.snapshot.source import BranchAudience, BranchSource
from queues.topics import branch_topic
from staffdesk.desk.panel import DeskAudience
from tests.kit.invariants import assert_sound
from tests.kit.sockets import session_cookie
from visitor.following import VisitorAudience

SLUG = "fire"
DESKS = 6
PRESS_OF = {"call_next": "call-next", "start_serving": "start", "mark_absent": "absent", "finish": "finish"}
"""The press that makes a move, by the move's name in the log."""
PANEL_FACTS = re.compile(r'data-(state|current-number|ticket|seen|waiting)="([^"]*)"')
"""Of a desk's panel, which also tells minutes: those change by time alone."""

T = TypeVar("T")
View = tuple[BranchAudience, Member]


@dataclass(frozen=True, slots=True)
class SampleBranch:
    """The branch, its services' slugs, and each desk's id with the cookie of the clerk who is signed in there."""

    branch: Branch
    services: tuple[str, ...]
    desks: dict[int, str]

    def view(self, kind: str, which: str, tickets: Mapping[str, int]) -> View:
        """What a display, the panel of a desk (by its id) or a phone (by its ticket's token) is shown."""
        match kind:
            case "display":
                return BoardAudience(self.branch.pk), None
            case "desk":
                return DeskAudience(self.branch.pk, int(which), "en"), None
            case _phone:
                return VisitorAudience(self.branch.pk, "en"), tickets[which]


class Shown(NamedTuple):
    """A screen's name, what kind of view of whom it has, and the last frame it was sent."""

    name: str
    kind: str
    which: str
    frame: Mapping[str, Any]


def build() -> SampleBranch:
    """The tables and a branch, whose business day ends while nobody looks: twelve hours from now."""
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    far_from_now = (datetime.now(UTC).hour + 12) % 24
    branch = actions.create_branch(
        SLUG, names={"en": "Fire"}, time_zone="UTC", languages=["en"], rollover_hour=far_from_now
    )
    services = [
        actions.create_service(branch, f"service-{prefix.lower()}", names={"en": prefix}, prefix=prefix)
        for prefix in "ABC"
    ]
    desks: dict[int, str] = {}
    for number in range(1, DESKS + 1):
        desk = actions.create_desk(branch, str(number), services=[services[number % 3], services[(number + 1) % 3]])
        clerk = User.objects.create(username=f"clerk-{number}")
        actions.add_member(branch, clerk, Role.CLERK)
        desks[desk.pk] = session_cookie(clerk)
    return SampleBranch(Branch.objects.get(pk=branch.pk), tuple(service.slug for service in services), desks)


def afresh(ask: Callable[[], T]) -> T:
    """On a connection of its own: the last one may have ended with its server."""
    connections.close_all()
    try:
        return ask()
    finally:
        connections.close_all()


def behind(sample: SampleBranch, shown: Sequence[Shown]) -> list[str]:
    """The screens that don't show what they would be sent now, and in what."""
    links = [one.which for one in shown if one.kind == "phone"]
    tickets = dict(models.Ticket.objects.filter(token__in=links).values_list("token", "pk"))
    views = [sample.view(one.kind, one.which, tickets) for one in shown]
    audiences: dict[BranchAudience, set[Member]] = {}
    for audience, member in views:
        audiences.setdefault(audience, set()).add(member)
    snapshot = BranchSource().read(branch_topic(sample.branch.pk), audiences)
    bodies = {audience: audience.render(snapshot, members) for audience, members in audiences.items()}
    found = []
    for one, (audience, member) in zip(shown, views, strict=True):
        seen, truth = _facts(one.kind, one.frame), _facts(one.kind, json.loads(bodies[audience][member]))
        parts = [part for part in truth if seen.get(part) != truth[part]]
        if parts:
            found.append(f"{one.name} shows another {' and '.join(parts)}")
    return found


def _facts(kind: str, frame: Mapping[str, Any]) -> Mapping[str, Any]:
    """The frame itself; of a panel what doesn't change by time alone."""
    if kind == "desk":
        return {"facts": PANEL_FACTS.findall(frame.get("html", ""))}
    return {part: frame.get(part) for part in ("html", "calls", "own")}


def audit(sample: SampleBranch, account: Account) -> list[str]:
    """What is wrong with the rows, one sentence each."""
    try:
        assert_sound(sample.branch)
    except AssertionError:
        return [traceback.format_exc(limit=-2)]
    rows = models.Ticket.objects.filter(branch=sample.branch).values_list("pk", "request_key", "token", "shown")
    moves = TicketEvent.objects.filter(ticket__branch=sample.branch, action__in=PRESS_OF)
    events = Counter(
        Done(PRESS_OF[action], desk or 0, ticket)
        for action, desk, ticket in moves.values_list("action", "desk", "ticket")
    )
    return disagreements(account, [Ticket(*row) for row in rows], events)
