"""A supervisor's presses. Each is answered with the hall as it is now, and with what has been done in words."""

from collections.abc import Callable
from functools import partial

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from queues import actions, queries
from queues.models import Branch, Desk, Rule, Service, Ticket
from queues.refusals import DeskGone, ServiceGone, TargetGone, UnknownTicket
from queues.states import State
from staffdesk.access import hall_branch
from staffdesk.forms import choice, instant, number, numbers, words
from staffdesk.hall.page import answered
from staffdesk.press import Answer, asks_first, known, press


def _go_back(request: HttpRequest, branch: Branch, answer: Answer | None) -> HttpResponse:
    """To the page that was pressed on: what is refused while closing the day is said there."""
    closing = request.POST.get("back") == "closing" and answer is not None and answer.refused
    return redirect("hall-closing" if closing else "hall", branch.slug)


in_hall = partial(press, named_by="slug", find=hall_branch, show=answered, go_back=_go_back)


def plain(act: Callable[..., object], said: Promise) -> Callable[..., HttpResponse]:
    """A press that needs nothing but the branch, and what is said when it is done."""

    @in_hall
    def view(_request: HttpRequest, branch: Branch, by: User) -> Answer:
        act(branch, by=by)
        return Answer(str(said))

    return view


# Everything at once

pause = plain(actions.pause_all, gettext_lazy("Everything is paused. Everybody keeps their place."))
resume = plain(actions.resume_all, gettext_lazy("Everything goes on, in the same order."))


@in_hall
def notice(request: HttpRequest, branch: Branch, by: User) -> Answer:
    actions.show_notice(branch, _words(request, branch, "notice"), by=by)
    return Answer(_("The notice is on every screen and phone."))


remove_notice = plain(actions.remove_notice, gettext_lazy("The notice is gone."))


stop = plain(actions.stop_numbers, gettext_lazy("No more numbers are given today. Those in the queue are served."))


@in_hall
def close_now(request: HttpRequest, branch: Branch, by: User) -> Answer:
    gone = actions.close_now(branch, _words(request, branch, "notice"), by=by)
    said = ngettext(
        "The day is closed. %(gone)s visitor was told on their phone and on the screens.",
        "The day is closed. %(gone)s visitors were told on their phones and on the screens.",
        gone,
    )
    return Answer(said % {"gone": gone})


reopen = plain(actions.reopen, gettext_lazy("Numbers are given again."))


# Services and desks


@in_hall
def open_service(request: HttpRequest, branch: Branch, by: User) -> Answer:
    service = actions.open_service(_service(request, branch), by=by)
    return Answer(_("%(service)s gives numbers now.") % {"service": service.name})


@in_hall
def close_service(request: HttpRequest, branch: Branch, by: User) -> Answer:
    service = actions.close_service(_service(request, branch), words=_words(request, branch, "note"), by=by)
    return Answer(
        _("%(service)s gives no more numbers. Those in the queue for it are served.") % {"service": service.name}
    )


@in_hall
def desk_services(request: HttpRequest, branch: Branch, by: User, *, desk_id: int) -> Answer:
    services = queries.services_by_id(branch, numbers(request, "service"))
    desk = actions.set_desk_services(_desk(branch, desk_id), services, by=by)
    names = ", ".join(service.name for service in services) or _("nothing")
    return Answer(_("Desk %(desk)s now serves: %(services)s.") % {"desk": desk.name, "services": names})


@in_hall
def coming(_request: HttpRequest, branch: Branch, by: User, *, desk_id: int) -> Answer:
    desk = actions.go_and_help(_desk(branch, desk_id), by=by)
    return Answer(_("Desk %(desk)s sees that you are coming.") % {"desk": desk.name})


kiosk_coming = plain(actions.go_to_kiosk, gettext_lazy("Thank you. A visitor at the kiosk waits for you."))


# One ticket


@in_hall
def release(request: HttpRequest, branch: Branch, by: User, *, ticket_id: int) -> Answer:
    ticket = actions.release(_ticket(branch, ticket_id), back=True, by=by, since=instant(request, "since"))
    return Answer(_("%(number)s is back in the queue, in the old place.") % {"number": ticket.shown})


@in_hall
def end(request: HttpRequest, branch: Branch, by: User, *, ticket_id: int) -> Answer:
    ticket = actions.release(_ticket(branch, ticket_id), back=False, by=by, since=instant(request, "since"))
    return Answer(_("%(number)s: %(state)s.") % {"number": ticket.shown, "state": State(ticket.state).label})


@in_hall
def transfer(request: HttpRequest, branch: Branch, by: User) -> Answer:
    ticket = _numbered(request, branch)
    kind, pk = choice(request, "to")
    ticket = actions.transfer_ticket(
        ticket,
        service=queries.service_by_id(branch, pk) if kind == "service" else None,
        to_desk=queries.desk_by_id(branch, pk) if kind == "desk" else None,
        to_clerk=queries.member_by_id(branch, pk) if kind == "clerk" else None,
        asks_first=asks_first(request),
        by=by,
    )
    return Answer(_("%(number)s has been sent on.") % {"number": ticket.shown})


@in_hall
def priority(request: HttpRequest, branch: Branch, by: User) -> Answer:
    ticket = _numbered(request, branch)
    pk = number(request, "priority")
    chosen = None if pk is None else known(queries.priority_by_id(branch, pk), TargetGone)
    ticket = actions.set_priority(ticket, chosen, by=by)
    said = {"number": ticket.shown, "minutes": ticket.head_start}
    if chosen is None:
        return Answer(_("%(number)s has no head start any more.") % said)
    return Answer(_("%(number)s is %(minutes)s min ahead now.") % said)


# Rules


@in_hall
def add_rule(request: HttpRequest, branch: Branch, by: User) -> Answer:
    rule = actions.add_rule(
        branch,
        service=_service(request, branch),
        over=_minutes(request, "over"),
        under=_minutes(request, "under"),
        desks=queries.desks_by_id(branch, numbers(request, "desk")),
        name=words(request, "name")[:80],
        by=by,
    )
    return Answer(_("The rule “%(rule)s” is in force.") % {"rule": rule.name})


@in_hall
def switch_rule_on(_request: HttpRequest, branch: Branch, by: User, *, rule_id: int) -> Answer:
    rule = actions.switch_rule(_rule(branch, rule_id), on=True, by=by)
    return Answer(_("The rule “%(rule)s” is in force.") % {"rule": rule.name})


@in_hall
def switch_rule_off(_request: HttpRequest, branch: Branch, by: User, *, rule_id: int) -> Answer:
    rule = actions.switch_rule(_rule(branch, rule_id), on=False, by=by)
    return Answer(_("The rule “%(rule)s” is off; the desks have their own services again.") % {"rule": rule.name})


@in_hall
def remove_rule(_request: HttpRequest, branch: Branch, by: User, *, rule_id: int) -> Answer:
    rule = _rule(branch, rule_id)
    actions.remove_rule(rule, by=by)
    return Answer(_("The rule “%(rule)s” is gone; the desks have their own services again.") % {"rule": rule.name})


# What a press is about, in this branch only


def _words(request: HttpRequest, branch: Branch, field: str) -> actions.Words:
    return {language: words(request, f"{field}_{language}") for language in branch.languages}


def _minutes(request: HttpRequest, field: str) -> int:
    found = number(request, field)
    if found is None:
        raise ValidationError(_("Say after how many minutes."))
    return found


def _service(request: HttpRequest, branch: Branch) -> Service:
    return known(queries.service_by_id(branch, number(request, "service") or 0), ServiceGone)


def _desk(branch: Branch, pk: int) -> Desk:
    return known(queries.desk_by_id(branch, pk), DeskGone)


def _rule(branch: Branch, pk: int) -> Rule:
    return known(queries.rule_by_id(branch, pk), TargetGone)


def _ticket(branch: Branch, pk: int) -> Ticket:
    return known(queries.ticket_by_id(branch, pk), UnknownTicket)


def _numbered(request: HttpRequest, branch: Branch) -> Ticket:
    return known(queries.todays_ticket(branch, words(request, "number")), UnknownTicket)
