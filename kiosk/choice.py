"""What a kiosk shows before a number is drawn."""

from collections.abc import Collection
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils import translation

from live.source import Member, body
from queues.snapshot import BranchSnapshot, Part, ServiceRow
from queues.topics import branch_topic


@dataclass(frozen=True, slots=True)
class Choice:
    """One service as a visitor sees it; closed ones stay visible, with when they open."""

    slug: str
    letter: str
    name: str
    description: str
    is_open: bool
    closed_note: str
    waiting: int

    @classmethod
    def of(cls, service: ServiceRow, language: str) -> "Choice":
        return cls(
            slug=service.slug,
            letter=service.prefix,
            name=service.name.in_(language),
            description=service.description.in_(language),
            is_open=service.is_open,
            closed_note=service.closed_note.in_(language),
            waiting=service.waiting,
        )


def choices(branch: BranchSnapshot, language: str) -> tuple[Choice, ...]:
    return tuple(Choice.of(service, language) for service in branch.services)


@dataclass(frozen=True, slots=True)
class KioskAudience:
    """The kiosks of a branch that show its services in one language."""

    branch_id: int
    language: str

    needs = frozenset({Part.SERVICES})

    @property
    def topic(self) -> str:
        return branch_topic(self.branch_id)

    def render(self, snapshot: BranchSnapshot, members: Collection[Member]) -> dict[Member, str]:
        with translation.override(self.language):
            html = render_to_string("kiosk/services.html#choices", {"choices": choices(snapshot, self.language)})
        return dict.fromkeys(members, body(html=html))
