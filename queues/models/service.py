"""What a branch offers, where, and to whom first."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from queues.models.branch import Branch

number_prefix = RegexValidator(r"^[A-ZÅÄÖ]{0,2}$", _("At most two capital letters."))
desk_name = RegexValidator(r"^[\w-]+$", _("A number or a letter, such as 3 or B."))


class Service(models.Model):
    """One line to wait in. Its numbers run from `number_first` to `number_last` and begin again after that."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="services")
    slug = models.SlugField(_("address name"))
    name = models.CharField(_("name"), max_length=60)
    description = models.CharField(_("one line of what it covers"), max_length=120, blank=True)
    number_prefix = models.CharField(
        _("letter before the number"), max_length=2, blank=True, validators=[number_prefix]
    )
    number_first = models.PositiveIntegerField(_("first number"), default=1, validators=[MinValueValidator(1)])
    number_last = models.PositiveIntegerField(_("last number"), default=999)
    is_open = models.BooleanField(_("gives numbers now"), default=True)
    closed_note = models.CharField(_("when it opens, shown while closed"), max_length=80, blank=True)
    position = models.PositiveSmallIntegerField(_("place on the kiosk"), default=0)

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


class Desk(models.Model):
    """A place where visitors are served. Its name is what the screens show: short, a number or a letter."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="desks")
    name = models.CharField(_("name"), max_length=6, validators=[desk_name])
    services = models.ManyToManyField(Service, verbose_name=_("services"), related_name="desks", blank=True)

    class Meta:
        verbose_name = _("desk")
        verbose_name_plural = _("desks")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["branch", "name"], name="one_desk_a_name")]

    def __str__(self) -> str:
        return self.name


class PriorityClass(models.Model):
    """Who may be served earlier: a head start of so many minutes, so that nobody is overtaken by more than that."""

    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="priority_classes")
    name = models.CharField(_("name"), max_length=60)
    head_start = models.PositiveSmallIntegerField(_("head start in minutes"))

    objects: ClassVar[models.Manager["PriorityClass"]] = models.Manager()

    class Meta:
        verbose_name = _("priority class")
        verbose_name_plural = _("priority classes")
        ordering = ["head_start", "id"]

    def __str__(self) -> str:
        return self.name
