"""Everything that may happen in a branch, in any order, beside a small independent model of it.

Three desks, three clerks, three services; every press is made at both, and both must answer the same, refusals
included. `make soak` goes on until as many presses have been made as SOAK says.
"""

import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any, ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from queues import actions, clock
from queues.models import Desk
from queues.refusals import Refusal
from tests.kit import factories
from tests.kit.invariants import assert_sound
from tests.kit.moves import actions_that_move
from tests.queues.reference.branch import ReferenceBranch
from tests.queues.reference.comparing import World, assert_same, assert_same_day, at
from tests.queues.reference.records import DAY, MINUTE, SECOND, No, Rules, Visitor

pytestmark = [pytest.mark.embedded, pytest.mark.django_db]

SEQUENCES, STEPS = 120, 7
SOAK = int(os.environ.get("SOAK", "0"))
SOAKED_AT_ONCE, SOAKED_STEPS = 10, 50
"""Sequences between two lines about how far it has come."""

OFTEN = {
    "come": 6, "go_on": 14, "undo": 6, "link": 4, "call_ticket": 3, "transfer": 4, "hold": 3, "recall": 3,
    "press": 8, "bring_back": 4, "time_goes_by": 4, "leave": 2, "transfer_ticket": 3, "plan": 2, "release": 2,
    "set_priority": 2, "attend": 3, "set_auto_call": 1, "close_session": 2, "pause_all": 1, "call_next": 2,
    "a_night_goes_by": 1, "close_now": 1,
}  # fmt: skip
"""What happens, and how often."""
BUTTONS = ("start_serving", "finish", "mark_absent", "mark_absent", "put_back", "call_held")
WHOLE = st.integers(0, 11)
STRANGERS = 0.2
"""How many of the presses at a desk are not of whoever sits there."""


class Machine(RuleBasedStateMachine):
    """What happens comes with a desk, a person and two numbers, of which each makes what it needs."""

    world: ClassVar[World]
    tally: ClassVar[Counter[str]] = Counter()
    reference: ReferenceBranch

    def __init__(self) -> None:
        super().__init__()
        self.frame = transaction.atomic()
        self.frame.__enter__()
        self.asked = 0
        self.drawn = Counter[int]()

    def teardown(self) -> None:
        if hasattr(self, "reference") and sys.exc_info()[0] is None:
            assert_sound(self.world.branch)
            if not self.reference.today:
                assert_same_day(self.world, self.reference)
        transaction.set_rollback(True)
        self.frame.__exit__(None, None, None)

    @initialize(
        ceiling=st.sampled_from([60, 0, 15, 1440]), limit=st.sampled_from([None, 0, 1, 2]),
        main=st.sampled_from([None, 0, 1]), back=st.sampled_from([3, 0, 1]), ahead=st.sampled_from([0, 5, 200]),
        line=st.lists(WHOLE, min_size=1, max_size=3), salt=st.integers(0, 2**64),
    )  # fmt: skip
    def opens(
        self, *, ceiling: int, limit: int | None, main: int | None, back: int, ahead: int, line: list[int], salt: int
    ) -> None:
        self.reference = self.world.open(Rules(ceiling=ceiling, calls_limit=limit, back_places=back), main, ahead)
        self.reference.now = 5 * 60 * MINUTE
        self.salt = salt
        for number in line:
            self.come(0, 0, number, number)

    @rule(dice=st.integers(0, 2**64))
    def happens(self, dice: int) -> None:
        """Evenly drawn, which Hypothesis's own numbers are not: its favourite is 0. What shrinks is the sequence."""
        self.drawn[dice] += 1
        chance = Random(f"{self.salt} {dice} {self.drawn[dice]}")
        what = chance.choices([*OFTEN], [*OFTEN.values()])[0]
        desk = chance.choice((0, 0, 1, 2))
        one, other = chance.randrange(12), chance.randrange(12)
        by = chance.randrange(3) if chance.random() < STRANGERS else self.sitting(desk)
        note(f"{self.reference.now / SECOND} s: {what} at desk {desk} by {by} ({one}, {other})")
        self.asked += 1
        getattr(self, what)(desk, by, one, other)

    @invariant()
    def all_is_the_same(self) -> None:
        if hasattr(self, "reference"):
            assert_same(self.world, self.reference, desk=self.asked % 3)

    # Both at once.

    def both(self, name: str, press: Callable[[], object], expected: Callable[[], object]) -> None:
        """Make the press at both; they must agree on whether it may be made, and on why not."""
        answer = wanted = ""
        with clock.standing_at(at(self.reference.now)):
            try:
                press()
            except Refusal as refusal:
                answer = type(refusal).__name__
        try:
            expected()
        except No as no:
            wanted = no.kind
        self.tally[f"{name} {answer}".strip()] += 1
        assert answer == wanted, f"{name}: {answer or 'done'}, but {wanted or 'done'} was expected"

    def pressed(self, name: str, desk: int, by: int, *given: Any, model: Any = None, **named: Any) -> None:
        """An action of a desk whose name and arguments are the same in both, but for `model`, the model's first."""
        real, expected = getattr(actions, name), getattr(self.reference, name)
        first = given if model is None else (model, *given[1:])
        self.both(
            name,
            lambda: real(self.world.desks[desk], *given, by=self.world.clerks[by], **named),
            lambda: expected(desk, *first, by=by, **named),
        )

    def pressed_about(self, name: str, desk: int, by: int, one: Visitor | None, **named: Any) -> None:
        if one is not None:
            self.pressed(name, desk, by, self.world.tickets[one.id], model=one, **named)

    def sitting(self, desk: int) -> int:
        sits = self.reference.desks[desk].clerk
        return desk if sits is None else sits

    def anybody(self, number: int) -> Visitor | None:
        visitors = self.reference.visitors
        return visitors[number % len(visitors)] if visitors else None

    def at_desk(self, desk: int, number: int) -> Visitor | None:
        """Mostly who is at the desk, or was last; else anybody."""
        last = self.reference.desks[desk].last
        here = self.reference.has(desk) or (self.reference.visitors[last.lead] if last else None)
        return here if here and number % 4 else self.anybody(number)

    # Visitors.

    def come(self, _desk: int, _by: int, one: int, other: int) -> None:
        service, priority = one % 3, (None, None, 0, 1)[other % 4]
        self.reference.now += (other // 4) * 7 * SECOND
        of = None if priority is None else self.world.classes[priority]

        def issue() -> None:
            self.world.tickets.append(actions.issue(self.world.services[service], language="fi", priority=of).pk)

        self.both("issue", issue, lambda: self.reference.issue(service, priority))

    def leave(self, desk: int, _by: int, one: int, other: int) -> None:
        who = self.at_desk(desk, one) if other % 3 == 0 else self.anybody(one)
        if who:
            self.both("leave", lambda: actions.leave(self.world.ticket(who)), lambda: self.reference.leave(who))

    def bring_back(self, _desk: int, _by: int, one: int, other: int) -> None:
        away = [who for who in self.reference.visitors if who.state == "NO_SHOW" or who.not_before is not None]
        who = away[one % len(away)] if away else self.anybody(one)
        places = (None, 0, 1, 2, 9)[other % 5]
        if who:
            self.both(
                "bring_back",
                lambda: factories.brought_back(self.world.ticket(who), places=places),
                lambda: self.reference.bring_back(who, places),
            )

    def plan(self, _desk: int, _by: int, one: int, other: int) -> None:
        planned = [(), (0,), (1, 2), (2, 1, 2)][other % 4]
        services = [self.world.services[service] for service in planned]
        if who := self.anybody(one):
            press = lambda: actions.plan(self.world.ticket(who), services)  # noqa: E731 - said once, here
            self.both("plan", press, lambda: self.reference.plan(who, list(planned)))

    # A desk's presses.

    def go_on(self, desk: int, _by: int, _one: int, other: int) -> None:
        """What the desk's clerk most often does next."""
        has, by = self.reference.has(desk), self.sitting(desk)
        if self.reference.paused is not None:
            self.pause_all(desk, by, 0, 0)
        if has is None:
            self.call_next(desk, by, 1, 1)
        else:
            self.pressed_about("start_serving" if has.state == "CALLED" else "finish", desk, by, has)
        self.reference.now += (0, 1, 20, 200)[other % 4] * SECOND

    def call_next(self, desk: int, by: int, _one: int, other: int) -> None:
        saw = None if other % 4 else 0
        self.both(
            "call_next",
            lambda: actions.call_next(self.world.desks[desk], by=self.world.clerks[by], saw=saw),
            lambda: self.reference.call_next(desk, by, knows=saw is None),
        )

    def call_ticket(self, desk: int, by: int, one: int, other: int) -> None:
        if who := self.anybody(one):
            self.both(
                "call_ticket",
                lambda: actions.call_ticket(
                    self.world.desks[desk], who.number, reason="late", by=self.world.clerks[by if other % 3 else 0]
                ),
                lambda: self.reference.call_ticket(desk, who.number, by if other % 3 else 0),
            )

    def press(self, desk: int, by: int, one: int, other: int) -> None:
        self.pressed_about(BUTTONS[other % len(BUTTONS)], desk, by, self.at_desk(desk, one))

    def recall(self, desk: int, by: int, one: int, other: int) -> None:
        self.pressed_about("recall", desk, by, self.at_desk(desk, one), calls_seen=(None, None, 1)[other % 3])

    def hold(self, desk: int, by: int, one: int, other: int) -> None:
        self.pressed_about("hold", desk, by, self.at_desk(desk, one), minutes=(None, 1, 10)[other % 3])

    def transfer(self, desk: int, by: int, one: int, other: int) -> None:
        to, target = self.target(one + other)
        how: dict[str, Any] = {"at_the_end": other % 3 == 0, "returns": other % 2 == 0}
        if who := self.at_desk(desk, one):
            self.both(
                "transfer",
                lambda: actions.transfer(
                    self.world.desks[desk], self.world.tickets[who.id], by=self.world.clerks[by], **how, **target
                ),
                lambda: self.reference.transfer(desk, who, by, to=to, **how),
            )

    def target(self, number: int) -> tuple[tuple[int | None, int | None, int | None], dict[str, Any]]:
        """A service, a desk, a clerk, or two of them; as the model and as the actions name it."""
        n = number % 3
        service, desk, clerk = [(n, None, None), (None, n, None), (None, None, n), (n, n, None)][number // 3 % 4]
        return (service, desk, clerk), {
            "service": None if service is None else self.world.services[service],
            "to_desk": None if desk is None else self.world.desks[desk],
            "to_clerk": None if clerk is None else self.world.clerks[clerk],
        }

    def link(self, desk: int, by: int, one: int, other: int) -> None:
        leading, who = self.at_desk(desk, one), self.anybody(other)
        if leading and who:
            self.both(
                "link",
                lambda: actions.link(self.world.desks[desk], leading.number, who.number, by=self.world.clerks[by]),
                lambda: self.reference.link(desk, leading.number, who.number, by),
            )

    def undo(self, desk: int, by: int, one: int, other: int) -> None:
        """Mostly what has just been done, wherever that was."""
        recent = max(range(3), key=lambda number: last.at if (last := self.reference.desks[number].last) else -1)
        desk, by = (recent, self.sitting(recent)) if one % 4 else (desk, by)
        self.reference.now += (0, 0, 0, 3, 20)[other % 5] * SECOND
        self.pressed("undo", desk, by)

    def attend(self, desk: int, by: int, one: int, _other: int) -> None:
        self.pressed(("open_session", "take_over", "pause", "resume")[one % 4], desk, by)

    def close_session(self, desk: int, by: int, _one: int, other: int) -> None:
        self.pressed("close_session", desk, by, puts_back=other % 2 == 0)

    def set_auto_call(self, desk: int, by: int, _one: int, other: int) -> None:
        self.pressed("set_auto_call", desk, by, on=other % 3 > 0)

    # The supervisor and the clock.

    def release(self, desk: int, _by: int, one: int, other: int) -> None:
        if who := self.at_desk(desk, one):
            back = other % 2 == 0
            self.both(
                "release",
                lambda: actions.release(self.world.ticket(who), back=back, by=self.world.clerks[0]),
                lambda: self.reference.release(who, back=back, by=0),
            )

    def set_priority(self, _desk: int, _by: int, one: int, other: int) -> None:
        priority = (None, 0, 1)[other % 3]
        of = None if priority is None else self.world.classes[priority]
        if who := self.anybody(one):
            press = lambda: actions.set_priority(self.world.ticket(who), of, by=None)  # noqa: E731 - as above
            self.both("set_priority", press, lambda: self.reference.set_priority(who, priority))

    def pause_all(self, _desk: int, _by: int, _one: int, other: int) -> None:
        name = "resume_all" if self.reference.paused is not None or other % 4 == 0 else "pause_all"
        press = lambda: getattr(actions, name)(self.world.branch, by=None)  # noqa: E731 - as above
        self.both(name, press, getattr(self.reference, name))

    def transfer_ticket(self, desk: int, _by: int, one: int, other: int) -> None:
        to, target = self.target(other)
        if who := self.at_desk(desk, one) if other % 2 else self.anybody(one):
            self.both(
                "transfer_ticket",
                lambda: actions.transfer_ticket(self.world.ticket(who), by=self.world.clerks[0], **target),
                lambda: self.reference.transfer_ticket(who, to, by=0),
            )

    def close_now(self, _desk: int, _by: int, one: int, _other: int) -> None:
        """Rarely, and seldom for long."""
        words = dict.fromkeys(self.world.branch.languages, "The heating has failed.")
        if one == 0:
            press = lambda: actions.close_now(self.world.branch, words, by=None)  # noqa: E731 - as above
            self.both("close_now", press, self.reference.close_now)
        elif one % 2:
            self.both("reopen", lambda: actions.reopen(self.world.branch, by=None), self.reference.reopen)

    def time_goes_by(self, _desk: int, _by: int, _one: int, other: int) -> None:
        """The clock's worker comes round, and does one thing after another in its own order."""
        self.reference.now += (5, 11, 130, 900)[other % 4] * SECOND
        self.close_day()
        self.both("end_holds", actions.end_holds, self.reference.end_holds)
        with clock.standing_at(at(self.reference.now)):  # each desk's page is open
            Desk.objects.filter(branch=self.world.branch).update(attended_until=clock.now() + timedelta(minutes=1))
        self.both("auto_call_idle_desks", actions.auto_call_idle_desks, self.reference.auto_call_idle_desks)

    def a_night_goes_by(self, _desk: int, _by: int, _one: int, other: int) -> None:
        """To the next morning; the clock's worker may sleep longer than the branch."""
        self.reference.now = (self.reference.today + 1) * DAY + 5 * 60 * MINUTE
        if other % 2:
            self.close_day()

    def close_day(self) -> None:
        self.world.branch.refresh_from_db()
        self.both("close_day", lambda: actions.close_day(self.world.branch), self.reference.close_day)


def run(sequences: int, steps: int, *, again: bool) -> None:
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            derandomize=again,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.fixture(autouse=True)
def _a_world() -> None:
    Machine.world = World()
    Machine.tally = Counter()


def test_any_sequence_of_presses_ends_where_the_model_says() -> None:
    if SOAK:
        soak(SOAK)
    else:
        run(SEQUENCES, STEPS, again=True)


def soak(presses: int) -> None:
    """Sequences that nobody has tried before, until so many presses have been made."""
    began = time.monotonic()
    while (made := Machine.tally.total()) < presses:
        run(SOAKED_AT_ONCE, SOAKED_STEPS, again=False)
        pace = Machine.tally.total() / (time.monotonic() - began)
        sys.stdout.write(f"{Machine.tally.total():>8} of {presses} presses, {pace:.0f} a second\n")
        sys.stdout.flush()
    done = {press for press in Machine.tally if " " not in press}
    never = actions_that_move() - done
    assert not never, f"Never carried out: {never}"
    refused = sum(times for press, times in Machine.tally.items() if " " in press)
    sys.stdout.write(f"Sound: {made} presses, {made - refused} of them carried out, {refused} refused alike.\n")
