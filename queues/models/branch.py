"""A branch: one office with its own line, day, languages and people."""

from datetime import date, datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


def validate_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("%(name)s is not a time zone, such as Europe/Helsinki."), params={"name": name})


def validate_languages(codes: object) -> None:
    known = [code for code, _name in settings.LANGUAGES]
    if (
        not isinstance(codes, list)
        or not codes
        or not all(isinstance(code, str) for code in codes)
        or len(set(codes)) < len(codes)
        or not set(codes) <= set(known)
    ):
        raise ValidationError(_("Name at least one of these languages, each once: %(known)s."), params={"known": known})


def all_languages() -> list[str]:
    return [code for code, _name in settings.LANGUAGES]


WHOLE_DAY = 24 * 60
"""Minutes. A ceiling of this many makes a priority class absolute."""
WHOLE_HOUR = 60 * 60
"""Seconds."""
MOST_CALLS = 99
MOST_PLACES = 999
CLOCK_WAS_WRONG = timedelta(days=2)
"""By so much and more, a business day that lies ahead of the clock is taken for the error of a clock that was ahead."""


class AfterVisit(models.TextChoices):
    OFF = "off", _("ask nothing")
    OPTIONAL = "optional", _("ask, and let it be skipped")
    REQUIRED = "required", _("ask before the next one is called")


class Branch(models.Model):  # type: ignore[django-manager-missing]  # modeltranslation swaps managers at run time
    """`revision` grows with every change that a screen may show; its row is the lock that serialises the branch.

    While `paused_since` is set nobody is called and no number is given. On `closed_day` no number is given any more.
    Since `kiosk_help_since` a visitor at a kiosk asks for a person, and nobody has gone there.
    `day` is the business day that it is in: the one before has been closed. `next_time_zone` and `next_rollover_hour`
    are the ones that take over at the next change of day, "" and None where nothing is to change.
    """

    slug = models.SlugField(_("address name"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    time_zone = models.CharField(
        _("time zone"), max_length=60, default="Europe/Helsinki", validators=[validate_time_zone]
    )
    languages = models.JSONField(
        _("languages, the first ones first"), default=all_languages, validators=[validate_languages]
    )
    rollover_hour = models.PositiveSmallIntegerField(
        _("hour at which a new business day begins"), default=4, validators=[MaxValueValidator(23)]
    )
    opening_hours = models.CharField(_("opening hours"), max_length=120, blank=True)
    revision = models.BigIntegerField(default=0, editable=False)

    # How its line is called.
    head_start_ceiling = models.PositiveSmallIntegerField(
        _("longest head start in minutes; 1440 makes a priority class absolute"),
        default=60,
        db_default=60,
        validators=[MaxValueValidator(WHOLE_DAY)],
    )
    calls_limit = models.PositiveSmallIntegerField(
        _("calls after which an absent visitor is put back in the queue once more; empty: an absence ends the ticket"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(MOST_CALLS)],
    )
    cool_down = models.PositiveSmallIntegerField(
        _("seconds before an absent visitor is called again"),
        default=120,
        db_default=120,
        validators=[MaxValueValidator(WHOLE_HOUR)],
    )
    back_places = models.PositiveSmallIntegerField(
        _("places on, for an absent visitor who comes back; 0 is the front"),
        default=3,
        db_default=3,
        validators=[MaxValueValidator(MOST_PLACES)],
    )
    breath = models.PositiveSmallIntegerField(
        _("seconds a desk is left idle before it calls by itself"),
        default=10,
        db_default=10,
        validators=[MinValueValidator(1), MaxValueValidator(WHOLE_HOUR)],
    )
    hides_until_called = models.BooleanField(
        _("desks see only number and service until they have called"), default=False, db_default=False
    )
    shows_why = models.BooleanField(_("visitors see why they stand where they do"), default=False, db_default=False)
    after_visit = models.CharField(
        _("after a visit"), max_length=8, choices=AfterVisit.choices, default=AfterVisit.OPTIONAL, db_default="optional"
    )
    asks_name = models.BooleanField(
        _("asks for the visitor's name, which is forgotten when the day closes"), default=False, db_default=False
    )

    # What the supervisor has said, until it is taken back.
    notice = models.CharField(_("notice"), max_length=200, blank=True, default="", db_default="", editable=False)
    notice_since = models.DateTimeField(null=True, editable=False)
    paused_since = models.DateTimeField(null=True, editable=False)
    closed_day = models.DateField(null=True, editable=False)
    kiosk_help_since = models.DateTimeField(null=True, editable=False)
    day = models.DateField(null=True, editable=False)
    next_time_zone = models.CharField(max_length=60, blank=True, default="", db_default="", editable=False)
    next_rollover_hour = models.PositiveSmallIntegerField(null=True, editable=False)

    objects: ClassVar[models.Manager["Branch"]] = models.Manager()

    class Meta:
        verbose_name = _("branch")
        verbose_name_plural = _("branches")
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name or self.slug

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def business_day(self, instant: datetime) -> date:
        """The branch's own day, which begins at its roll-over hour, not at midnight and never at UTC's."""
        local = instant.astimezone(self.zone)
        return local.date() if local.hour >= self.rollover_hour else local.date() - timedelta(days=1)

    def day_at(self, now: datetime) -> date:
        """The business day that it is now. It never goes back: not with a clock that does, nor with the hour at which
        it begins."""
        found = self.business_day(now)
        is_behind = self.day is not None and found < self.day < found + CLOCK_WAS_WRONG
        return self.day if self.day is not None and is_behind else found


class Role(models.TextChoices):
    CLERK = "clerk", _("clerk")
    SUPERVISOR = "supervisor", _("supervisor")
    MANAGER = "manager", _("manager")


LEADING = (Role.SUPERVISOR, Role.MANAGER)
"""The hall is theirs."""


class Membership(models.Model):
    """Who works in which branch, and as what."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=12, choices=Role.choices, default=Role.CLERK)
    may_call_any = models.BooleanField(
        _("may call a ticket out of turn, with a reason"), default=False, db_default=False
    )

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=["user", "branch"], name="one_membership_a_branch")]

    def __str__(self) -> str:
        return f"{self.user} · {self.branch} · {self.get_role_display()}"

    @property
    def leads(self) -> bool:
        """Whether the hall is theirs."""
        return self.role in LEADING
