"""Where a ticket waits: for whom, and behind how many."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from queues import clock, queries
from queues.changes.party import step_out
from queues.changes.transition import move, refusal_for
from queues.models import Branch, Desk, Membership, Service, Ticket
from queues.refusals import NobodyThere, NowhereToSend, NumberTaken, TargetGone
from queues.states import OPEN, State

JUST_BEHIND = timedelta(microseconds=1)


def target(
    branch: Branch, ticket: Ticket, *, service: Service | None, to_desk: Desk | None, to_clerk: User | None
) -> dict[str, Any]:
    """The columns that send a ticket there. Raises NowhereToSend, TargetGone."""
    if service is None and to_desk is None and to_clerk is None:
        raise NowhereToSend
    if any(place is not None and place.branch_id != branch.pk for place in (service, to_desk)):
        raise TargetGone
    works_here = Membership.objects.filter(branch=branch, user=to_clerk, user__is_active=True)
    if to_clerk is not None and not works_here.exists():
        raise TargetGone
    return {
        "service_id": service.pk if service else ticket.service_id,
        "plan": [planned for planned in ticket.plan if service is None or planned != service.pk],
        "for_desk_id": to_desk.pk if to_desk else None,
        "for_clerk_id": to_clerk.pk if to_clerk else None,
    }


def refuse_if_nobody_is_there(
    branch: Branch, *, service: Service | None, to_desk: Desk | None, to_clerk: User | None
) -> None:
    """Raises NobodyThere where no clerk has a session at the desk, or at a desk that serves the service, or where the
    clerk has none."""
    sitting = Desk.objects.filter(branch=branch, clerk__isnull=False)
    for place, there in (
        (service, sitting.filter(services=service)),
        (to_desk, sitting.filter(pk=to_desk.pk if to_desk else 0)),
        (to_clerk, sitting.filter(clerk=to_clerk)),
    ):
        if place is not None and not there.exists():
            raise NobodyThere(place)


def move_elsewhere(ticket: Ticket, changes: Mapping[str, Any], *, by: User | None) -> Ticket:
    """Send a ticket that waits or is on hold to a `target`; a follower goes on alone. Call it inside `changing`."""
    if ticket.state not in (State.WAITING, State.HELD):
        raise refusal_for(ticket)
    if ticket.leader_id is not None:
        step_out(ticket)
    return move(ticket, State.WAITING, action="reassign", by=by, changes={**changes, "callable_from": None})


def back_in_line(branch: Branch, ticket: Ticket, *, places: int | None = None, by: User | None = None) -> Ticket:
    """An absent visitor has come after all: let them wait again, behind `places` others, where 0 is the front and None
    the branch's own choice. A visitor in a cool-down is due at once instead. Call it inside `changing`.

    Raises NumberTaken when the number has been given to somebody else since, and what the ticket's state says.
    """
    if ticket.state == State.WAITING:
        first = ticket.leader or ticket  # in a cool-down a family waits as one
        if first.callable_from:
            move(first, State.WAITING, action="bring_back", by=by, changes={"callable_from": None})
        return ticket
    if ticket.state != State.NO_SHOW or ticket.business_day != queries.today(branch):
        raise refusal_for(ticket)
    if ticket.leader_id is not None:
        step_out(ticket)
    numbers = [ticket.shown, *ticket.followers.values_list("shown", flat=True)]
    if Ticket.objects.filter(branch=branch, shown__in=numbers, state__in=OPEN).exists():
        raise NumberTaken(ticket)
    due = place_in_line(branch, ticket, branch.back_places if places is None else places)
    changes: dict[str, Any] = {"due_at": due, "callable_from": None}
    if due > ticket.due_at:
        changes["head_start"] = 0
    return move(ticket, State.WAITING, action="bring_back", by=by, changes=changes)


def last_due(branch: Any, day: Any) -> QuerySet[Ticket, datetime]:
    """The `due_at` of the last one who waits in this branch on this business day."""
    waiting = Ticket.objects.filter(branch=branch, business_day=day, state=State.WAITING)
    return waiting.order_by("-due_at").values_list("due_at", flat=True)[:1]


def end_of_line(ticket: Ticket) -> datetime:
    """The `due_at` by which this ticket waits behind everybody: now, unless the clock has been set back since others
    began to wait. One query."""
    now = clock.now()
    reaches = last_due(ticket.branch_id, ticket.business_day).first()
    return reaches + JUST_BEHIND if reaches and reaches > now else now


def place_in_line(branch: Branch, ticket: Ticket, places: int) -> datetime:
    """The `due_at` by which `places` others of its service are due before this ticket, and the next one after it."""
    due = list(
        queries.line(branch)
        .leading()
        .filter(service=ticket.service_id)
        .exclude(pk=ticket.pk)
        .values_list("due_at", flat=True)[: places or 1]
    )
    if not due:
        return ticket.due_at
    if places == 0:
        return min(ticket.due_at, due[0] - JUST_BEHIND)
    return max(ticket.due_at, due[-1] + JUST_BEHIND)
