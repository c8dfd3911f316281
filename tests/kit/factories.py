"""Small worlds for tests, made through the models and the actions."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from accounts.models import User
from queues import actions, clock
from queues.actions.calling import NOTHING_YET
from queues.actions.issuing import draw, save_progress, series_of
from queues.changes.bulk import BulkWriter
from queues.changes.place_in_line import back_in_line
from queues.changes.tickets import fresh
from queues.changes.transaction import changing
from queues.models import Branch, Desk, Membership, PriorityClass, Role, Service, Ticket
from queues.queries import latest_event, numbers_in_use, today

NOON = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
"""In Helsinki, on a working day."""

_numbers = count(1)

A_FEW = 10
"""More visitors than that are drawn together."""


def branch(**fields: Any) -> Branch:
    fields.setdefault("slug", f"branch-{next(_numbers)}")
    fields.setdefault("name", "Town hall")
    return Branch.objects.create(**fields)


def earlier_today(at: Branch, *, minutes: int) -> datetime:
    """So long ago, and still the branch's present business day: that began long before, whatever time it is now."""
    then = clock.now() - timedelta(minutes=minutes)
    at.rollover_hour = (then.astimezone(at.zone).hour - 6) % 24
    Branch.objects.filter(pk=at.pk).update(rollover_hour=at.rollover_hour)
    return then


def service(of: Branch | None = None, **fields: Any) -> Service:
    """A service of the branch, or of a new one."""
    fields.setdefault("slug", f"service-{next(_numbers)}")
    fields.setdefault("name", "Passports")
    fields.setdefault("number_prefix", "A")
    return Service.objects.create(branch=of or branch(), **fields)


def desk(*services: Service, name: str = "") -> Desk:
    """A desk that serves these services, at least one, of one branch."""
    of = services[0].branch
    made = Desk.objects.create(branch=of, name=name or str(of.desks.count() + 1))
    made.services.set(services)
    return made


def clerk(of: Branch, *, role: Role = Role.CLERK, **fields: Any) -> User:
    """Somebody who works in the branch; the password is the user name."""
    made = user(**fields)
    Membership.objects.create(user=made, branch=of, role=role)
    return made


def user(**fields: Any) -> User:
    """Somebody who may sign in and belongs nowhere; the password is the user name."""
    username = fields.pop("username", f"user-{next(_numbers)}")
    quickly = PBKDF2PasswordHasher().encode(username, salt="salt", iterations=1)
    return User.objects.create(username=username, password=quickly, **fields)


def priority(of: Branch, *, minutes: int) -> PriorityClass:
    return PriorityClass.objects.create(branch=of, name=f"{minutes} min", head_start=minutes)


def ticket(at: Service, **fields: Any) -> Ticket:
    """One visitor, waiting."""
    return actions.issue(at, language=fields.pop("language", "en"), **fields)


def waiting(how_many: int, at: Service) -> list[Ticket]:
    """So many visitors, waiting, in the order in which they came."""
    if how_many <= A_FEW:
        return [ticket(at) for _ in range(how_many)]
    with changing(at.branch_id) as branch:
        bulk, taken = BulkWriter(), set(numbers_in_use(branch.pk))
        series = series_of(at.pk, today(branch))
        crowd = []
        for _visitor in range(how_many):
            crowd.append(draw(series, branch=branch, at=clock.now(), taken=taken, language="en", bulk=bulk))
            taken.add(crowd[-1].shown)
        bulk.write()
        save_progress(series)
    return crowd


def seen(desk: Desk) -> int:
    """What a page that shows the desk as it is now has seen: the id of the desk's last event."""
    latest = latest_event(desk)
    return latest.pk if latest else NOTHING_YET


def called(at: Desk) -> Ticket:
    """The next visitor, called by this desk."""
    return actions.call_next(at, by=None)


def serving(at: Desk) -> Ticket:
    """The next visitor, being served at this desk."""
    return actions.start_serving(at, called(at).pk, by=None)


def served(at: Desk) -> Ticket:
    """The next visitor, served and gone."""
    return actions.finish(at, serving(at).pk, by=None)


def brought_back(absent: Ticket, *, places: int | None = None, by: User | None = None) -> Ticket:
    """This absent visitor, back in line."""
    with changing(absent.branch_id) as branch:
        return back_in_line(branch, fresh(branch, absent), places=places, by=by)


def finished(at: Desk, ticket: Ticket) -> Ticket:
    """This called visitor, served at this desk."""
    actions.start_serving(at, ticket.pk, by=None)
    return actions.finish(at, ticket.pk, by=None)
