"""Reading the desks: the clerk signed in, the visitors there, and what was done there last."""

from collections.abc import Collection
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from queues import queries
from queues.compiled import compiled
from queues.models import Branch, Desk, TicketEvent, Visit
from queues.queries import head_starts
from queues.snapshot.rows import DeskRow, LastMove, TicketRow, Visited
from queues.states import AT_DESK, State

_DESK_COLUMNS = (
    *("name", "main_service", "main_head_start", "clerk_since", "calls_by_itself", "paused_since"),
    *("pause_reason", "pause_until", "help_since", "clerk__username", "clerk__first_name", "clerk__last_name"),
    *("helper__username", "helper__first_name", "helper__last_name"),
    *("unrecorded__service", "unrecorded__ticket__shown"),
)
"""What is read of a desk and of whom and what it points at."""


@compiled
def _desks(branch: int) -> QuerySet[Any]:
    pointed_at = Desk.objects.select_related("clerk", "helper", "unrecorded__ticket")
    return pointed_at.filter(branch=branch).only(*_DESK_COLUMNS)


@compiled
def _served_services(branch: int) -> QuerySet[Any, tuple[int, int]]:
    return Desk.services.through.objects.filter(desk__branch=branch).values_list("desk", "service")


@compiled
def _last_steps(branch: int) -> QuerySet[TicketEvent, tuple[Any, ...]]:
    """The last event of each desk, and whose. A family's is its leader's."""
    last = queries.latest_first(OuterRef("pk")).values("pk")[:1]
    at_desks = Desk.objects.filter(branch=branch).order_by().values(last=Subquery(last))
    shown = Coalesce("ticket__leader__shown", "ticket__shown")
    steps = TicketEvent.objects.filter(pk__in=at_desks).order_by()
    return steps.values_list("desk", "pk", "ticket", shown, "to_state", "by", "at", "undoes")


def desk_rows(branch: Branch, in_house: Collection[TicketRow]) -> dict[int, DeskRow]:
    desks = _desks.all(branch=branch.pk)
    services: dict[int, set[int]] = {desk.pk: set() for desk in desks}
    for desk_id, service_id in _served_services.all(branch=branch.pk):
        services[desk_id].add(service_id)
    at_desks = [ticket for ticket in in_house if ticket.state in AT_DESK]
    notes = _notes([ticket.id for ticket in at_desks if ticket.sent_on or ticket.calls > 1])
    moves = _last_moves(branch)
    classes = head_starts.classes_of(branch) if any(desk.main_head_start for desk in desks) else []
    return {
        desk.pk: DeskRow(
            id=desk.pk,
            name=desk.name,
            services=frozenset(services[desk.pk]),
            main_service=desk.main_service_id,
            main_head_start=head_starts.main_head_start(desk.main_head_start, branch.head_start_ceiling, classes),
            clerk_id=desk.clerk_id,
            clerk=desk.clerk.shown_name if desk.clerk else "",
            clerk_since=desk.clerk_since,
            calls_by_itself=desk.calls_by_itself,
            paused_since=desk.paused_since,
            pause_reason=desk.pause_reason,
            pause_until=desk.pause_until,
            help_since=desk.help_since,
            helper=desk.helper.shown_name if desk.helper else "",
            unrecorded=_visited(desk.unrecorded),
            notes=tuple(words for desk_id, words in notes if desk_id == desk.pk),
            last_move=moves.get(desk.pk),
            has=tuple(ticket for ticket in at_desks if ticket.desk_id == desk.pk),
        )
        for desk in desks
    }


def _visited(began: TicketEvent | None) -> Visited | None:
    return Visited(began.ticket_id, began.ticket.shown, began.service_id) if began else None


def _notes(ticket_ids: Collection[int]) -> list[tuple[int | None, str]]:
    """What was noted about these tickets, the newest first, with the desk where each is now."""
    if not ticket_ids:
        return []
    noted = Visit.objects.filter(ticket__in=ticket_ids).exclude(note="")
    return list(noted.values_list("ticket__desk", "note"))


def _last_moves(branch: Branch) -> dict[int, LastMove]:
    """By the desk's id."""
    return {
        desk: LastMove(pk, ticket, shown, State(to), by, at, undone=undoes is not None)
        for desk, pk, ticket, shown, to, by, at, undoes in _last_steps.all(branch=branch.pk)
    }
