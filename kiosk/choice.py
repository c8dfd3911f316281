"""What a kiosk shows before a number is drawn."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import ClassVar

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from live.source import Member, body
from queues.snapshot import BranchSnapshot, Part, Said, ServiceRow
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
class Announcements:
    """What everybody is told before they choose, in each of some languages; () for what there is not to say."""

    paused: tuple[Said, ...]
    closed: tuple[Said, ...]
    notice: tuple[Said, ...]

    @classmethod
    def of(cls, branch: BranchSnapshot, languages: Collection[str]) -> "Announcements":
        return cls(
            paused=tuple(map(_paused, languages)) if branch.paused_since else (),
            closed=tuple(map(_closed, languages)) if branch.is_closed else (),
            notice=branch.notice.said_in(languages),
        )

    @property
    def are_needed(self) -> bool:
        return bool(self.paused or self.closed or self.notice)


def _paused(language: str) -> Said:
    with translation.override(language):
        return Said(language, " ".join([_("Everything is paused."), _("Please follow the staff's instructions.")]))


def _closed(language: str) -> Said:
    with translation.override(language):
        return Said(language, _("No more numbers today."))


@dataclass(frozen=True, slots=True)
class Choice:
    """One service as a visitor sees it; one that gives no number now stays visible, with the word for it (`sign`), and
    when it opens where it is closed by itself. `quoted_wait` is what a visitor who joins now is told, in minutes, None
    where nothing can be expected."""

    slug: str
    letter: str
    name: str
    description: str
    sign: str
    closed_note: str
    waiting: int
    quoted_wait: int | None

    @classmethod
    def of(cls, service: ServiceRow, language: str, sign: str) -> "Choice":
        if not service.is_open:
            sign = _("Closed")
        return cls(
            slug=service.slug,
            letter=service.prefix,
            name=service.name.in_(language),
            description=service.description.in_(language),
            sign=sign,
            closed_note="" if service.is_open else service.closed_note.in_(language),
            waiting=service.waiting,
            quoted_wait=service.quoted_wait,
        )


def choices(branch: BranchSnapshot, language: str) -> tuple[Choice, ...]:
    """What the kiosk offers, in the active language."""
    sign = _("Paused") if branch.paused_since else _("Closed") if branch.is_closed else ""
    return tuple(Choice.of(service, language, sign) for service in branch.services if service.is_offered)


@dataclass(frozen=True, slots=True)
class StartAudience:
    """The kiosks of a branch whose first screen waits for a touch."""

    branch_id: int

    needs: ClassVar[frozenset[Part]] = frozenset()

    @property
    def topic(self) -> str:
        return branch_topic(self.branch_id)

    def render(self, snapshot: BranchSnapshot, members: Collection[Member]) -> dict[Member, bytes]:
        said = Announcements.of(snapshot, snapshot.languages)
        html = render_to_string("kiosk/start.html#announcements", {"announcements": said})
        return dict.fromkeys(members, body(html=html))


@dataclass(frozen=True, slots=True)
class KioskAudience:
    """The kiosks of a branch that show its services in one language."""

    branch_id: int
    language: str

    needs: ClassVar[frozenset[Part]] = frozenset({Part.SERVICES, Part.WAITING})

    @property
    def topic(self) -> str:
        return branch_topic(self.branch_id)

    def render(self, snapshot: BranchSnapshot, members: Collection[Member]) -> dict[Member, bytes]:
        with translation.override(self.language):
            shown = {
                "choices": choices(snapshot, self.language),
                "announcements": Announcements.of(snapshot, [self.language]),
            }
            html = render_to_string("kiosk/services.html#choices", shown)
        return dict.fromkeys(members, body(html=html))
