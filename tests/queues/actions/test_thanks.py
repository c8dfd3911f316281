"""Thanks reach whoever served."""

from datetime import timedelta

import pytest

from accounts.models import User
from queues import actions, clock, queries
from queues.models import Desk, Service, Thanks, Ticket
from queues.refusals import NobodyToThank, TargetGone
from tests.kit import factories

pytestmark = pytest.mark.django_db


def served_by(clerk: User | None, desk: Desk) -> Ticket:
    factories.ticket(desk.services.get())
    ticket = actions.call_next(desk, by=clerk)
    actions.start_serving(desk, ticket.pk, by=clerk)
    return actions.finish(desk, ticket.pk, by=clerk)


def test_a_visitor_thanks_whoever_served_them(desk: Desk, clerk: User) -> None:
    ticket = served_by(clerk, desk)
    given = actions.give_thanks(ticket, "  You were\nkind. " + "x" * 200)
    assert (given.to, given.by, given.ticket, given.seen) == (clerk, None, ticket, False)
    assert given.words.startswith("You were kind. xxx")
    assert len(given.words) == 140


def test_a_visit_is_thanked_for_once(desk: Desk, clerk: User) -> None:
    ticket = served_by(clerk, desk)
    assert queries.may_thank([ticket.pk]) == {ticket.pk}
    first = actions.give_thanks(ticket, "Kind.")
    assert actions.give_thanks(ticket, "Again!") == first
    assert Thanks.objects.get().words == "Kind."
    assert queries.may_thank([ticket.pk]) == frozenset()


def test_nobody_is_thanked_when_nobody_is_known(desk: Desk) -> None:
    ticket = served_by(None, desk)
    assert queries.may_thank([ticket.pk]) == frozenset()
    with pytest.raises(NobodyToThank):
        actions.give_thanks(ticket)


def test_who_served_last_is_thanked_and_what_was_undone_does_not_count(
    service: Service, desk: Desk, clerk: User
) -> None:
    second, third = (factories.clerk(service.branch) for _ in range(2))
    other, mistaken = (factories.desk(service, name=name) for name in "45")
    ticket = factories.ticket(service)
    for at, who in ((desk, clerk), (mistaken, third), (other, second)):
        actions.call_next(at, by=who)
        actions.start_serving(at, ticket.pk, by=who)
        if at == mistaken:
            actions.undo(at, by=who)
            actions.put_back(at, ticket.pk, by=who)
        elif at == desk:
            actions.transfer(at, ticket.pk, service=service, by=who)
    assert queries.served_by([ticket.pk]) == {ticket.pk: second.pk}
    with pytest.raises(NobodyToThank):
        actions.give_thanks(ticket)
    assert actions.give_thanks(actions.finish(other, ticket.pk, by=second)).to == second


def test_an_undone_finish_leaves_nothing_to_thank_for_yet(desk: Desk, clerk: User) -> None:
    ticket = served_by(clerk, desk)
    actions.undo(desk, by=clerk)
    with pytest.raises(NobodyToThank):
        actions.give_thanks(ticket)


def test_thanks_end_with_the_day(desk: Desk, clerk: User) -> None:
    ticket = served_by(clerk, desk)
    with clock.standing_at(clock.now() + timedelta(days=1)), pytest.raises(NobodyToThank):
        actions.give_thanks(ticket)


def test_colleagues_thank_each_other(service: Service, clerk: User) -> None:
    colleague = factories.clerk(service.branch)
    given = actions.thank_colleague(service.branch, colleague, "For the help", by=clerk)
    assert (given.to, given.by, given.ticket, given.words) == (colleague, clerk, None, "For the help")


@pytest.mark.parametrize("who", ["to a stranger", "by a stranger", "to oneself"])
def test_thanks_stay_between_two_members_of_the_branch(who: str, service: Service, clerk: User) -> None:
    stranger = factories.clerk(factories.branch())
    to, by = {"to a stranger": (stranger, clerk), "by a stranger": (clerk, stranger), "to oneself": (clerk, clerk)}[who]
    with pytest.raises(TargetGone):
        actions.thank_colleague(service.branch, to, by=by)
    assert not Thanks.objects.exists()


def test_what_was_seen_is_new_no_more(service: Service, desk: Desk, clerk: User) -> None:
    colleague = factories.clerk(service.branch)
    actions.thank_colleague(service.branch, clerk, by=colleague)
    actions.give_thanks(served_by(clerk, desk))
    actions.thank_colleague(service.branch, colleague, by=clerk)
    assert [actions.see_thanks(clerk) for _time in range(2)] == [2, 0]
    assert list(Thanks.objects.filter(seen=False).values_list("to", flat=True)) == [colleague.pk]


def test_a_colleague_is_thanked_once_by_a_press_made_twice(service: Service, clerk: User) -> None:
    colleague = factories.clerk(service.branch)
    for words in ("For the help", "For the help", "And for the coffee"):
        actions.thank_colleague(service.branch, colleague, words, by=clerk)
    assert Thanks.objects.count() == 2
    actions.see_thanks(colleague)
    actions.thank_colleague(service.branch, colleague, "For the help", by=clerk)
    assert Thanks.objects.count() == 3
