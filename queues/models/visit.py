"""What is said after a visit: by the clerk about the work, by anybody to the clerk."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from queues.models.branch import Branch
from queues.models.desk import Desk
from queues.models.service import Outcome, Service
from queues.models.ticket import Ticket


class Visit(models.Model):
    """What a clerk recorded about one visitor's visit to one desk.

    `note` is for the colleague who meets the same visitor later today; it is emptied when the day closes. `helped` is
    for everybody later, and names nobody.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="visits")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="visits")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    note = models.CharField(_("note"), max_length=200, blank=True)
    helped = models.CharField(_("what helped"), max_length=200, blank=True)
    hard = models.BooleanField(_("a hard visit"), default=False)

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ["-id"]
        indexes = [models.Index(fields=["desk", "-id"], name="visit_of_desk")]

    def __str__(self) -> str:
        return f"{self.ticket} · {self.desk}"


class VisitOutcome(models.Model):
    """One of a visit's outcomes, `quantity` times."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="outcomes")
    outcome = models.ForeignKey(Outcome, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])

    class Meta:
        verbose_name = _("outcome of a visit")
        verbose_name_plural = _("outcomes of visits")
        constraints = [models.UniqueConstraint(fields=["visit", "outcome"], name="one_outcome_a_visit")]

    def __str__(self) -> str:
        return f"{self.quantity} {self.outcome}"


class Thanks(models.Model):
    """A word of thanks to a clerk: from a colleague (`by`) or from the visitor of `ticket`, once."""

    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="thanks")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="thanks")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    ticket = models.OneToOneField(Ticket, on_delete=models.SET_NULL, null=True, related_name="thanks")
    words = models.CharField(_("words"), max_length=140, blank=True)
    at = models.DateTimeField()
    seen = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("thanks")
        verbose_name_plural = _("thanks")
        ordering = ["-id"]
        indexes = [models.Index(fields=["to", "seen"], name="thanks_unseen")]

    def __str__(self) -> str:
        return self.words or str(self.to)
