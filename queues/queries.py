"""Questions about the line. Read only; the actions ask them under the branch's lock."""

from collections.abc import Collection
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from accounts.models import User
from queues import clock, order
from queues.models import Branch, BranchEvent, Desk, Thanks, Ticket, TicketEvent, What
from queues.states import AT_DESK, OPEN, State

ASKED_AGAIN_AFTER = timedelta(minutes=1)
"""Until then, who asks for help at a kiosk has been heard already."""


def today(branch: Branch) -> date:
    """The branch's present business day."""
    return branch.business_day(clock.now())


def line(branch: Branch) -> QuerySet[Ticket]:
    """Everybody who waits today, in the order in which they are due, those included whose hold has run out. Yesterday's
    are never in it. Followers are: they wait with their leader."""
    hold_is_over = Q(state=State.HELD, callable_from__lte=clock.now())
    return Ticket.objects.filter(
        Q(state=State.WAITING) | hold_is_over,
        branch=branch,
        business_day=today(branch),
        state__in=(State.WAITING, State.HELD),
    ).order_by("due_at", "id")


def due_at(desk: Desk, by: User | None = None) -> QuerySet[Ticket]:
    """Whom this desk may call now, the next one first: for its services, or sent to this desk, or to this clerk."""
    callable_now = Q(callable_from__isnull=True) | Q(callable_from__lte=clock.now())
    for_anybody = Q(service__in=desk.services.all(), for_desk__isnull=True, for_clerk__isnull=True)
    mine = for_anybody | Q(for_desk=desk)
    if by is not None:
        mine |= Q(for_clerk=by)
    ranked = order.ranked_by(desk.main_service_id, order.own_head_start(desk))
    return line(desk.branch).filter(callable_now, mine, leader__isnull=True).order_by(ranked, "id")


def latest_event(desk: Desk) -> TicketEvent | None:
    """The last move at this desk: what a desk's page has seen."""
    return TicketEvent.objects.filter(desk=desk).order_by("-id").first()


def has_now(desk: Desk) -> Ticket | None:
    """The open ticket of this desk."""
    return Ticket.objects.filter(desk=desk, state__in=AT_DESK, leader__isnull=True).first()


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


def left_over(branch: Branch) -> QuerySet[Ticket]:
    """Tickets of earlier business days on which the day has not closed yet; followers go with their leaders."""
    return Ticket.objects.filter(
        branch=branch,
        business_day__lt=today(branch),
        state__in=(State.WAITING, State.CALLED, State.HELD),
        leader__isnull=True,
    ).order_by("id")
