"""Where everybody stands in line."""

from collections import Counter
from collections.abc import Mapping

from queues.snapshot import BranchSnapshot, FollowedRow


def places(branch: BranchSnapshot) -> dict[int, int]:
    """Each waiting ticket's place in the line of its service, beginning with 1. A family has one place, its leader's.

    A visitor whom one desk or clerk expects stands behind those who were due earlier for the service and behind those
    expected there too, so that nobody is promised too much; but in nobody else's way, for only one desk calls them.
    """
    common: Counter[int] = Counter()
    expected: Counter[tuple[int | None, int | None]] = Counter()
    result: dict[int, int] = {}
    for pk, ticket in branch.in_line.items():
        if ticket.leader_id is not None:
            continue
        there = (ticket.for_desk_id, ticket.for_clerk_id)
        if there == (None, None):
            common[ticket.service_id] += 1
            result[pk] = common[ticket.service_id]
        else:
            expected[there] += 1
            result[pk] = common[ticket.service_id] + expected[there]
    return result


def place_of(pk: int, ticket: FollowedRow, known: Mapping[int, int]) -> int | None:
    """The place of the ticket with this id among the known ones; None out of line."""
    return known.get(ticket.leader_id or pk)
