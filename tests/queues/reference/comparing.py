"""The rows of a branch beside its reference model: made alike, and compared field by field."""

from datetime import UTC, datetime, timedelta

from queues import clock, queries
from queues.models import Branch, Desk, Role, Ticket, TicketEvent
from queues.queries import statistics
from queues.queries.statistics import DeskDay
from queues.states import AT_DESK, State
from tests.kit import factories
from tests.kit.invariants import assert_legal_story, effective
from tests.queues.reference.branch import ReferenceBranch
from tests.queues.reference.records import Desk as Place
from tests.queues.reference.records import Rules, Visitor

FIRST_DAY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
"""Four o'clock in Helsinki: the business day begins."""
SERVICES = ((0, 1), (1, 2), (0, 1, 2))
"""Of each desk."""


def at(instant: int) -> datetime:
    return FIRST_DAY + timedelta(microseconds=instant)


class World:
    """The rows, made once; whoever changes them rolls back."""

    def __init__(self) -> None:
        self.branch = factories.branch()
        self.services = [factories.service(self.branch, number_prefix=prefix, number_last=9) for prefix in "ABC"]
        self.desks = [factories.desk(*(self.services[one] for one in served)) for served in SERVICES]
        self.clerks = [factories.clerk(self.branch, role=role) for role in (Role.SUPERVISOR, Role.CLERK, Role.CLERK)]
        self.classes = [factories.priority(self.branch, minutes=minutes) for minutes in Rules.classes]
        self.tickets: list[int] = []

    def open(self, rules: Rules, main: int | None, ahead: int) -> ReferenceBranch:
        """Set the branch up by these rules, its last desk with a main service. The model beside it."""
        self.tickets = []
        Branch.objects.filter(pk=self.branch.pk).update(
            head_start_ceiling=rules.ceiling,
            calls_limit=rules.calls_limit,
            back_places=rules.back_places,
            day=FIRST_DAY.date(),
        )
        main_service = None if main is None else self.services[main]
        Desk.objects.filter(pk=self.desks[2].pk).update(main_service=main_service, main_head_start=ahead)
        self.branch.refresh_from_db()
        self.desks = list(self.branch.desks.select_related("branch").order_by("id"))
        return ReferenceBranch(rules, [Place(SERVICES[0]), Place(SERVICES[1]), Place(SERVICES[2], main, ahead)])

    def ticket(self, one: Visitor) -> Ticket:
        return Ticket.objects.get(pk=self.tickets[one.id])


def assert_same(world: World, reference: ReferenceBranch, *, desk: int) -> None:
    """Every ticket and desk, and the line of this desk."""
    tickets = {ticket.pk: ticket for ticket in Ticket.objects.filter(branch=world.branch)}
    logs: dict[int, list[TicketEvent]] = {}
    for event in TicketEvent.objects.filter(ticket__in=tickets).defer("before").order_by("id"):
        logs.setdefault(event.ticket_id, []).append(event)
    assert sorted(tickets) == world.tickets
    for one in reference.visitors:
        ticket = tickets[world.tickets[one.id]]
        assert_same_ticket(world, one, ticket)
        assert_same_story(world, reference, one, ticket, logs[ticket.pk])
        following = sum(other.leader == one.id for other in reference.visitors)
        assert (ticket.party, bool(following and one.leader is not None)) == (1 + following, False)
    assert_same_desks(world, reference)
    assert_same_line(world, reference, desk)


def assert_same_ticket(world: World, one: Visitor, ticket: Ticket) -> None:
    def pk(rows: list[int], index: int | None) -> int | None:
        return None if index is None else rows[index]

    services, desks, clerks = ([row.pk for row in rows] for rows in (world.services, world.desks, world.clerks))
    assert {
        "shown": ticket.shown,
        "state": ticket.state,
        "since": ticket.state_since,
        "due": ticket.due_at,
        "head start": ticket.head_start,
        "calls": ticket.calls,
        "not before": ticket.callable_from,
        "leader": ticket.leader_id,
        "service": ticket.service_id,
        "for desk": ticket.for_desk_id,
        "for clerk": ticket.for_clerk_id,
        "plan": list(ticket.plan),
        "back to": (ticket.return_desk_id, ticket.return_clerk_id, ticket.return_service_id),
    } == {
        "shown": one.number,
        "state": one.state,
        "since": at(one.since),
        "due": at(one.due),
        "head start": one.head,
        "calls": one.calls,
        "not before": None if one.not_before is None else at(one.not_before),
        "leader": pk(world.tickets, one.leader),
        "service": services[one.service],
        "for desk": pk(desks, one.for_desk),
        "for clerk": pk(clerks, one.for_clerk),
        "plan": [services[planned] for planned in one.plan],
        "back to": (desks[one.back_to[0]], pk(clerks, one.back_to[1]), services[one.back_to[2]])
        if one.back_to
        else (None, None, None),
    }


def assert_same_story(
    world: World, reference: ReferenceBranch, one: Visitor, ticket: Ticket, log: list[TicketEvent]
) -> None:
    """What has happened, and how long it took: the statistics from the events are the model's own."""
    assert_legal_story(ticket, log)
    desks: dict[int | None, int | None] = {None: None, **{number: row.pk for number, row in enumerate(world.desks)}}
    told = [(event.from_state, event.to_state, event.action, event.desk_id, event.at) for event in effective(log)]
    assert told == [(moved.frm, moved.to, moved.action, desks[moved.desk], at(moved.at)) for moved in one.story]
    spent = statistics.time_in_states(log, until=at(reference.now))
    states = {moved.to for moved in one.story}
    assert spent == {State(state): timedelta(microseconds=one.time_in(state, reference.now)) for state in states}
    until = at(reference.now) if one.state == State.WAITING else ticket.called_at
    if one.state in (State.WAITING, *AT_DESK) and until is not None:
        waited = max(until - ticket.waiting_since, timedelta(0))  # a number drawn behind one that was put there
        assert waited == spent[State.WAITING], f"{one.number} waited"


def assert_same_desks(world: World, reference: ReferenceBranch) -> None:
    rows = (
        Desk.objects.filter(branch=world.branch).order_by("id").values_list("clerk", "calls_by_itself", "paused_since")
    )
    clerks: dict[int | None, int | None] = {None: None, **{number: row.pk for number, row in enumerate(world.clerks)}}
    assert list(rows) == [
        (clerks[here.clerk], here.auto, None if here.paused is None else at(here.paused)) for here in reference.desks
    ]


def assert_same_line(world: World, reference: ReferenceBranch, number: int) -> None:
    sits = reference.desks[number].clerk
    clerk = None if sits is None else world.clerks[sits]
    with clock.standing_at(at(reference.now)):
        due = list(queries.due_at(world.desks[number], clerk).values_list("pk", flat=True))
    assert due == [world.tickets[one.id] for one in reference.due_at(number, sits)]


def assert_same_day(world: World, reference: ReferenceBranch) -> None:
    """What the day has asked of each desk."""
    with clock.standing_at(at(reference.now)):
        counted = statistics.desk_days(world.branch, at(reference.now).date())
    for number, day in enumerate(counted):
        here = reference.desks[number]
        moves = [
            moved
            for one in reference.visitors
            if one.day == reference.today
            for moved in one.story
            if moved.desk == number
        ]
        sat = [*here.sat, *([(here.clerk_since, reference.now)] if here.clerk is not None else [])]
        rested = [*here.rested, *([(here.paused, reference.now)] if here.paused is not None else [])]
        assert day == DeskDay(
            desk_id=day.desk_id,
            desk=day.desk,
            called=sum(moved.to == "CALLED" and moved.frm != "CALLED" for moved in moves),
            recalls=sum(moved.to == moved.frm == "CALLED" and not moved.led for moved in moves),
            served=sum(moved.to == "DONE" or moved.action == "finish" for moved in moves),
            no_shows=sum(moved.to == "NO_SHOW" for moved in moves),
            sent_on=sum(moved.action == "transfer" and moved.frm != "HELD" for moved in moves),
            held=sum(moved.to == "HELD" for moved in moves),
            serving=day.serving,
            issued=day.issued,
            open=timedelta(microseconds=sum(ends - begins for begins, ends in sat)),
            open_since=day.open_since,
            paused=timedelta(microseconds=sum(ends - begins for begins, ends in rested)),
            longest_stretch=day.longest_stretch,
        )
        assert (day.open_since is None) == (here.clerk is None)
