"""A place where visitors are served, and the clerk who is signed in there now."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from queues.models.branch import WHOLE_DAY, Branch
from queues.models.service import Service

LETTERS = "0-9A-Za-z\u00c0-\u024f"
"""Those of the Latin alphabet, with their dots and rings."""
desk_name = RegexValidator(
    rf"\A[-_{LETTERS}]*[{LETTERS}][-_{LETTERS}]*\Z",
    _("Up to six letters and digits without a blank, such as 3, B or INFO2."),
)


class Desk(models.Model):
    """A place where visitors are served. Its name is what the screens show: short, a number or a letter.

    `clerk` is signed in there since `clerk_since`, at most one person at a time; the desk is ready for a call since
    `ready_since`. It calls by itself while a page of it is open, up to `attended_until`, and not while its clerk writes
    about a visitor, up to `writing_until`.
    `unrecorded` is the beginning of the visit that its clerk may still say something about.
    """

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="desks")
    name = models.CharField(_("name"), max_length=6, validators=[desk_name])
    services = models.ManyToManyField(Service, verbose_name=_("services"), related_name="desks", blank=True)
    main_service = models.ForeignKey(
        Service,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("the service that it serves first"),
    )
    main_head_start = models.PositiveSmallIntegerField(
        _("minutes that this service is ahead of its others"),
        default=0,
        db_default=0,
        validators=[MaxValueValidator(WHOLE_DAY)],
    )

    # How it is right now.
    clerk = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="desks", editable=False
    )
    clerk_since = models.DateTimeField(null=True, editable=False)
    ready_since = models.DateTimeField(null=True, editable=False)
    calls_by_itself = models.BooleanField(default=False, db_default=False, editable=False)
    attended_until = models.DateTimeField(null=True, editable=False)
    writing_until = models.DateTimeField(null=True, editable=False)
    paused_since = models.DateTimeField(null=True, editable=False)
    pause_reason = models.CharField(max_length=60, blank=True, default="", db_default="", editable=False)
    pause_until = models.DateTimeField(null=True, editable=False)
    help_since = models.DateTimeField(null=True, editable=False)
    helper = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )
    unrecorded = models.ForeignKey(
        "queues.TicketEvent", on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )

    class Meta:
        verbose_name = _("desk")
        verbose_name_plural = _("desks")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["branch", "name"], name="one_desk_a_name")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.main_service_id and self.main_service and self.main_service.branch_id != self.branch_id:
            raise ValidationError({"main_service": _("A desk serves the services of its own branch.")})
