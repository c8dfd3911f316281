"""Where everybody stands in line."""

from collections import Counter

from queues.snapshot import BranchSnapshot, TicketRow


def places(branch: BranchSnapshot) -> dict[int, int]:
    """Each waiting ticket's place in the line of its service, beginning with 1. A family has one place, its leader's.

    A visitor whom one desk or clerk expects stands behind those who were due earlier for the service and behind those
    expected there too, so that nobody is promised too much; but in nobody else's way, for only one desk calls them.
    """
    common: Counter[int] = Counter()
    expected: Counter[tuple[int | None, int | None]] = Counter()
    result: dict[int, int] = {}
    for ticket in branch.line:
        if ticket.leader_id is not None:
            continue
        there = (ticket.for_desk_id, ticket.for_clerk_id)
        if there == (None, None):
            common[ticket.service_id] += 1
            result[ticket.id] = common[ticket.service_id]
        else:
            expected[there] += 1
            result[ticket.id] = common[ticket.service_id] + expected[there]
    return result


def place_of(ticket: TicketRow, known: dict[int, int]) -> int | None:
    """This ticket's place among the known ones; None out of line."""
    return known.get(ticket.leader_id or ticket.id)
