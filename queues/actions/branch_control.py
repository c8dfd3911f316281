"""What a supervisor does to a whole branch: services, desks, a notice, a pause, an early end of the day.

Doing a thing twice is doing it once. Words come as a mapping from language code to text; what is not one of the
branch's languages is passed over.
"""

from collections.abc import Iterable

from django.db.models import QuerySet
from modeltranslation.utils import build_localized_fieldname

from accounts.models import User
from queues import clock, queries
from queues.actions.setup import NO_WORDS, Words
from queues.changes import rows
from queues.changes.branch_log import log_event
from queues.changes.desk_press import at_desk
from queues.changes.text import one_line
from queues.changes.together import move_together
from queues.changes.transaction import changing
from queues.models import Branch, BranchEvent, Desk, Rule, Service, Ticket, What
from queues.models.branch import all_languages
from queues.refusals import BranchBusy, PartlyDone, ServiceGone, ServiceInUse, TargetGone, WordsMissing
from queues.states import OPEN, State

LONGEST_NOTICE = 200
LONGEST_CLOSED_NOTE = 80
"""Characters, as the columns have it."""


def open_service(service: Service, *, by: User | None) -> Service:
    """The service gives numbers from now on. Raises ServiceGone. Locks the branch."""
    with changing(service.branch_id) as branch:
        here = _service(branch, service)
        if not here.is_open:
            rows.save(here, is_open=True)
            log_event(branch, What.SERVICE_OPENED, service=here, by=by)
        return here


def close_service(service: Service, *, words: Words = NO_WORDS, by: User | None) -> Service:
    """The service gives no number until it is opened; visitors who wait for it are served. `words` are shown meanwhile,
    in place of those it had; without any, those stay. Raises ServiceGone. Locks the branch."""
    with changing(service.branch_id) as branch:
        here = _service(branch, service)
        said = _kept(branch, words, "closed_note", LONGEST_CLOSED_NOTE)
        if here.is_open or said:
            rows.save(here, is_open=False, **said)
            log_event(branch, What.SERVICE_CLOSED, service=here, by=by, words=_first(branch, words))
        return here


def delete_service(service: Service) -> None:
    """Only a service that never gave a number goes. Raises ServiceInUse, which names how many wait and says what to do
    instead. Locks the branch."""
    with changing(service.branch_id) as branch:
        here = _service(branch, service)
        refuse_if_in_use(here)
        here.delete()


def refuse_if_in_use(service: Service) -> None:
    """Raises ServiceInUse for a service that has given numbers: its days are kept."""
    tickets = Ticket.objects.filter(service=service)
    if tickets.exists() or service.series.exists():
        raise ServiceInUse(service, tickets.filter(state__in=OPEN).count())


def set_desk_services(desk: Desk, services: Iterable[Service], *, by: User | None) -> Desk:
    """The desk serves these services from now on, and no others. What a rule had lent there is the supervisor's now.
    Raises DeskGone, and TargetGone for a service of another branch. Locks the branch."""
    with at_desk(desk) as here:
        wanted = set(services)
        if any(service.branch_id != here.branch_id for service in wanted):
            raise TargetGone
        serve_only(here.branch, here, wanted, by=by)
        Rule.lent.through.objects.filter(desk=here).delete()
        return here


def serve_only(branch: Branch, desk: Desk, wanted: set[Service], *, by: User | None = None, rule: str = "") -> None:
    """Make these the desk's services, and log each that is new or gone. Call it inside `changing`."""
    served = set(desk.services.all())
    for what, changed in ((What.SERVES, wanted - served), (What.SERVES_NO_MORE, served - wanted)):
        for service in sorted(changed, key=lambda one: one.pk):
            log_event(branch, what, desk=desk, service=service, by=by, rule=rule)
    desk.services.set(wanted)


def show_notice(branch: Branch, words: Words, *, by: User | None) -> Branch:
    """Every screen and phone shows these words until they are removed. Raises WordsMissing unless they are there in the
    branch's first language. Locks the branch."""
    with changing(branch.pk) as here:
        _refuse_silence(here, words)
        _show(here, words)
        log_event(here, What.NOTICE, by=by, words=_first(here, words))
        return here


def remove_notice(branch: Branch, *, by: User | None) -> Branch:
    """No notice is shown any more. Locks the branch."""
    with changing(branch.pk) as here:
        if here.notice_since:
            _hide(here)
            log_event(here, What.NOTICE_REMOVED, by=by)
        return here


def pause_all(branch: Branch, *, by: User | None) -> Branch:
    """Nobody is called and no number is given until `resume_all`; everybody keeps their place. Locks the branch."""
    with changing(branch.pk) as here:
        if here.paused_since is None:
            rows.save(here, paused_since=clock.now())
            log_event(here, What.ALL_PAUSED, by=by)
        return here


def resume_all(branch: Branch, *, by: User | None) -> Branch:
    """Everything goes on, in the same order; a desk that calls by itself waits its delay first. Locks the branch."""
    with changing(branch.pk) as here:
        if here.paused_since is not None:
            rows.save(here, paused_since=None)
            Desk.objects.filter(branch=here, clerk__isnull=False).update(ready_since=clock.now())
            log_event(here, What.ALL_RESUMED, by=by)
        return here


def stop_numbers(branch: Branch, *, by: User | None) -> Branch:
    """Close the day by serving everybody who waits: no new number is given at a kiosk today. Locks the branch."""
    with changing(branch.pk) as here:
        if not _is_closed(here):
            rows.save(here, closed_day=queries.today(here))
            log_event(here, What.DAY_CLOSED, by=by)
        return here


def close_now(branch: Branch, words: Words, *, by: User | None) -> int:
    """Close the day at once, never in silence: these words go to every screen and phone, no number is given any more,
    and visitors who wait or are on hold are EXPIRED. A visitor at a desk is served. Returns how many expired.

    Raises WordsMissing as `show_notice`; and PartlyDone where the day is closed but not everybody has expired yet,
    which the same press goes on with. Locks the branch, again and again as `move_together`."""
    with changing(branch.pk) as here:
        _refuse_silence(here, words)
        said = _first(here, words)
        closing = _last_closing(here)
        is_known = _is_closed(here) and closing is not None and closing.words == said
        rows.save(here, closed_day=queries.today(here))
        _show(here, words)
        if not is_known:
            log_event(here, What.DAY_CLOSED, by=by, words=said)
    try:
        gone = move_together(branch, _who_waits_or_is_on_hold, State.EXPIRED, action="close_now", by=by)
    except BranchBusy as busy:
        raise PartlyDone from busy
    return sum(ticket.party for ticket in gone)


def _who_waits_or_is_on_hold(branch: Branch) -> QuerySet[Ticket]:
    return Ticket.objects.leading().filter(branch=branch, state__in=(State.WAITING, State.HELD))


def reopen(branch: Branch, *, by: User | None) -> Branch:
    """Numbers are given again today. The notice with which the day was closed goes; any other stays. Locks the
    branch."""
    with changing(branch.pk) as here:
        if not _is_closed(here):
            return here
        closing = _last_closing(here)
        shown = getattr(here, build_localized_fieldname("notice", here.languages[0]))
        rows.save(here, closed_day=None)
        if closing is not None and closing.words and closing.words == shown:
            _hide(here)
        log_event(here, What.DAY_REOPENED, by=by)
        return here


def _last_closing(branch: Branch) -> BranchEvent | None:
    return BranchEvent.objects.filter(branch=branch, what=What.DAY_CLOSED).order_by("-id").first()


def _is_closed(branch: Branch) -> bool:
    return branch.closed_day == queries.today(branch)


def _service(branch: Branch, service: Service) -> Service:
    found = Service.objects.filter(pk=service.pk, branch=branch).first()
    if found is None:
        raise ServiceGone
    return found


def _refuse_silence(branch: Branch, words: Words) -> None:
    first = branch.languages[0]
    if not one_line(words.get(first, ""), LONGEST_NOTICE):
        raise WordsMissing(first)


def _show(branch: Branch, words: Words) -> None:
    rows.save(branch, notice_since=clock.now(), **_kept(branch, words, "notice", LONGEST_NOTICE))


def _hide(branch: Branch) -> None:
    silence = {build_localized_fieldname("notice", language): "" for language in all_languages()}
    rows.save(branch, notice_since=None, **silence)


def _first(branch: Branch, words: Words) -> str:
    """What the log keeps: the words in the first language that has any."""
    said = (one_line(words.get(language, ""), LONGEST_NOTICE) for language in branch.languages)
    return next(filter(None, said), "")


def _kept(branch: Branch, words: Words, field: str, longest: int) -> dict[str, str]:
    """The columns for the words in every language, cut to what they hold; none where nothing is said."""
    said = {language: one_line(words.get(language, ""), longest) for language in branch.languages}
    if not any(said.values()):
        return {}
    return {build_localized_fieldname(field, language): said.get(language, "") for language in all_languages()}
