"""Reading the fields of a form. Whatever they may hold, a view gets numbers that a row could have, or nothing."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.http import HttpRequest

from queues.actions import VisitRecord

MOST_DIGITS = 18
MOST_WORDS = 200
EPOCH = datetime.fromtimestamp(0, UTC)


def number(request: HttpRequest, field: str) -> int | None:
    """A form's number, None if it is missing or isn't one that a row could have."""
    return as_number(request.POST.get(field, ""))


def as_number(word: str) -> int | None:
    return int(word) if word.isascii() and word.isdigit() and len(word) <= MOST_DIGITS else None


def numbers(request: HttpRequest, field: str) -> list[int]:
    """The numbers of a field that may be sent several times, without those that no row could have."""
    return [found for found in map(as_number, request.POST.getlist(field)) if found is not None]


def key(request: HttpRequest, field: str) -> UUID | None:
    """The key that a form carries so that the same press twice is one, None without."""
    try:
        return UUID(request.POST.get(field, ""))
    except ValueError:
        return None


def instant(request: HttpRequest, field: str) -> datetime | None:
    """An instant that a form carries as microseconds since the epoch, None without."""
    microseconds = number(request, field)
    try:
        return None if microseconds is None else EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        return None


def words(request: HttpRequest, field: str) -> str:
    """A form's words, in one line, without what a database can't hold."""
    return as_words(request.POST.get(field, ""))


def as_words(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())[:MOST_WORDS]


def choice(request: HttpRequest, field: str) -> tuple[str, int]:
    """A choice of the form "service:3": what kind, and its id; ("", 0) for anything else."""
    kind, _colon, word = request.POST.get(field, "").partition(":")
    found = as_number(word)
    return (kind, found) if found is not None else ("", 0)


def is_of_record(field: str) -> bool:
    """Whether a form's field is one of those that say something of a visit, or which visit."""
    return field in ("visit", "outcome", "note", "helped", "hard") or field.startswith("quantity-")


def visit_record(request: HttpRequest) -> VisitRecord:
    """What a clerk says of a visit: the outcomes that are ticked, each with its quantity, and the words."""
    return VisitRecord(
        outcomes={pk: number(request, f"quantity-{pk}") or 1 for pk in numbers(request, "outcome")},
        note=words(request, "note"),
        helped=words(request, "helped"),
        hard=bool(request.POST.get("hard")),
    )
