"""A clerk's presses. Each says what its page showed, and is answered with the panel as it is now."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial, wraps

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import User
from queues import actions, queries
from queues.actions import VisitRecord
from queues.models import Desk, Need, Service, Visit
from queues.refusals import Refusal, TargetGone
from staffdesk.access import clerk, clerk_desk, desk_for
from staffdesk.desk.page import panel
from staffdesk.forms import choice, key, number, numbers, visit_record, words
from staffdesk.press import Answer, asks_first, known, press


def _go_back(_request: HttpRequest, desk: Desk, _answer: Answer | None) -> HttpResponse:
    return redirect("desk", desk.pk)


Act = Callable[..., Answer | None]


def at_desk(act: Act) -> Callable[..., HttpResponse]:
    """A press. What the clerk has typed about a visit comes along with it and is kept first, with the visit that it was
    typed about (`visit`), whatever the press does or is refused. Where the words are refused, the press is made all the
    same, and the answer says so (`Answer.unkept`)."""

    @wraps(act)
    def with_words(request: HttpRequest, desk: Desk, by: User) -> Answer | None:
        kept = _keep_words(request, desk, by)
        done = act(request, desk, by)
        if done is None or kept is None:
            return done or kept
        return replace(done, unkept=kept.unkept)

    return press(with_words, named_by="desk_id", find=clerk_desk, show=panel, go_back=_go_back)


def _keep_words(request: HttpRequest, desk: Desk, by: User) -> Answer | None:
    visit, said = number(request, "visit"), visit_record(request)
    if not visit or said.is_empty:
        return None
    return _kept(desk, visit, said, by)


def _kept(desk: Desk, visit: int, said: VisitRecord, by: User) -> Answer:
    try:
        return _thanked(actions.record(desk, visit, said, by=by))
    except Refusal as refusal:
        return Answer("", unkept=_("What you typed about the visit is not saved yet. %(why)s") % {"why": refusal})


@at_desk
def call_next(request: HttpRequest, desk: Desk, by: User) -> None:
    actions.call_next(desk, by=by, saw=number(request, "seen"))


@at_desk
def call_ticket(request: HttpRequest, desk: Desk, by: User) -> None:
    asked, why = words(request, "number"), words(request, "reason")
    actions.call_ticket(desk, asked, reason=why, by=by, saw=number(request, "seen"))


@at_desk
def call_held(request: HttpRequest, desk: Desk, by: User) -> None:
    actions.call_held(desk, number(request, "held") or 0, by=by)


@at_desk
def recall(request: HttpRequest, desk: Desk, by: User) -> None:
    actions.recall(desk, _ticket(request), by=by, calls_seen=number(request, "calls"))


@at_desk
def start(request: HttpRequest, desk: Desk, by: User) -> None:
    actions.start_serving(desk, _ticket(request), by=by)


@at_desk
def finish(request: HttpRequest, desk: Desk, by: User) -> Answer | None:
    """What the clerk has said of the visit meanwhile goes with it, also where the form doesn't say which visit."""
    ticket = actions.finish(desk, _ticket(request), by=by)
    said = visit_record(request)
    if said.is_empty or request.POST.get("visit"):
        return None
    return _kept(desk, ticket.pk, said, by)


@at_desk
def absent(request: HttpRequest, desk: Desk, by: User) -> None:
    actions.mark_absent(desk, _ticket(request), by=by)


@at_desk
def put_back(request: HttpRequest, desk: Desk, by: User) -> None:
    actions.put_back(desk, _ticket(request), by=by)


@at_desk
def hold(request: HttpRequest, desk: Desk, by: User) -> None:
    actions.hold(desk, _ticket(request), reason=words(request, "reason"), minutes=number(request, "minutes"), by=by)


@at_desk
def transfer(request: HttpRequest, desk: Desk, by: User) -> None:
    kind, pk = choice(request, "to")
    send = partial(
        actions.transfer,
        desk,
        _ticket(request),
        at_the_end=request.POST.get("place") == "end",
        returns=bool(request.POST.get("returns")),
        reason=words(request, "reason"),
        asks_first=asks_first(request),
        by=by,
    )
    match kind:
        case "service":
            send(service=known(queries.service_by_id(desk.branch, pk), TargetGone))
        case "desk":
            send(to_desk=known(queries.desk_by_id(desk.branch, pk), TargetGone))
        case "clerk":
            send(to_clerk=known(queries.member_by_id(desk.branch, pk), TargetGone))
        case _other:
            send()


@at_desk
def link(request: HttpRequest, desk: Desk, by: User) -> None:
    actions.link(desk, words(request, "leader"), words(request, "number"), by=by)


@at_desk
def plan(request: HttpRequest, desk: Desk, by: User) -> Answer:
    """What else the visitor at the desk came for."""
    ticket = actions.plan_here(desk, _ticket(request), _planned(request, desk), by=by)
    if not ticket.plan:
        return Answer(_("Nothing else is planned for %(number)s.") % {"number": ticket.shown})
    return Answer(_("%(number)s goes on by itself afterwards.") % {"number": ticket.shown})


@at_desk
def back(request: HttpRequest, desk: Desk, by: User) -> Answer:
    """An absent visitor has come after all."""
    places = number(request, "places")
    ticket = actions.bring_back(desk, words(request, "number"), places=places, by=by)
    return Answer(_("%(number)s is back in the queue.") % {"number": ticket.shown})


@at_desk
def undo(request: HttpRequest, desk: Desk, by: User) -> Answer:
    ticket = actions.undo(desk, by=by, saw=number(request, "undo"))
    return Answer(_("Undone. %(number)s: %(state)s.") % {"number": ticket.shown, "state": ticket.get_state_display()})


@at_desk
def pause(request: HttpRequest, desk: Desk, by: User) -> None:
    actions.pause(desk, reason=words(request, "reason"), minutes=number(request, "minutes"), by=by)


@at_desk
def resume(_request: HttpRequest, desk: Desk, by: User) -> None:
    actions.resume(desk, by=by)


@at_desk
def set_auto_call(request: HttpRequest, desk: Desk, by: User) -> None:
    actions.set_auto_call(desk, on=request.POST.get("on") == "1", by=by)


@at_desk
def take_over(_request: HttpRequest, desk: Desk, by: User) -> None:
    actions.take_over(desk, by=by)


@at_desk
def help_wanted(_request: HttpRequest, desk: Desk, by: User) -> None:
    actions.ask_for_help(desk, by=by)


@at_desk
def help_ended(_request: HttpRequest, desk: Desk, by: User) -> None:
    actions.end_help(desk, by=by)


@at_desk
def help_coming(request: HttpRequest, _desk: Desk, by: User) -> None:
    """The clerk goes to another desk, which asks for help."""
    other = known(desk_for(by, number(request, "to") or 0), TargetGone)
    actions.go_and_help(other, by=by)


@at_desk
def kiosk_coming(_request: HttpRequest, desk: Desk, by: User) -> Answer:
    """The clerk goes to a visitor at a kiosk, who asks for a person."""
    actions.go_to_kiosk(desk.branch, by=by)
    return Answer(_("Thank you. A visitor at the kiosk waits for you."))


@at_desk
def issue(request: HttpRequest, desk: Desk, by: User) -> Answer:
    """A number for somebody who can't use a kiosk; with the key of a press that was carried out, the same number."""
    service = known(queries.service_by_id(desk.branch, number(request, "service") or 0), TargetGone)
    language = request.POST.get("language", "")
    ticket = actions.issue(
        service,
        language=language if language in desk.branch.languages else desk.branch.languages[0],
        request_key=key(request, "key"),
        priority=queries.priority_by_id(desk.branch, number(request, "priority") or 0),
        needs=[need for need in Need if need.value in request.POST.getlist("need")],
        visitor_name=words(request, "name"),
        by_hand=True,
        by=by,
    )
    planned = _planned(request, desk)
    if planned:
        actions.plan(ticket, planned)
    given = {"number": ticket.shown, "service": ticket.service.name}
    return Answer(_("%(number)s given for %(service)s. Tell the visitor.") % given)


def _record(request: HttpRequest, desk: Desk, by: User) -> Answer | None:
    ticket = number(request, "visit") or 0
    if request.POST.get("skip"):
        actions.skip_record(desk, ticket, by=by)
        return None
    return _thanked(actions.record(desk, ticket, visit_record(request), by=by))


record = press(_record, named_by="desk_id", find=clerk_desk, show=panel, go_back=_go_back)


@login_required
@require_POST
def attend(request: HttpRequest, desk_id: int) -> HttpResponse:
    """What the page says of itself: that it is open (`open`), and that its clerk is typing about a visitor
    (`writing`)."""
    is_open, is_writing = (request.POST.get(field) == "1" for field in ("open", "writing"))
    actions.attend(clerk_desk(request, desk_id), by=clerk(request), is_open=is_open, is_writing=is_writing)
    return HttpResponse(status=204)


def _planned(request: HttpRequest, desk: Desk) -> list[Service]:
    """The services that are ticked, those that the branch has."""
    return queries.services_by_id(desk.branch, numbers(request, "plan"))


def _ticket(request: HttpRequest) -> int:
    return number(request, "ticket") or 0


def _thanked(visit: Visit) -> Answer:
    return Answer(_("Recorded. Thank you."), offers_pause=visit.hard)
