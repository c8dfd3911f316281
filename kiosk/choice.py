"""What a kiosk shows before a number is drawn."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from live.source import Member, body
from queues.snapshot import BranchSnapshot, Part, ServiceRow
from queues.topics import branch_topic


@dataclass(frozen=True, slots=True)
class Greeting:
    """The first screen's words in one language."""

    language: str
    name: str
    welcome: str
    invitation: str

    @classmethod
    def of(cls, language: str) -> "Greeting":
        with translation.override(language):
            return cls(
                language=language,
                name=dict(settings.LANGUAGES)[language],
                welcome=_("Welcome"),
                invitation=_("Take a number"),
            )


def greetings(languages: Iterable[str]) -> tuple[Greeting, ...]:
    return tuple(Greeting.of(language) for language in languages)


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
