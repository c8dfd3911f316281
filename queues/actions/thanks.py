"""Thanks: from a visitor to whoever served them, from one colleague to another."""

from accounts.models import User
from queues import clock, queries
from queues.changes.text import one_line
from queues.changes.tickets import fresh
from queues.changes.transaction import changing
from queues.models import Branch, Membership, Thanks, Ticket
from queues.refusals import NobodyToThank, TargetGone
from queues.states import State

LONGEST_WORDS = 140
"""Characters, as the column has it."""


def give_thanks(ticket: Ticket, words: str = "") -> Thanks:
    """The visitor of this ticket, served today, thanks whoever served them last, with a few words or without. Thanking
    again changes nothing. Raises NobodyToThank when nobody is known, or the visit is not over. Locks the branch."""
    with changing(ticket.branch_id) as branch:
        served = fresh(branch, ticket)
        given = Thanks.objects.filter(ticket=served).first()
        if given is not None:
            return given
        to = queries.served_by([served.pk]).get(served.pk)
        if to is None or served.state != State.DONE or served.business_day != queries.today(branch):
            raise NobodyToThank
        return Thanks.objects.create(
            branch=branch, to_id=to, ticket=served, words=one_line(words, LONGEST_WORDS), at=clock.now()
        )


def thank_colleague(branch: Branch, to: User, words: str = "", *, by: User) -> Thanks:
    """One member of the branch thanks another; in the same words again, before they were seen, is once. Raises
    TargetGone unless both are members, and two people. Locks the branch."""
    with changing(branch.pk) as locked:
        if Membership.objects.filter(branch=locked, user__in={to, by}).count() < len((to, by)):
            raise TargetGone
        said = {"branch": locked, "to": to, "by": by, "words": one_line(words, LONGEST_WORDS)}
        unseen = Thanks.objects.filter(**said, seen=False).first()
        return unseen or Thanks.objects.create(**said, at=clock.now())


def see_thanks(user: User) -> int:
    """This person has seen what they were thanked for so far. Returns how many of these were new. Locks each branch
    where there is one."""
    unseen = Thanks.objects.filter(to=user, seen=False)
    seen = 0
    for branch_id in unseen.order_by("branch").values_list("branch", flat=True).distinct():
        with changing(branch_id):
            seen += unseen.filter(branch=branch_id).update(seen=True)
    return seen
