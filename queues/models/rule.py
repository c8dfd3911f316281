"""One form of rule: who helps when a line grows."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from queues.models.branch import WHOLE_DAY, Branch
from queues.models.desk import Desk
from queues.models.service import Service


def in_words(service: str, over: int, under: int, desks: Sequence[str]) -> str:
    """The rule as a manager reads it, in the active language."""
    *others, last = desks or ("",)
    names = gettext("%(others)s and %(last)s") % {"others": ", ".join(others), "last": last} if others else last
    return ngettext(
        "When the longest wait for %(service)s passes %(over)s min, desk %(names)s also serves it, "
        "until it is under %(under)s min.",
        "When the longest wait for %(service)s passes %(over)s min, desks %(names)s also serve it, "
        "until it is under %(under)s min.",
        len(desks),
    ) % {"service": service, "over": over, "under": under, "names": names}


class Rule(models.Model):
    """When the longest wait for `service` passes `over` minutes, `desks` also serve it, until it is under `under`.

    It acts since `acting_since`, on the desks that it has `lent`: those that did not serve the service anyway.
    """

    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="rules")
    name = models.CharField(_("name"), max_length=80)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="+", verbose_name=_("service"))
    over = models.PositiveSmallIntegerField(
        _("begins when the longest wait passes so many minutes"), validators=[MaxValueValidator(WHOLE_DAY)]
    )
    under = models.PositiveSmallIntegerField(
        _("ends when it is under so many minutes"), validators=[MaxValueValidator(WHOLE_DAY)]
    )
    desks = models.ManyToManyField(Desk, related_name="+", verbose_name=_("desks that then serve it, too"))
    is_on = models.BooleanField(_("in force"), default=True)
    acting_since = models.DateTimeField(null=True, editable=False)
    lent = models.ManyToManyField(Desk, related_name="+", editable=False)

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(under__lte=models.F("over")), name="rule_ends_below_its_begin")
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.over is not None and self.under is not None and self.under > self.over:
            raise ValidationError({"under": _("A rule ends at or below the wait at which it begins.")})
        if self.service_id and self.branch_id and self.service.branch_id != self.branch_id:
            raise ValidationError({"service": _("A rule is about the services and desks of one branch.")})
