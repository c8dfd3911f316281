"""What a visitor may say beforehand: needs, and what else the visit is for. For the kiosk and the phone alike."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from queues.models import Need, Service, Ticket
from queues.snapshot import ServiceRow


@dataclass(frozen=True, slots=True)
class FormChoice:
    """One thing that may be said; `code` is what a form sends."""

    code: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class VisitorForm:
    """Everything that this ticket's visitor may say, in one language."""

    needs: tuple[FormChoice, ...]
    plan: tuple[FormChoice, ...]
    name: str

    @classmethod
    def of(cls, ticket: Ticket, services: Iterable[ServiceRow], language: str) -> "VisitorForm":
        return cls(
            needs=tuple(FormChoice(need.value, str(need.label), need.value in ticket.needs) for need in Need),
            plan=tuple(
                FormChoice(one.slug, one.name.in_(language), one.id in ticket.plan)
                for one in services
                if one.id != ticket.service_id and (one.id in ticket.plan or (one.is_offered and one.is_open))
            ),
            name=ticket.visitor_name,
        )

    @property
    def said(self) -> tuple[str, ...]:
        """What is known already, in words; the name is left out."""
        return tuple(one.label for one in self.needs if one.chosen)

    @property
    def planned(self) -> tuple[str, ...]:
        return tuple(one.label for one in self.plan if one.chosen)


def services_named(ticket: Ticket, slugs: Collection[str]) -> list[Service]:
    """The branch's services with these slugs; what is none, or is no longer offered, is passed over."""
    # Compared here and not by the database: PostgreSQL fails on what can't be text, a NUL for one.
    here = Service.objects.filter(branch=ticket.branch_id)
    return [one for one in here if one.slug in slugs and (one.pk in ticket.plan or (one.is_offered and one.is_open))]
