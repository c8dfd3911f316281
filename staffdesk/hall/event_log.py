"""The branch's events as sentences."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from queues.models import What
from queues.snapshot import BranchSnapshot
from queues.snapshot.rules_and_events import EventRow

SENTENCES = {
    What.SAT_DOWN: gettext_lazy("%(who)s sat down at desk %(desk)s."),
    What.STOOD_UP: gettext_lazy("%(who)s left desk %(desk)s."),
    What.TOOK_OVER: gettext_lazy("%(who)s took over desk %(desk)s."),
    What.PAUSED: gettext_lazy("%(who)s paused desk %(desk)s."),
    What.RESUMED: gettext_lazy("%(who)s is back at desk %(desk)s."),
    What.HELP_ASKED: gettext_lazy("%(who)s asked for help at desk %(desk)s."),
    What.HELP_COMING: gettext_lazy("%(who)s went to help at desk %(desk)s."),
    What.HELP_ENDED: gettext_lazy("%(who)s needs no more help at desk %(desk)s."),
    What.KIOSK_HELP: gettext_lazy("A visitor asked for a person at the kiosk."),
    What.KIOSK_COMING: gettext_lazy("%(who)s went to the visitor at the kiosk."),
    What.SERVICE_OPENED: gettext_lazy("%(who)s opened %(service)s."),
    What.SERVICE_CLOSED: gettext_lazy("%(who)s closed %(service)s."),
    What.SERVES: gettext_lazy("%(who)s: desk %(desk)s serves %(service)s from now on."),
    What.SERVES_NO_MORE: gettext_lazy("%(who)s: desk %(desk)s no longer serves %(service)s."),
    What.RULE_ADDED: gettext_lazy("%(who)s added the rule “%(rule)s”."),
    What.RULE_CHANGED: gettext_lazy("%(who)s changed the rule “%(rule)s”."),
    What.RULE_ON: gettext_lazy("%(who)s switched the rule “%(rule)s” on."),
    What.RULE_OFF: gettext_lazy("%(who)s switched the rule “%(rule)s” off."),
    What.RULE_REMOVED: gettext_lazy("%(who)s removed the rule “%(rule)s”."),
    What.NOTICE: gettext_lazy("%(who)s showed a notice."),
    What.NOTICE_REMOVED: gettext_lazy("%(who)s removed the notice."),
    What.ALL_PAUSED: gettext_lazy("%(who)s paused everything."),
    What.ALL_RESUMED: gettext_lazy("%(who)s let everything go on."),
    What.DAY_CLOSED: gettext_lazy("%(who)s stopped the numbers for today."),
    What.DAY_REOPENED: gettext_lazy("%(who)s opened the day again."),
    What.RESTORED: gettext_lazy("A backup was restored. %(service)s goes on from a later number."),
}


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One event of the branch as a sentence, and when it was; `words` is what was said with it."""

    at: datetime
    sentence: str
    words: str

    @classmethod
    def of(cls, event: EventRow, services: dict[int, str]) -> "LoggedEvent":
        by_rule = _("Rule “%(rule)s”") % {"rule": event.rule} if event.rule else ""
        who = event.by or by_rule or _("The clock")
        service = services.get(event.service_id or 0, _("a service"))
        if event.what is What.STOOD_UP and not event.by:
            return cls(event.at, _("Desk %(desk)s was vacated when the day ended.") % {"desk": event.desk}, "")
        closed_at_once = event.what is What.DAY_CLOSED and event.words
        sentence = gettext_lazy("%(who)s closed the day.") if closed_at_once else SENTENCES[event.what]
        names = {"who": who, "desk": event.desk, "service": service, "rule": event.rule}
        return cls(event.at, str(sentence) % names, event.words)


def logged_events(branch: BranchSnapshot, language: str) -> tuple[LoggedEvent, ...]:
    """The newest first."""
    services = {service.id: service.name.in_(language) for service in branch.services}
    return tuple(LoggedEvent.of(event, services) for event in branch.events)
