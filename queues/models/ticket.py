"""A ticket: one visitor's number for one business day, and the log of all that happened to it."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from queues.models.branch import Branch
from queues.models.series import NumberSeries
from queues.models.service import Desk, PriorityClass, Service
from queues.states import AT_DESK, OPEN, State


def new_token() -> str:
    """The secret in the visitor's link: 128 random bits, 22 characters, nothing to do with the number."""
    return secrets.token_urlsafe(16)


class Ticket(models.Model):
    """Written only by `queues.actions`; its state changes only through the gate.

    `shown` is what people see, prefix and number ("A27"). `due_at` orders the line. `last_call` is the id of the event
    that called it last, `called_at` when that was, `calls` how often it was called.
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

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        indexes = [
            models.Index(fields=["branch", "state", "due_at", "id"], name="ticket_line"),
            models.Index(fields=["branch", "business_day", "-last_call"], name="ticket_calls"),
            models.Index(fields=["desk", "-last_call"], name="ticket_of_desk"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["series", "serial"], name="one_serial_a_series"),
            models.UniqueConstraint(fields=["branch", "shown"], condition=Q(state__in=OPEN), name="one_open_number"),
            models.UniqueConstraint(fields=["desk"], condition=Q(state__in=AT_DESK), name="one_open_ticket_a_desk"),
            models.UniqueConstraint(fields=["branch", "request_key"], name="one_ticket_a_request"),
            models.CheckConstraint(condition=~Q(state__in=AT_DESK) | Q(desk__isnull=False), name="called_to_a_desk"),
        ]

    def __str__(self) -> str:
        return self.shown


class TicketEvent(models.Model):
    """One move: the audit log and the only source of statistics. Appended, never changed."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="events")
    from_state = models.CharField(max_length=8, choices=State.choices, blank=True)
    to_state = models.CharField(max_length=8, choices=State.choices)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("ticket event")
        verbose_name_plural = _("ticket events")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.ticket}: {self.from_state or 'new'} → {self.to_state}"
