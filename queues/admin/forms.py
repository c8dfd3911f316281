"""The forms of the set-up: what they offer, what they refuse, and in which words."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from queues.models import Branch, PriorityClass, Service
from queues.models.branch import validate_languages
from queues.models.service import refuse_misread
from queues.queries import head_starts

if TYPE_CHECKING:
    AnyForm = forms.ModelForm[Any]  # generic for the type checker only
else:
    AnyForm = forms.ModelForm

BOUNDARY = ("time_zone", "rollover_hour")
"""What the boundary of the business day is computed from."""
NUMBERS = frozenset({"number_prefix", "number_first", "number_last"})
"""What the shown numbers of a service are made of."""


class LanguagesField(forms.CharField):
    """A list of codes as a person writes one: "fi, sv". Its order counts: the first ones come first."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """In JSON, too, as it was asked for once."""
        return [code for code in re.split(r"[\s,;\[\]\"']+", str(value or "")) if code]

    def validate(self, value: Any) -> None:
        validate_languages(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(self.prepare_value(initial)) != self.to_python(data))


def _explain_address_name(form: AnyForm) -> None:
    if "slug" in form.fields:
        field = form.fields["slug"]
        field.error_messages["invalid"] = _("Letters from a to z, digits and hyphens, such as virastotalo-mantta.")
        field.help_text = _("It stands in addresses and stays as it is: screens, kiosks and bookmarks have it.")


class BranchForm(AnyForm):
    languages = LanguagesField(
        label=_lazy("languages, the first ones first"), help_text=_lazy("Their codes, such as fi, sv, en.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """What is to take over at the next change of day is shown as it will be."""
        super().__init__(*args, **kwargs)
        _explain_address_name(self)
        if self.instance.next_rollover_hour is not None:
            self.initial["time_zone"] = self.instance.next_time_zone
            self.initial["rollover_hour"] = self.instance.next_rollover_hour
        for name in BOUNDARY:
            if name in self.fields:
                self.fields[name].help_text = _("Takes effect at the next change of day once somebody has come today.")


class OwnBranchForm(AnyForm):
    """What it offers is of its own branch; where that is still to be chosen, each choice says whose it is. Of another
    branch nothing is taken."""

    of_branch: ClassVar[Mapping[str, str | Promise]] = {}
    """The fields that name something of the branch, each with what is said of another branch's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.of_branch.keys() & self.fields.keys():
            field = self.fields[name]
            if self.instance.pk:
                field.queryset = field.queryset.filter(branch=self.instance.branch_id)  # type: ignore[attr-defined]  # a choice of rows
            else:
                field.queryset = field.queryset.select_related("branch").order_by("branch", "pk")  # type: ignore[attr-defined]  # as above
                field.label_from_instance = lambda row: f"{row.branch} · {row}"  # type: ignore[attr-defined]  # as above

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        branch = self.branch(cleaned)
        for name, words in self.of_branch.items():
            chosen = cleaned.get(name)
            rows: list[Any] = [] if chosen is None else [chosen] if isinstance(chosen, Model) else list(chosen)
            if branch is not None and any(row.branch_id != branch.pk for row in rows):
                self.add_error(name, ValidationError(str(words)))
        return cleaned

    def branch(self, cleaned: Mapping[str, Any]) -> Branch | None:
        found = cleaned.get("branch") or (self.instance.branch if self.instance.branch_id else None)
        return found if isinstance(found, Branch) else None


class ServiceForm(AnyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _explain_address_name(self)
        if "number_prefix" in self.fields:
            advice = _("Better not W, Å, S or Z: they are wide, or look or sound like others.")
            self.fields["number_prefix"].help_text = advice

    def clean(self) -> dict[str, Any]:
        """Two services whose numbers look alike would mix on the screens. A letter that looks like a digit stays where
        it is, and comes nowhere else."""
        cleaned = super().clean() or {}
        if "number_prefix" in self.changed_data:
            refuse_misread(cleaned.get("number_prefix", ""))
        branch = cleaned.get("branch") or (self.instance.branch if self.instance.branch_id else None)
        first, last, prefix = (cleaned.get(name) for name in ("number_first", "number_last", "number_prefix"))
        if branch is None or None in (first, last, prefix) or not NUMBERS.intersection(self.changed_data):
            return cleaned
        others = Service.objects.filter(branch=branch, number_prefix=prefix).exclude(pk=self.instance.pk)
        alike = others.filter(number_first__lte=last, number_last__gte=first).first()
        if alike is not None:
            said = {"service": alike.name, "first": alike.number_first, "last": alike.number_last}
            words = _(
                "%(service)s has this letter, with the numbers %(first)s to %(last)s. Choose another letter, or other "
                "numbers: on the screens the two would mix."
            )
            raise ValidationError({"number_prefix": words % said})
        return cleaned


class DeskForm(OwnBranchForm):
    of_branch = dict.fromkeys(("services", "main_service"), _lazy("A desk serves the services of its own branch."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """A name that is too long is refused in words, not cut while it is typed."""
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs.pop("maxlength", None)
        self.fields["name"].help_text = _("Up to six letters and digits without a blank, such as 3, B or INFO2.")

    def clean(self) -> dict[str, Any]:
        """A head start beyond the ceiling would not take effect; that is said here, not found out at the desk."""
        cleaned = super().clean()
        branch = self.branch(cleaned)
        asked = cleaned.get("main_head_start")
        if branch is None or asked is None:
            return cleaned
        classes = list(PriorityClass.objects.filter(branch=branch).values_list("head_start", flat=True))
        left = head_starts.main_head_start(asked, branch.head_start_ceiling, classes)
        if left < asked:
            said = {
                "left": left,
                "ceiling": branch.head_start_ceiling,
                "largest": min(max(classes, default=0), branch.head_start_ceiling),
            }
            words = _(
                "At most %(left)s minutes here: nobody may be overtaken by more than the branch's %(ceiling)s minutes, "
                "and its largest priority class takes %(largest)s of them."
            )
            raise ValidationError({"main_head_start": words % said})
        return cleaned


class PriorityClassForm(AnyForm):
    def clean(self) -> dict[str, Any]:
        """As a desk's: what would not take effect is not taken."""
        cleaned = super().clean() or {}
        branch = cleaned.get("branch") or getattr(self.instance, "branch", None)
        asked = cleaned.get("head_start")
        if branch is not None and asked is not None and asked > branch.head_start_ceiling:
            words = _("At most %(ceiling)s minutes here: the branch lets nobody be ahead by more.")
            raise ValidationError({"head_start": words % {"ceiling": branch.head_start_ceiling}})
        return cleaned


class RuleForm(OwnBranchForm):
    of_branch = dict.fromkeys(("desks", "service"), _lazy("A rule is about the services and desks of one branch."))
