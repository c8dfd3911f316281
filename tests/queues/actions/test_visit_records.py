"""What a clerk says of a visit."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.models import User
from queues import actions, clock
from queues.actions import VisitRecord
from queues.models import AfterVisit, Branch, Desk, Outcome, Service, Ticket, Visit
from queues.refusals import NothingToRecord, TargetGone, Unrecorded
from tests.kit import factories
from tests.kit.factories import NOON

pytestmark = pytest.mark.django_db

Presses = tuple[Callable[[], object], ...]


def served_by(clerk: User, desk: Desk) -> Ticket:
    called = actions.call_next(desk, by=clerk)
    actions.start_serving(desk, called.pk, by=clerk)
    return actions.finish(desk, called.pk, by=clerk)


def test_a_visit_whose_end_was_undone_is_recorded_once(service: Service, desk: Desk, clerk: User) -> None:
    factories.ticket(service)
    done, missing = (Outcome.objects.create(service=service, name=name) for name in ("done", "missing"))
    ticket = served_by(clerk, desk)
    actions.record(desk, ticket.pk, VisitRecord(outcomes={missing.pk: 1}, hard=True), by=clerk)
    actions.undo(desk, by=clerk)
    assert Visit.objects.count() == 1, "what was said is lost only when something else is said"
    actions.finish(desk, ticket.pk, by=clerk)
    last = actions.record(desk, ticket.pk, VisitRecord(outcomes={done.pk: 2}), by=clerk)
    assert list(Visit.objects.values_list("pk", "hard", "outcomes__quantity")) == [(last.pk, False, 2)]


def test_who_takes_over_owes_no_word_about_the_visit_of_the_clerk_before(
    service: Service, desk: Desk, clerk: User
) -> None:
    Branch.objects.update(after_visit=AfterVisit.REQUIRED)
    factories.waiting(2, service)
    served_by(clerk, desk)
    colleague = factories.clerk(service.branch)
    actions.take_over(desk, by=colleague)
    assert actions.call_next(desk, by=colleague).shown == "A2"


@pytest.fixture
def done(service: Service) -> Outcome:
    return Outcome.objects.create(service=service, name="done")


def test_a_visit_is_kept_as_its_clerk_tells_it(service: Service, desk: Desk, clerk: User, done: Outcome) -> None:
    with clock.standing_at(NOON):
        factories.ticket(service)
        ticket = served_by(clerk, desk)
        said = VisitRecord({done.pk: 2}, note=" has lost her keys ", helped="  the form in Swedish", hard=True)
        visit = actions.record(desk, ticket.pk, said, by=clerk)
    assert (visit.ticket, visit.service, visit.desk, visit.by, visit.at) == (ticket, service, desk, clerk, NOON)
    assert (visit.note, visit.helped, visit.hard) == ("has lost her keys", "the form in Swedish", True)
    assert list(visit.outcomes.values_list("outcome", "quantity")) == [(done.pk, 2)]


def test_words_and_quantities_are_cut_to_what_their_columns_hold(
    service: Service, desk: Desk, clerk: User, done: Outcome
) -> None:
    factories.ticket(service)
    ticket = served_by(clerk, desk)
    other = Outcome.objects.create(service=service, name="other")
    said = VisitRecord({done.pk: 1000, other.pk: -3}, note="x" * 300, helped="y" * 300)
    visit = actions.record(desk, ticket.pk, said, by=clerk)
    assert (visit.note, visit.helped) == ("x" * 200, "y" * 200)
    assert dict(visit.outcomes.values_list("outcome", "quantity")) == {done.pk: 99, other.pk: 1}


def test_the_same_press_again_changes_nothing_and_another_has_the_last_word(
    service: Service, desk: Desk, clerk: User, done: Outcome
) -> None:
    factories.ticket(service)
    ticket = served_by(clerk, desk)
    said = VisitRecord({done.pk: 1}, note="has lost her keys", helped="the form")
    for _press in range(2):
        first = actions.record(desk, ticket.pk, said, by=clerk)
    assert actions.record(desk, ticket.pk, VisitRecord({done.pk: 5}, helped="the old form"), by=clerk) == first
    assert list(Visit.objects.values_list("note", "helped", "outcomes__quantity")) == [
        ("has lost her keys", "the old form", 5)
    ]


def test_words_are_kept_while_the_visit_goes_on_and_when_somebody_else_is_there(
    service: Service, desk: Desk, clerk: User
) -> None:
    first, second = factories.waiting(2, service)
    for ticket in (first, second):
        actions.call_next(desk, by=clerk)
        actions.start_serving(desk, ticket.pk, by=clerk)
        actions.record(desk, ticket.pk, VisitRecord(note=f"about {ticket.shown}"), by=clerk)
        actions.hold(desk, ticket.pk, by=clerk)
    actions.record(desk, first.pk, VisitRecord(note="still about A1"), by=clerk)
    assert list(Visit.objects.values_list("ticket__shown", "note")) == [("A2", "about A2"), ("A1", "still about A1")]


def test_who_takes_over_a_visit_that_goes_on_speaks_of_it(service: Service, desk: Desk, clerk: User) -> None:
    ticket = factories.ticket(service)
    actions.call_next(desk, by=clerk)
    actions.start_serving(desk, ticket.pk, by=clerk)
    colleague = factories.clerk(service.branch)
    actions.take_over(desk, by=colleague)
    assert actions.record(desk, ticket.pk, VisitRecord(note="x"), by=colleague).by == colleague
    actions.put_back(desk, ticket.pk, by=colleague)
    with pytest.raises(NothingToRecord):
        actions.record(desk, ticket.pk, VisitRecord(note="y"), by=colleague)


def test_a_visit_of_which_enough_was_said_while_it_went_on_is_not_asked_about(
    service: Service, desk: Desk, clerk: User, done: Outcome
) -> None:
    for after_visit, said, asks in (
        (AfterVisit.OPTIONAL, VisitRecord(note="x"), False),
        (AfterVisit.REQUIRED, VisitRecord(note="x"), True),
        (AfterVisit.REQUIRED, VisitRecord({done.pk: 1}), False),
    ):
        Branch.objects.update(after_visit=after_visit)
        ticket = factories.ticket(service)
        actions.call_next(desk, by=clerk)
        actions.start_serving(desk, ticket.pk, by=clerk)
        actions.record(desk, ticket.pk, said, by=clerk)
        actions.finish(desk, ticket.pk, by=clerk)
        desk.refresh_from_db()
        assert (desk.unrecorded_id is not None) is asks
        if asks:
            actions.record(desk, ticket.pk, VisitRecord({done.pk: 1}), by=clerk)


def test_nothing_is_said_of_a_visit_that_was_never_this_clerks_here(
    service: Service, desk: Desk, next_door: Desk, clerk: User
) -> None:
    factories.waiting(2, service)
    elsewhere = served_by(factories.clerk(service.branch), next_door)
    called = actions.call_next(desk, by=clerk)
    with clock.standing_at(clock.now() - timedelta(days=1)):
        factories.ticket(service)
        yesterdays = served_by(clerk, factories.desk(service, name="9"))
    for ticket in (elsewhere, called, yesterdays):
        with pytest.raises(NothingToRecord):
            actions.record(desk, ticket.pk, VisitRecord(note="x"), by=clerk)
    assert not Visit.objects.exists()


def test_an_outcome_is_one_of_the_visits_own_service(service: Service, desk: Desk, clerk: User) -> None:
    factories.ticket(service)
    ticket = served_by(clerk, desk)
    foreign = Outcome.objects.create(service=factories.service(service.branch), name="foreign")
    with pytest.raises(TargetGone):
        actions.record(desk, ticket.pk, VisitRecord({foreign.pk: 1}), by=clerk)
    assert not Visit.objects.exists()


def test_where_an_outcome_is_required_nobody_is_called_before_it_is_said(
    service: Service, desk: Desk, clerk: User, done: Outcome
) -> None:
    Branch.objects.update(after_visit=AfterVisit.REQUIRED)
    factories.waiting(2, service)
    ticket = served_by(clerk, desk)
    presses: Presses = (
        lambda: actions.call_next(desk, by=clerk),
        lambda: actions.record(desk, ticket.pk, VisitRecord(note="no outcome"), by=clerk),
        lambda: actions.skip_record(desk, ticket.pk, by=clerk),
    )
    for press in presses:
        with pytest.raises(Unrecorded, match="the visit of A1"):
            press()
    actions.record(desk, ticket.pk, VisitRecord({done.pk: 1}), by=clerk)
    assert actions.call_next(desk, by=clerk).shown == "A2"


def test_where_a_service_has_no_outcomes_a_word_is_enough(service: Service, desk: Desk, clerk: User) -> None:
    Branch.objects.update(after_visit=AfterVisit.REQUIRED)
    factories.ticket(service)
    ticket = served_by(clerk, desk)
    assert actions.record(desk, ticket.pk, VisitRecord(note="x"), by=clerk).note == "x"


def test_a_visit_of_which_nothing_is_said_is_not_asked_for_again(service: Service, desk: Desk, clerk: User) -> None:
    factories.ticket(service)
    ticket = served_by(clerk, desk)
    desk.refresh_from_db()
    assert desk.unrecorded is not None
    assert desk.unrecorded.ticket == ticket
    for _press in range(2):
        actions.skip_record(desk, ticket.pk, by=clerk)
    desk.refresh_from_db()
    assert desk.unrecorded is None
    actions.record(desk, ticket.pk, VisitRecord(note="x"), by=clerk)
    assert Visit.objects.get().note == "x", "a word that comes late is kept all the same"


def test_a_skip_about_an_earlier_visit_leaves_the_last_one_to_be_recorded(
    service: Service, desk: Desk, clerk: User
) -> None:
    factories.waiting(2, service)
    earlier, last = served_by(clerk, desk), served_by(clerk, desk)
    actions.skip_record(desk, earlier.pk, by=clerk)
    assert actions.record(desk, last.pk, VisitRecord(note="x"), by=clerk).ticket == last


def test_a_branch_that_asks_nothing_is_told_nothing(service: Service, desk: Desk, clerk: User) -> None:
    Branch.objects.update(after_visit=AfterVisit.OFF)
    factories.ticket(service)
    ticket = served_by(clerk, desk)
    with pytest.raises(NothingToRecord):
        actions.record(desk, ticket.pk, VisitRecord(note="x"), by=clerk)


def test_a_record_is_empty_until_something_is_said() -> None:
    assert VisitRecord().is_empty
    assert VisitRecord(note="  ", helped=" ").is_empty
    for said in (VisitRecord({1: 1}), VisitRecord(note="x"), VisitRecord(helped="x"), VisitRecord(hard=True)):
        assert not said.is_empty
