"""What happened in a branch, apart from the moves of its tickets."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from queues.models.branch import Branch
from queues.models.desk import Desk
from queues.models.service import Service


class What(models.TextChoices):
    SAT_DOWN = "sat-down", _("sat down")
    STOOD_UP = "stood-up", _("stood up")
    TOOK_OVER = "took-over", _("took over")
    PAUSED = "paused", _("paused")
    RESUMED = "resumed", _("resumed")
    HELP_ASKED = "help-asked", _("asked for help")
    HELP_COMING = "help-coming", _("goes to help")
    HELP_ENDED = "help-ended", _("help is over")
    KIOSK_HELP = "kiosk-help", _("a visitor asked for help at the kiosk")
    KIOSK_COMING = "kiosk-coming", _("goes to help at the kiosk")
    SERVICE_OPENED = "service-opened", _("opened the service")
    SERVICE_CLOSED = "service-closed", _("closed the service")
    SERVES = "serves", _("serves the service from now on")
    SERVES_NO_MORE = "serves-no-more", _("no longer serves the service")
    RULE_ADDED = "rule-added", _("added the rule")
    RULE_CHANGED = "rule-changed", _("changed the rule")
    RULE_ON = "rule-on", _("switched the rule on")
    RULE_OFF = "rule-off", _("switched the rule off")
    RULE_REMOVED = "rule-removed", _("removed the rule")
    NOTICE = "notice", _("showed a notice")
    NOTICE_REMOVED = "notice-removed", _("removed the notice")
    ALL_PAUSED = "all-paused", _("paused everything")
    ALL_RESUMED = "all-resumed", _("resumed everything")
    DAY_CLOSED = "day-closed", _("closed the day")
    DAY_REOPENED = "day-reopened", _("opened the day again")
    RESTORED = "restored", _("took up a backup")


class BranchEvent(models.Model):
    """Who did what in a branch, at which desk, about which service. Appended, never changed. `rule` is the name of the
    rule that did it, or to which a person did something."""

    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="events")
    what = models.CharField(max_length=16, choices=What.choices)
    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, null=True, related_name="branch_events")
    service = models.ForeignKey(Service, on_delete=models.SET_NULL, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    rule = models.CharField(max_length=80, blank=True)
    words = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("branch event")
        verbose_name_plural = _("branch events")
        ordering = ["id"]
        indexes = [models.Index(fields=["branch", "at"], name="branch_events_in_time")]

    def __str__(self) -> str:
        return f"{self.desk or self.branch}: {self.get_what_display()}"
