"""What the clients were told, in their own words: held against the database after each fault."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID


class Told(NamedTuple):
    """What a kiosk showed its visitor; `number` is "" until the page with it has come."""

    token: str
    number: str


class Done(NamedTuple):
    """A desk's press that was answered as done."""

    action: str
    desk: int
    ticket: int


@dataclass(slots=True)
class Account:
    """Everything that was asked and everything that was answered. Times are seconds."""

    asked: set[UUID] = field(default_factory=set)
    told: dict[UUID, Told] = field(default_factory=dict)
    done: Counter[Done] = field(default_factory=Counter)
    presses: int = 0
    unanswered: int = 0
    slowest: float = 0.0
    oddities: list[str] = field(default_factory=list)

    def pressed(self, seconds: float, *, answered: bool) -> None:
        self.presses += 1
        if answered:
            self.slowest = max(self.slowest, seconds)
        else:
            self.unanswered += 1

    def telling(self, visit: UUID, told: Told) -> None:
        """The kiosk has shown this. The same visit must never be told something else."""
        before = self.told.get(visit)
        if before is not None and (before.token != told.token or (before.number and before.number != told.number)):
            self.oddities.append(f"{visit} was told {before}, then {told}")
        self.told[visit] = told


class Ticket(NamedTuple):
    """A row, as far as an account can know of it."""

    id: int
    visit: UUID | None
    token: str
    number: str


def disagreements(account: Account, tickets: list[Ticket], events: Mapping[Done, int]) -> list[str]:
    """Where the rows are not what the clients were told: each a sentence. `events` counts the log's moves at desks.

    Every ticket that was told exists exactly once, as told; every visit has at most one, also one that was never
    answered; nobody has one who never asked; every press that was answered as done is in the log exactly once, and no
    press is there twice.
    """
    found = list(account.oddities)
    of_visit: dict[UUID | None, list[Ticket]] = {}
    for ticket in tickets:
        of_visit.setdefault(ticket.visit, []).append(ticket)
    for visit, told in account.told.items():
        match of_visit.get(visit, []):
            case []:
                found.append(f"lost: {told.number or told.token}")
            case [one]:
                if one.token != told.token or (told.number and one.number != told.number):
                    found.append(f"told {told}, but the row is {one}")
    found += [f"doubled: {visit} has {len(those)}" for visit, those in of_visit.items() if len(those) > 1]
    found += [f"never asked for: {visit}" for visit in of_visit if visit not in account.asked]
    found += [f"not in the log: {done}" for done in account.done if not events.get(done)]
    found += [f"{times} times in the log: {done}" for done, times in events.items() if times > 1]
    return found
