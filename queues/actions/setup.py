"""Setting a branch up: what it offers, where, and who works there.

Words come as a mapping from language code to text. Every row is checked as a form would check it: ValidationError.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from modeltranslation.utils import build_localized_fieldname

from accounts.models import User
from queues.changes.transaction import changing
from queues.models import Branch, Desk, Membership, Outcome, PriorityClass, Role, Service
from queues.models.branch import all_languages
from queues.models.service import refuse_misread

Words = Mapping[str, str]
"""Language code to text."""

NO_WORDS: Words = MappingProxyType({})


def create_branch(
    slug: str,
    *,
    names: Words,
    opening_hours: Words = NO_WORDS,
    time_zone: str = "Europe/Helsinki",
    languages: Iterable[str] | None = None,
    rollover_hour: int = 4,
) -> Branch:
    """A new branch with nothing in it; all languages unless some are named, the first one first. Raises
    ValidationError, also for a slug that is taken."""
    fields: dict[str, Any] = {
        "slug": slug,
        "time_zone": time_zone,
        "languages": all_languages() if languages is None else list(languages),
        "rollover_hour": rollover_hour,
        **_worded("name", names),
        **_worded("opening_hours", opening_hours),
    }
    with transaction.atomic():
        branch = Branch(**fields)
        branch.full_clean()
        branch.save()
        with changing(branch.pk) as created:
            return created


def create_service(
    branch: Branch,
    slug: str,
    *,
    names: Words,
    descriptions: Words = NO_WORDS,
    prefix: str = "",
    first: int = 1,
    last: int = 999,
    is_open: bool = True,
    closed_note: Words = NO_WORDS,
) -> Service:
    """A new service, placed after the others on the kiosk. Raises ValidationError, also for a slug that the branch
    has. Locks the branch."""
    refuse_misread(prefix)
    with changing(branch.pk) as locked:
        fields: dict[str, Any] = {
            "branch": locked,
            "slug": slug,
            "number_prefix": prefix,
            "number_first": first,
            "number_last": last,
            "is_open": is_open,
            "position": Service.objects.filter(branch=locked).count() + 1,
            **_worded("name", names),
            **_worded("description", descriptions),
            **_worded("closed_note", closed_note),
        }
        service = Service(**fields)
        service.full_clean()
        service.save()
        return service


def create_desk(branch: Branch, name: str, *, services: Iterable[Service]) -> Desk:
    """A new desk that serves these services of the same branch. Raises ValidationError, also for a name that the
    branch has. Locks the branch."""
    with changing(branch.pk) as locked:
        served = list(services)
        if any(service.branch_id != locked.pk for service in served):
            raise ValidationError({"services": _("A desk serves the services of its own branch.")})
        desk = Desk(branch=locked, name=name)
        desk.full_clean()
        desk.save()
        desk.services.set(served)
        return desk


def serve_also(desk: Desk, services: Iterable[Service]) -> Desk:
    """The desk serves these services too, whatever it served before. Raises ValidationError for one of another branch.
    Locks the branch where that changes anything."""
    added = set(services) - set(desk.services.all())
    if any(service.branch_id != desk.branch_id for service in added):
        raise ValidationError({"services": _("A desk serves the services of its own branch.")})
    if added:
        with changing(desk.branch_id):
            desk.services.add(*added)
    return desk


def create_outcome(service: Service, *, names: Words) -> Outcome:
    """One more of what a visit for this service may have come to, after the others. Raises ValidationError. Locks the
    branch."""
    with changing(service.branch_id):
        position = Outcome.objects.filter(service=service).count() + 1
        outcome = Outcome(service=service, position=position, **_worded("name", names))
        outcome.full_clean()
        outcome.save()
        return outcome


def create_priority_class(branch: Branch, *, names: Words, head_start: int) -> PriorityClass:
    """A class of visitors who are ahead by `head_start` minutes. Raises ValidationError. Locks the branch."""
    with changing(branch.pk) as locked:
        priority = PriorityClass(branch=locked, head_start=head_start, **_worded("name", names))
        priority.full_clean()
        priority.save()
        return priority


def add_member(branch: Branch, user: User, role: Role, *, may_call_any: bool = False) -> Membership:
    """The user works in the branch in this role from now on, and may or may not call out of turn, whatever it was
    before. Locks the branch."""
    with changing(branch.pk) as locked:
        membership, _new = Membership.objects.update_or_create(
            user=user, branch=locked, defaults={"role": role, "may_call_any": may_call_any}
        )
        return membership


def _worded(field: str, words: Words) -> dict[str, str]:
    """The columns that hold the field's text in each language."""
    return {build_localized_fieldname(field, language): text for language, text in words.items()}
