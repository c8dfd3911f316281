"""Tickets by their number or their link, and what has happened to them."""

import re
import unicodedata
from collections.abc import Collection, Container
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from queues.compiled import compiled
from queues.models import Branch, Thanks, Ticket, TicketEvent
from queues.queries.branches import today
from queues.states import OPEN, State

LONGEST_NUMBER = 40
"""Characters that are looked at."""
NUMBER = re.compile(r"^(\D*)([0-9]{1,18})$")


def todays_ticket(branch: Branch, number: str) -> Ticket | None:
    """Today's ticket with this number, however people write it: the open one, else the last one. Letters and digits
    count, signs, blanks and leading zeros don't. Digits alone are a whole number, or what is left of one that only one
    visitor has. One query, two where there is nobody here with the number, up to three more for digits alone."""
    letters, digits = _parts(number)
    if not digits:
        return None
    tickets = Ticket.objects.select_related("desk", "branch").filter(branch=branch, business_day=today(branch))
    found = _open_or_last(tickets.filter(shown=letters + digits))
    if found is not None or letters:
        return found
    alike = tickets.filter(shown__regex=rf"^[^0-9]{{1,2}}{digits}$")
    here = list(alike.filter(state__in=OPEN)[:2])
    if here:
        return here[0] if len(here) == 1 else None
    return alike.order_by("-id").first() if alike.values("shown").distinct().count() == 1 else None


def _parts(number: str) -> tuple[str, str]:
    """The letters and the digits of a number as somebody wrote it: "a-02" is ("A", "2")."""
    signs = [sign for sign in unicodedata.normalize("NFKC", number[:LONGEST_NUMBER]).upper() if sign.isalnum()]
    match = NUMBER.match("".join(signs))
    return (match[1], str(int(match[2]))) if match else ("", "")


def _open_or_last(tickets: QuerySet[Ticket]) -> Ticket | None:
    return tickets.filter(state__in=OPEN).first() or tickets.order_by("-id").first()


def ticket_by_id(branch: Branch, pk: int) -> Ticket | None:
    """None if the branch has no such ticket."""
    return Ticket.objects.filter(branch=branch, pk=pk).first()


@compiled
def _with_token(token: str) -> QuerySet[Ticket]:
    return Ticket.objects.select_related("branch", "service", "desk").filter(token=token)


def ticket_by_token(token: str) -> Ticket | None:
    """`tickets_by_token` for one."""
    ticket = _with_token.first(token=token)
    return ticket if ticket and ticket.business_day == today(ticket.branch) else None


def tickets_by_token(tokens: Collection[str]) -> dict[str, Ticket]:
    """The tickets of these visitors' links, each by its own, with branch, service and desk, until their business day
    ends. One query."""
    found = Ticket.objects.select_related("branch", "service", "desk").filter(token__in=tokens)
    return {ticket.token: ticket for ticket in found if ticket.business_day == today(ticket.branch)}


@compiled
def _of_visit(branch: int, visit: UUID) -> QuerySet[Ticket]:
    return Ticket.objects.filter(branch=branch, request_key=visit)


def ticket_of_visit(branch: Branch, visit: UUID) -> Ticket | None:
    """The ticket that was drawn with this key of a visit at a kiosk, on whatever day."""
    return _of_visit.first(branch=branch.pk, visit=visit)


def drawn_at(ticket: Ticket) -> datetime:
    """When its number was drawn, wherever it has waited since. One query."""
    return TicketEvent.objects.filter(ticket=ticket).order_by("id").values_list("at", flat=True)[0]


def left_over(branch: Branch) -> QuerySet[Ticket]:
    """Tickets of earlier business days on which the day has not closed yet; followers go with their leaders."""
    return (
        Ticket.objects.leading()
        .filter(
            branch=branch,
            business_day__lt=today(branch),
            state__in=(State.WAITING, State.CALLED, State.HELD),
        )
        .order_by("id")
    )


def have_come_back(ids: Collection[int]) -> frozenset[int]:
    """Those of these tickets whose visitors have said on the phone that they are here after all: brought back by no
    clerk's hand. None, no query."""
    if not ids:
        return frozenset()
    said_so = TicketEvent.objects.filter(ticket__in=ids, action="bring_back", by__isnull=True)
    return frozenset(said_so.values_list("ticket", flat=True))


def served_by(ids: Collection[int]) -> dict[int, int]:
    """The clerk who served each of these tickets last: its id to the user's. Left out where that is not known."""
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


def numbers_in_use(branch_id: int) -> frozenset[str]:
    """What is shown for the branch's open tickets, transferred and yesterday's ones included."""
    return frozenset(Ticket.objects.filter(branch_id=branch_id, state__in=OPEN).values_list("shown", flat=True))


@compiled
def _open_with_number(branch: int, shown: str) -> QuerySet[Ticket, tuple[int]]:
    return Ticket.objects.filter(branch=branch, shown=shown, state__in=OPEN).values_list("pk")


class NumbersInUse(Container[str]):
    """`numbers_in_use`, for whoever asks about one or two: the next number of a series is seldom taken."""

    def __init__(self, branch_id: int) -> None:
        self._branch_id = branch_id
        self._all: frozenset[str] | None = None

    def __contains__(self, shown: object) -> bool:
        if self._all is not None:
            return shown in self._all
        is_in_use = bool(_open_with_number.all(branch=self._branch_id, shown=shown))
        if is_in_use:
            self._all = numbers_in_use(self._branch_id)
        return is_in_use
