"""What a branch offers, to whom first, and with what outcome."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from queues.models.branch import WHOLE_DAY, Branch

number_prefix = RegexValidator(r"\A[A-ZÅÄÖ]{0,2}\Z", _("At most two capital letters."))
MISREAD = "OIQ"
"""Letters that look like digits beside digits. No new service has one."""
HIGHEST_NUMBER = 99_999
MOST_PLACES = 9_999


def refuse_misread(prefix: str) -> None:
    """Raises ValidationError for a new prefix that would be read as digits."""
    if set(prefix) & set(MISREAD):
        raise ValidationError({"number_prefix": _("O, I and Q look like digits. Choose another letter.")})


class Service(models.Model):  # type: ignore[django-manager-missing]  # as Branch
    """One line to wait in. Its numbers run from `number_first` to `number_last` and begin again after that.

    Learnt from its visits (`actions.learn_service_times`), empty until there are enough: `typical_seconds`, how long a
    visitor keeps a desk on average (the mean), and `longest_usual_seconds`, which one service in a hundred exceeds.
    """

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="services")
    slug = models.SlugField(_("address name"))
    name = models.CharField(_("name"), max_length=60)
    description = models.CharField(_("one line of what it covers"), max_length=120, blank=True)
    number_prefix = models.CharField(
        _("letter before the number"), max_length=2, blank=True, validators=[number_prefix]
    )
    number_first = models.PositiveIntegerField(
        _("first number"), default=1, validators=[MinValueValidator(1), MaxValueValidator(HIGHEST_NUMBER)]
    )
    number_last = models.PositiveIntegerField(
        _("last number"), default=999, validators=[MaxValueValidator(HIGHEST_NUMBER)]
    )
    is_open = models.BooleanField(_("gives numbers now"), default=True)
    closed_note = models.CharField(_("when it opens, shown while closed"), max_length=80, blank=True)
    position = models.PositiveSmallIntegerField(
        _("place on the kiosk"), default=0, validators=[MaxValueValidator(MOST_PLACES)]
    )
    is_offered = models.BooleanField(_("is on the kiosk, open or closed"), default=True, db_default=True)
    target = models.PositiveSmallIntegerField(
        _("minutes within which its visitors should be called"),
        default=15,
        db_default=15,
        validators=[MaxValueValidator(WHOLE_DAY)],
    )
    typical_seconds = models.PositiveIntegerField(null=True, editable=False)
    longest_usual_seconds = models.PositiveIntegerField(null=True, editable=False)

    objects: ClassVar[models.Manager["Service"]] = models.Manager()

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["branch", "slug"], name="one_service_a_slug"),
            models.CheckConstraint(
                condition=Q(number_first__gte=1) & Q(number_last__gte=F("number_first")),
                name="service_numbers_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.slug

    def clean(self) -> None:
        if self.number_first and self.number_last and self.number_last < self.number_first:
            raise ValidationError({"number_last": _("The last number comes after the first one.")})


class PriorityClass(models.Model):
    """Visitors who may be served earlier: a head start in minutes, so that nobody is overtaken by more than that."""

    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="priority_classes")
    name = models.CharField(_("name"), max_length=60)
    head_start = models.PositiveSmallIntegerField(_("head start in minutes"), validators=[MaxValueValidator(WHOLE_DAY)])

    objects: ClassVar[models.Manager["PriorityClass"]] = models.Manager()

    class Meta:
        verbose_name = _("priority class")
        verbose_name_plural = _("priority classes")
        ordering = ["head_start", "id"]

    def __str__(self) -> str:
        return self.name


class Outcome(models.Model):
    """What a visit for this service may have come to: one of a manager's short list."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="outcomes")
    name = models.CharField(_("name"), max_length=60)
    position = models.PositiveSmallIntegerField(
        _("place in the list"), default=0, validators=[MaxValueValidator(MOST_PLACES)]
    )

    objects: ClassVar[models.Manager["Outcome"]] = models.Manager()

    class Meta:
        verbose_name = _("outcome")
        verbose_name_plural = _("outcomes")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name
