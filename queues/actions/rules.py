"""Rules: which desks help when a line grows. They act through the same function as a supervisor."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Min, Q
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from queues import clock
from queues.actions.branch_control import serve_only
from queues.changes import rows
from queues.changes.branch_log import log_event
from queues.changes.one_by_one import one_by_one
from queues.changes.transaction import changing
from queues.models import Branch, BranchEvent, Desk, Rule, Service, Ticket, What
from queues.models.rule import in_words
from queues.refusals import TargetGone


def add_rule(
    branch: Branch,
    *,
    service: Service,
    over: int,
    under: int,
    desks: Iterable[Desk],
    name: str = "",
    by: User | None = None,
) -> Rule:
    """A rule in force from now on; without a name it is called after its service and the wait at which it begins. The
    very rule that is in force already is not made a second time. Raises ValidationError. Locks the
    branch. `by` None is the first set-up of a branch, here and below, and not logged."""
    with changing(branch.pk) as here:
        helping = list(desks)
        if not helping:
            raise ValidationError({"desks": _("Choose at least one desk.")})
        if any(desk.branch_id != here.pk for desk in helping):
            raise ValidationError({"desks": _("A rule is about the services and desks of one branch.")})
        rule = Rule(
            branch=here, service=service, over=over, under=under, name=name.strip() or f"{service} > {over} min"
        )
        rule.full_clean()
        same = Rule.objects.filter(branch=here, service=service, over=over, under=under, name=rule.name, is_on=True)
        for known in same:
            if set(known.desks.all()) == set(helping):
                return known
        rule.save()
        rule.desks.set(helping)
        log_rule(rule, What.RULE_ADDED, by=by)
        return rule


def switch_rule(rule: Rule, *, on: bool, by: User | None = None) -> Rule:
    """Put the rule in force, or out of it: then it takes back at once what it has lent. Raises TargetGone when it
    has been removed. Locks the branch."""
    with changing(rule.branch_id) as branch:
        here = Rule.objects.filter(pk=rule.pk).first()
        if here is None:
            raise TargetGone
        if here.is_on != on:
            log_rule(here, What.RULE_ON if on else What.RULE_OFF, by=by)
        if here.acting_since and not on:
            _end(branch, here)
        rows.save(here, is_on=on)
        return here


def remove_rule(rule: Rule, *, by: User | None = None) -> None:
    """The rule takes back what it has lent, and is gone. Removing twice is removing once. Locks the branch."""
    with changing(rule.branch_id) as branch:
        here = Rule.objects.filter(pk=rule.pk).first()
        if here is not None:
            log_rule(here, What.RULE_REMOVED, by=by)
            if here.acting_since:
                _end(branch, here)
            here.delete()


def log_rule(rule: Rule, what: What, *, by: User | None) -> None:
    """Log what a person has just done to the rule, with the rule's words in the branch's first language. Call it inside
    `changing`."""
    if by is None:
        return
    with translation.override(rule.branch.languages[0]):
        desks = list(rule.desks.order_by("id").values_list("name", flat=True))
        words = in_words(str(rule.service), rule.over, rule.under, desks)
    longest = BranchEvent._meta.get_field("words").max_length
    log_event(rule.branch, what, service=rule.service, by=by, rule=rule.name, words=words[:longest])


def apply_rules() -> int:
    """Let each rule begin or end for which it is time, in all branches. Returns how many did. Two queries where none
    does; locks each branch where one does."""
    rules = list(
        Rule.objects.filter(Q(is_on=True) | Q(acting_since__isnull=False)).select_related("branch").order_by("id")
    )
    if not rules:
        return 0
    waits = _longest_waits(rules)
    now = clock.now()

    def apply(rule: Rule) -> int:
        since = waits.get((rule.service_id, str(rule.branch.day_at(now))))
        acts = _should_act(rule, now - since if since else None)
        return _change(rule, acts=acts) if acts != (rule.acting_since is not None) else 0

    return one_by_one(rules, apply)


def _longest_waits(rules: Iterable[Rule]) -> dict[tuple[int, str], datetime]:
    """Since when somebody waits for each service, on each day on which somebody does."""
    waiting = (
        Ticket.objects.waiting(clock.now())
        .leading()
        .filter(service__in={rule.service_id for rule in rules})
        .order_by()
        .values_list("service", "business_day")
        .annotate(Min("waiting_since"))
    )
    return {(service, str(day)): since for service, day, since in waiting}


def _should_act(rule: Rule, wait: timedelta | None) -> bool:
    """Between its two limits a rule goes on with what it does."""
    if not rule.is_on or wait is None:
        return False
    if rule.acting_since is None:
        return wait > timedelta(minutes=rule.over)
    return wait >= timedelta(minutes=rule.under)


def _change(rule: Rule, *, acts: bool) -> bool:
    """Begin or end, unless somebody has done so, or has changed the rule, since it was read."""
    with changing(rule.branch_id) as branch:
        here = Rule.objects.filter(pk=rule.pk, acting_since=rule.acting_since, is_on=rule.is_on).first()
        if here is None:
            return False
        if acts:
            _begin(branch, here)
        else:
            _end(branch, here)
        return True


def _begin(branch: Branch, rule: Rule) -> None:
    lent = list(rule.desks.exclude(services=rule.service))
    for desk in lent:
        serve_only(branch, desk, {*desk.services.all(), rule.service}, rule=rule.name)
    rule.lent.set(lent)
    rows.save(rule, acting_since=clock.now())


def _end(branch: Branch, rule: Rule) -> None:
    """Take back what was lent, except where another rule still wants the same: then it is on loan from that one."""
    others = Rule.objects.filter(branch=branch, service=rule.service, acting_since__isnull=False).exclude(pk=rule.pk)
    for desk in rule.lent.all():
        heir = others.filter(desks=desk).first()
        if heir is not None:
            heir.lent.add(desk)
        else:
            serve_only(branch, desk, set(desk.services.all()) - {rule.service}, rule=rule.name)
    rule.lent.clear()
    rows.save(rule, acting_since=None)
