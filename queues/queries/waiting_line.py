"""Questions about the line. Read only; the actions ask them under the branch's lock."""

from collections.abc import Collection, Container
from datetime import date, datetime, timedelta

from django.db.models import CharField, DateField, DateTimeField, Q, QuerySet

from accounts.models import User
from queues import clock
from queues.compiled import CompiledQuery, Param
from queues.models import Branch, BranchEvent, Desk, Service, Thanks, Ticket, TicketEvent, What
from queues.queries import ordering
from queues.states import AT_DESK, OPEN, State

ASKED_AGAIN_AFTER = timedelta(minutes=1)
"""Until then, who asks for help at a kiosk has been heard already."""


def today(branch: Branch) -> date:
    """The branch's present business day."""
    return branch.business_day(clock.now())


def line(branch: Branch) -> QuerySet[Ticket]:
    """Everybody who waits today, in the order in which they are due, those included whose hold has run out. Yesterday's
    are never in it. Followers are: they wait with their leader."""
    return in_line(branch.pk, today(branch), clock.now())


def in_line(branch: int | Param, day: date | Param, now: datetime | Param) -> QuerySet[Ticket]:
    """`line`, for this branch's id, business day and instant."""
    hold_is_over = Q(state=State.HELD, callable_from__lte=now)
    return Ticket.objects.filter(
        Q(state=State.WAITING) | hold_is_over,
        branch=branch,
        business_day=day,
        state__in=(State.WAITING, State.HELD),
    ).order_by("due_at", "id")


def line_later() -> QuerySet[Ticket]:
    """`in_line`, with `a_line` given when it is asked."""
    return in_line(Param("branch"), Param("day", DateField()), Param("now", DateTimeField()))


def a_line(branch: Branch) -> dict[str, object]:
    """The line of this branch now, for a kept question."""
    now = clock.now()
    return {"branch": branch.pk, "day": branch.business_day(now), "now": now}


def due_at(desk: Desk, by: User | None = None) -> QuerySet[Ticket]:
    """Whom this desk may call now, the next one first: for its services, or sent to this desk, or to this clerk."""
    ranked = ordering.ranked_by(desk.main_service_id, ordering.own_head_start(desk))
    return _due_at(line(desk.branch), clock.now(), desk.pk, by.pk if by else None).order_by(ranked, "id")


def next_at(desk: Desk, by: User | None = None) -> Ticket | None:
    """The first of `due_at`."""
    if ordering.own_head_start(desk):
        return due_at(desk, by).first()
    here = a_line(desk.branch)
    return (
        NEXT_AT_DESK.first(**here, desk=desk.pk)
        if by is None
        else NEXT_FOR_CLERK.first(**here, desk=desk.pk, clerk=by.pk)
    )


def _due_at(
    in_line: QuerySet[Ticket], now: datetime | Param, desk: int | Param, clerk: int | Param | None
) -> QuerySet[Ticket]:
    callable_now = Q(callable_from__isnull=True) | Q(callable_from__lte=now)
    its_services = Service.objects.filter(desks=desk)
    mine = Q(service__in=its_services, for_desk__isnull=True, for_clerk__isnull=True) | Q(for_desk=desk)
    if clerk is not None:
        mine |= Q(for_clerk=clerk)
    return in_line.filter(callable_now, mine, leader__isnull=True)


_NOW = Param("now", DateTimeField())
NEXT_AT_DESK = CompiledQuery(lambda: _due_at(line_later(), _NOW, Param("desk"), None)[:1])
NEXT_FOR_CLERK = CompiledQuery(lambda: _due_at(line_later(), _NOW, Param("desk"), Param("clerk"))[:1])
LATEST_AT_DESK = CompiledQuery(lambda: TicketEvent.objects.filter(desk=Param("desk")).order_by("-id")[:1])
HAS_NOW = CompiledQuery(lambda: Ticket.objects.filter(desk=Param("desk"), state__in=AT_DESK, leader__isnull=True))


def latest_event(desk: Desk) -> TicketEvent | None:
    """The last move at this desk: what a desk's page has seen."""
    return LATEST_AT_DESK.first(desk=desk.pk)


def has_now(desk: Desk) -> Ticket | None:
    """The open ticket of this desk."""
    return HAS_NOW.first(desk=desk.pk)


def ahead_of(ticket: Ticket) -> int:
    """How many are due before this one in the line of its service: a family is one, and who is expected by one desk or
    clerk is nobody's predecessor."""
    earlier = Q(due_at__lt=ticket.due_at) | Q(due_at=ticket.due_at, id__lt=ticket.pk)
    for_anybody = Q(leader__isnull=True, for_desk__isnull=True, for_clerk__isnull=True)
    return line(ticket.branch).filter(earlier, for_anybody, service_id=ticket.service_id).count()


def have_come_back(ids: Collection[int]) -> frozenset[int]:
    """Those of these tickets whose visitors have said on the phone that they are here after all: brought back by no
    clerk's hand. None, no query."""
    if not ids:
        return frozenset()
    said_so = TicketEvent.objects.filter(ticket__in=ids, action="bring_back", by__isnull=True)
    return frozenset(said_so.values_list("ticket", flat=True))


def served_by(ids: Collection[int]) -> dict[int, int]:
    """Who served each of these tickets last: its id to the user's. Left out where that is not known."""
    events = TicketEvent.objects.filter(
        ticket__in=ids, to_state=State.SERVING, undoes__isnull=True, undone_by__isnull=True
    )
    last = dict(events.order_by("id").values_list("ticket", "by"))
    return {ticket: clerk for ticket, clerk in last.items() if clerk is not None}


def may_thank(ids: Collection[int]) -> frozenset[int]:
    """Those of these served tickets that have somebody to thank, and haven't yet. None, no query."""
    if not ids:
        return frozenset()
    thanked = Thanks.objects.filter(ticket__in=ids).values_list("ticket", flat=True)
    return frozenset(served_by(ids)).difference(thanked)


def is_asked_at_kiosk(branch: Branch) -> bool:
    """Whether a visitor at a kiosk asks for a person, or did so just before. One query."""
    lately = BranchEvent.objects.filter(branch=branch, what=What.KIOSK_HELP, at__gt=clock.now() - ASKED_AGAIN_AFTER)
    return branch.kiosk_help_since is not None or lately.exists()


def numbers_in_use(branch_id: int) -> frozenset[str]:
    """What is shown for the branch's open tickets, transferred and yesterday's ones included."""
    return frozenset(Ticket.objects.filter(branch_id=branch_id, state__in=OPEN).values_list("shown", flat=True))


IN_USE = CompiledQuery(
    lambda: Ticket.objects.filter(
        branch=Param("branch"), shown=Param("shown", CharField()), state__in=OPEN
    ).values_list("pk")
)


class NumbersInUse(Container[str]):
    """`numbers_in_use`, for who asks about one or two: the next number of a series is seldom taken."""

    def __init__(self, branch_id: int) -> None:
        self._branch_id = branch_id
        self._all: frozenset[str] | None = None

    def __contains__(self, shown: object) -> bool:
        if self._all is not None:
            return shown in self._all
        is_in_use = bool(IN_USE.all(branch=self._branch_id, shown=shown))
        if is_in_use:
            self._all = numbers_in_use(self._branch_id)
        return is_in_use


THE_BRANCH = CompiledQuery(lambda: Branch.objects.filter(pk=Param("branch")).order_by())


def branch_now(branch_id: int) -> Branch | None:
    """The branch as it is now; None if it is gone."""
    return THE_BRANCH.first(branch=branch_id)


def left_over(branch: Branch) -> QuerySet[Ticket]:
    """Tickets of earlier business days on which the day has not closed yet; followers go with their leaders."""
    return Ticket.objects.filter(
        branch=branch,
        business_day__lt=today(branch),
        state__in=(State.WAITING, State.CALLED, State.HELD),
        leader__isnull=True,
    ).order_by("id")
