"""A ticket: one visitor's number for one business day, and the log of all that happened to it."""

import secrets
from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from queues.models.branch import Branch
from queues.models.desk import Desk
from queues.models.series import NumberSeries
from queues.models.service import PriorityClass, Service
from queues.states import AT_DESK, OPEN, State

LONGEST_VISITOR_NAME = 80
"""Characters."""


def new_token() -> str:
    """The secret in the visitor's link: 128 random bits, 22 characters, nothing to do with the number."""
    return secrets.token_urlsafe(16)


class Need(models.TextChoices):
    """What a visitor may say beforehand, so that the clerk knows it when they meet. Forgotten when the day closes."""

    STEP_FREE = "step-free", _("Step-free way")
    HEARING_LOOP = "hearing-loop", _("Hearing loop")
    SIGN_LANGUAGE = "sign-language", _("Sign language")
    MORE_TIME = "more-time", _("More time")
    CALM_PLACE = "calm-place", _("Calm place")


class TicketQuerySet(models.QuerySet["Ticket"]):
    """Everybody who waits, said once."""

    def in_line(self, branch: int, day: date, now: datetime) -> Self:
        """Everybody who waits in this branch on this business day, in the order in which they are due."""
        return self.waiting(now).filter(branch=branch, business_day=day).order_by("due_at", "id")

    def waiting(self, now: datetime) -> Self:
        """Everybody who waits, whichever branch and day it is; those included whose hold is over. Followers are in it:
        they wait with their leader."""
        hold_is_over = Q(state=State.HELD, callable_from__lte=now)
        # The second condition follows from the first one: the index of the line knows states only.
        return self.filter(Q(state=State.WAITING) | hold_is_over, state__in=(State.WAITING, State.HELD))

    def callable_at(self, now: datetime) -> Self:
        """Those who are not in a cool-down, nor on a hold that goes on."""
        return self.filter(Q(callable_from__isnull=True) | Q(callable_from__lte=now))

    def leading(self) -> Self:
        """One of each party: whoever follows is called with their leader."""
        return self.filter(leader__isnull=True)

    def for_anybody(self) -> Self:
        """Those who were sent to no single desk or clerk."""
        return self.filter(for_desk__isnull=True, for_clerk__isnull=True)


class Ticket(models.Model):
    """Written only by `queues.actions`; its state changes only by `changes.transition.move`.

    `shown` is what people see, prefix and number ("A27"). `due_at` orders the line: when the visitor began to wait,
    less a head start of `head_start` minutes; whoever is put further back has none left. `waiting_since` moves on by
    the time at a desk, so that the time since then is the time waited in all. `last_call` is the id of the event
    that called it last, `called_at` when that was, `calls` how often it was called since it was last served. `told` is
    the quoted wait: in minutes, what the visitor was told when it was issued.

    Not called before `callable_from`; only to `for_desk` or by `for_clerk` if one is set. When it has been served it
    goes back to `return_desk` (or the desk of `return_clerk`) for `return_service`, then on to the services of `plan`,
    a list of ids. A `party` of more than one is a leader with its followers: they have its state, and it alone is the
    desk's open ticket.
    """

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="tickets")
    business_day = models.DateField(_("business day"))
    series = models.ForeignKey(NumberSeries, on_delete=models.PROTECT, related_name="tickets")
    serial = models.PositiveIntegerField()
    shown = models.CharField(_("number"), max_length=12)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="tickets", verbose_name=_("service"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    state_since = models.DateTimeField()
    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, null=True, related_name="tickets", verbose_name=_("desk"))
    priority = models.ForeignKey(PriorityClass, on_delete=models.SET_NULL, null=True, related_name="tickets")
    waiting_since = models.DateTimeField()
    due_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True)
    last_call = models.BigIntegerField(null=True)
    calls = models.PositiveSmallIntegerField(default=0)
    language = models.CharField(max_length=8)
    token = models.CharField(max_length=32, unique=True, default=new_token)
    request_key = models.UUIDField(null=True)

    head_start = models.PositiveSmallIntegerField(default=0, db_default=0)
    told = models.PositiveSmallIntegerField(null=True)
    callable_from = models.DateTimeField(null=True)
    hold_reason = models.CharField(max_length=80, blank=True, default="", db_default="")
    for_desk = models.ForeignKey(Desk, on_delete=models.SET_NULL, null=True, related_name="+")
    for_clerk = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    return_desk = models.ForeignKey(Desk, on_delete=models.SET_NULL, null=True, related_name="+")
    return_clerk = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    return_service = models.ForeignKey(Service, on_delete=models.SET_NULL, null=True, related_name="+")
    plan = models.JSONField(default=list, db_default=[])
    sent_on = models.PositiveSmallIntegerField(default=0, db_default=0)
    leader = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="followers")
    party = models.PositiveSmallIntegerField(default=1, db_default=1)
    call_withdrawn_at = models.DateTimeField(null=True)
    needs = models.JSONField(default=list, db_default=[])
    visitor_name = models.CharField(max_length=LONGEST_VISITOR_NAME, blank=True, default="", db_default="")

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        indexes = [
            models.Index(fields=["branch", "state", "due_at", "id"], name="ticket_line"),
            models.Index(fields=["branch", "business_day", "-last_call"], name="ticket_calls"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["series", "serial"], name="one_serial_a_series"),
            models.UniqueConstraint(fields=["branch", "shown"], condition=Q(state__in=OPEN), name="one_open_number"),
            models.UniqueConstraint(
                fields=["desk"], condition=Q(state__in=AT_DESK, leader__isnull=True), name="one_leading_ticket_a_desk"
            ),
            models.UniqueConstraint(fields=["branch", "request_key"], name="one_ticket_a_request"),
            models.CheckConstraint(condition=~Q(state__in=AT_DESK) | Q(desk__isnull=False), name="called_to_a_desk"),
        ]

    def __str__(self) -> str:
        return self.shown


class TicketEvent(models.Model):
    """One move: the audit log and the only source of statistics. Appended, never changed. `action` is which of
    `queues.actions` made it; `desk` is set when the move was to, at or from a desk.

    From this event to the ticket's next one it was in `to_state`, for `service`, at `desk`. `undoes` names the event
    that this one takes back: neither of the two counts. `led_by` names the leader's event that a follower's goes with.
    `before` holds what the move has changed, as it was: column to JSON value.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="events")
    from_state = models.CharField(max_length=8, choices=State.choices, blank=True)
    to_state = models.CharField(max_length=8, choices=State.choices)
    action = models.CharField(max_length=16, blank=True, default="", db_default="")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(_("reason"), max_length=120, blank=True, default="", db_default="")
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="undone_by")
    led_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="led")
    before = models.JSONField(null=True)

    class Meta:
        verbose_name = _("ticket event")
        verbose_name_plural = _("ticket events")
        ordering = ["id"]
        indexes = [models.Index(fields=["desk", "-id"], name="event_of_desk")]

    def __str__(self) -> str:
        return f"{self.ticket}: {self.from_state or 'new'} → {self.to_state}"
