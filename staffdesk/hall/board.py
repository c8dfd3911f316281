"""What the hall shows: each service, each desk, what is stuck, the rules, and the branch log."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils import timezone, translation

from live.source import Member, body
from queues.clock import whole_minutes
from queues.models.rule import in_words
from queues.queries.wait_estimate import WaitEstimate
from queues.snapshot import BranchSnapshot, DeskRow, Part, Said, ServiceRow
from queues.snapshot.rules_and_events import RuleRow
from queues.topics import branch_topic
from staffdesk.hall.event_log import LoggedEvent, logged_events
from staffdesk.hall.stuck import SHOWN, Stuck, stuck

FINE, CLOSE, OVER = "fine", "close", "over"
"""How a line stands against its target."""
NEARLY = 0.8
FREE, PAUSED, NOBODY = "FREE", "PAUSED", "NOBODY"
"""A desk's states beside those of the ticket that it has."""


@dataclass(frozen=True, slots=True)
class At:
    """A desk that serves a service, and whether a clerk is signed in there."""

    name: str
    staffed: bool


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """Waits in minutes."""

    slug: str
    letter: str
    name: str
    is_open: bool
    waiting: int
    longest: int | None
    expected: int | None
    target: int
    sign: str
    desks: tuple[At, ...]

    @classmethod
    def of(cls, service: ServiceRow, branch: BranchSnapshot, language: str) -> "ServiceLine":
        since = service.waiting_since
        return cls(
            slug=service.slug,
            letter=service.prefix,
            name=service.name.in_(language),
            is_open=service.is_open,
            waiting=service.waiting,
            longest=whole_minutes(since, branch.at) if since else None,
            expected=WaitEstimate(service.waiting, service.desks, service.mean_seconds).minutes,
            target=service.target,
            sign=sign_of(branch.at - since if since else timedelta(), timedelta(minutes=service.target)),
            desks=tuple(
                At(desk.name, desk.clerk_id is not None)
                for desk in branch.desks.values()
                if service.id in desk.services
            ),
        )


def sign_of(wait: timedelta, target: timedelta) -> str:
    """Close to the target begins at four fifths of it."""
    if wait > target:
        return OVER
    return CLOSE if wait and wait >= NEARLY * target else FINE


@dataclass(frozen=True, slots=True)
class DeskLine:
    """`since` is when the state began; `serves` the letters of its services, `serving` their ids as the form has them;
    `on_loan`: those among the letters that a rule has the desk serve, too."""

    id: int
    name: str
    clerk: str
    state: str
    since: datetime | None
    ticket: int
    number: str
    service: str
    pause_reason: str
    pause_until: datetime | None
    asks_help: bool
    helper: str
    serves: tuple[str, ...]
    on_loan: tuple[str, ...]
    serving: tuple[int, ...]

    @classmethod
    def of(cls, desk: DeskRow, branch: BranchSnapshot, language: str) -> "DeskLine":
        services = {service.id: service for service in branch.services}
        current = desk.current
        letters = {
            pk: service.prefix or service.name.in_(language) for pk, service in services.items() if pk in desk.services
        }
        on_loan = {rule.service_id for rule in branch.rules if desk.id in rule.lent}
        return cls(
            id=desk.id,
            name=desk.name,
            clerk=desk.clerk,
            state=_state(desk),
            since=_since(desk),
            ticket=current.id if current else 0,
            number=current.shown if current else "",
            service=services[current.service_id].name.in_(language) if current else "",
            pause_reason=desk.pause_reason,
            pause_until=desk.pause_until,
            asks_help=desk.help_since is not None,
            helper=desk.helper,
            serves=tuple(letter for pk, letter in letters.items() if pk not in on_loan),
            on_loan=tuple(letter for pk, letter in letters.items() if pk in on_loan),
            serving=tuple(sorted(desk.services)),
        )


def _state(desk: DeskRow) -> str:
    if desk.current:
        return str(desk.current.state)
    if desk.clerk_id is None:
        return NOBODY
    return PAUSED if desk.paused_since else FREE


def _since(desk: DeskRow) -> datetime | None:
    if desk.current:
        return desk.current.state_since
    if desk.clerk_id is None:
        return None
    known = (desk.clerk_since, desk.last_move.at if desk.last_move else None)
    return desk.paused_since or max((instant for instant in known if instant), default=None)


@dataclass(frozen=True, slots=True)
class RuleLine:
    id: int
    name: str
    words: str
    is_on: bool
    acting_since: datetime | None

    @classmethod
    def of(cls, rule: RuleRow, branch: BranchSnapshot, language: str) -> "RuleLine":
        names = {service.id: service.name.in_(language) for service in branch.services}
        desks = tuple(desk.name for pk, desk in branch.desks.items() if pk in rule.desks)
        return cls(
            id=rule.id,
            name=rule.name,
            words=in_words(names.get(rule.service_id, ""), rule.over, rule.under, desks),
            is_on=rule.is_on,
            acting_since=rule.acting_since,
        )


@dataclass(frozen=True, slots=True)
class HallView:
    """No visitor's name and no need: a number, a service and a time are all that a supervisor sees of anybody."""

    waiting: int
    held: int
    longest: int | None
    staffed: int
    desks_in_all: int
    notice: tuple[Said, ...]
    paused_since: datetime | None
    is_closed: bool
    kiosk_asks: bool
    services: tuple[ServiceLine, ...]
    desks: tuple[DeskLine, ...]
    stuck: tuple[Stuck, ...]
    stuck_more: int
    rules: tuple[RuleLine, ...]
    events: tuple[LoggedEvent, ...]

    @classmethod
    def of(cls, branch: BranchSnapshot, language: str) -> "HallView":
        """In the active language's words and the active time zone's times."""
        services = tuple(ServiceLine.of(service, branch, language) for service in branch.services)
        desks = tuple(DeskLine.of(desk, branch, language) for desk in branch.desks.values())
        found = stuck(branch, language)
        return cls(
            waiting=len(branch.line),
            held=len(branch.held),
            longest=max((line.longest for line in services if line.longest is not None), default=None),
            staffed=sum(desk.state != NOBODY and bool(desk.clerk) for desk in desks),
            desks_in_all=len(desks),
            notice=branch.notice.said_in([language]),
            paused_since=branch.paused_since,
            is_closed=branch.is_closed,
            kiosk_asks=branch.kiosk_help_since is not None,
            services=services,
            desks=desks,
            stuck=found[:SHOWN],
            stuck_more=len(found[SHOWN:]),
            rules=tuple(RuleLine.of(rule, branch, language) for rule in branch.rules),
            events=logged_events(branch, language),
        )


@dataclass(frozen=True, slots=True)
class HallAudience:
    """The hall of one branch in one language."""

    branch_id: int
    language: str

    needs = frozenset({Part.SERVICES, Part.WAITING, Part.DESKS, Part.LINE, Part.RULES, Part.EVENTS})

    @property
    def topic(self) -> str:
        return branch_topic(self.branch_id)

    def render(self, snapshot: BranchSnapshot, members: Collection[Member]) -> dict[Member, bytes]:
        with translation.override(self.language), timezone.override(ZoneInfo(snapshot.time_zone)):
            view = HallView.of(snapshot, self.language)
            html = render_to_string("staffdesk/hall/_view.html", {"view": view, "slug": snapshot.slug})
        return dict.fromkeys(members, body(html=html))
