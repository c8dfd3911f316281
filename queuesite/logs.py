"""The log: a JSON object a line in production, plain text while debugging.

Nothing personal goes in. A line has the fields named here and no others, an address loses what only its visitor may
know, and an exception is logged by its kind and place, not its words, which may quote a form or a row.
"""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from queues.signals import moved
from queuesite.trace import current

if TYPE_CHECKING:
    from queues.models import TicketEvent

FIELDS = ("view", "method", "status", "ms", "refusal", "action", "branch", "desk", "ticket")
"""What a record may have beside its message: kinds, ids and measures."""
KEYS = re.compile(r"(/t/|/kiosk/[^/\s]+/[a-z]{2}/)[^/\s]+")
QUERY = re.compile(r"\?[^\s'\"]+")

logger = logging.getLogger(__name__)


class JsonLines(logging.Formatter):
    """One record as one line. Of a message its first line only: databases quote whole rows in the next ones."""

    def format(self, record: logging.LogRecord) -> str:
        trace = current.get()
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_keys(record.getMessage().split("\n", 1)[0]),
        }
        if trace is not None:
            line["request_id"] = trace.request_id
        line |= {name: getattr(record, name) for name in FIELDS if getattr(record, name, None) is not None}
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = kinds(record.exc_info[1])
            line["where"] = [f"{at.filename}:{at.lineno} {at.name}" for at in frames(record.exc_info[1])]
        return json.dumps(line, ensure_ascii=False, default=str)


def without_keys(text: str) -> str:
    """The text with the secrets in visitors' addresses, and every query string, left out."""
    return QUERY.sub("?…", KEYS.sub(r"\1…", text))


def kinds(error: BaseException) -> str:
    """What it is and what it comes from: `Http404 < DoesNotExist`."""
    names = [f"{type(error).__module__}.{type(error).__qualname__}"]
    cause = error.__cause__ or error.__context__
    return " < ".join([*names, kinds(cause)] if cause else names)


def frames(error: BaseException) -> traceback.StackSummary:
    return traceback.extract_tb(error.__traceback__)


def log_move(*, event: "TicketEvent", **_signal: Any) -> None:
    """For the signal `moved`."""
    fields = {
        "action": event.action,
        "branch": event.ticket.branch_id,
        "desk": event.desk_id,
        "ticket": event.ticket_id,
    }
    logger.info("%s → %s", event.from_state or "new", event.to_state, extra=fields)


def listen() -> None:
    moved.connect(log_move)
