"""Set-up in Django's admin. Every save goes through `changing`, so that it reaches the screens."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from modeltranslation.admin import TranslationAdmin

from queues.actions import changing
from queues.models import Branch, Desk, Membership, PriorityClass, Service, Ticket, TicketEvent

if TYPE_CHECKING:
    from django.forms import ModelForm

    # Generic for the type checker only.
    AnyAdmin = admin.ModelAdmin[Any]
    AnyTranslationAdmin = TranslationAdmin[Any]
else:
    AnyAdmin = admin.ModelAdmin
    AnyTranslationAdmin = TranslationAdmin


class ReachesTheScreens(AnyAdmin):
    """Saves and deletes inside `changing(branch)`. The admin's own transaction holds the lock until all is saved."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str] | tuple[str, ...]:  # noqa: ARG002 - Django passes it
        """What belongs to a branch stays there: its tickets do, and only that branch's screens would hear of it."""
        return ["branch"] if obj is not None and not isinstance(obj, Branch) else []

    def save_model(self, request: HttpRequest, obj: Any, form: "ModelForm[Any]", change: bool) -> None:  # noqa: FBT001 - Django's signature
        if isinstance(obj, Branch) and not change:
            super().save_model(request, obj, form, change)
            return
        with changing(_branch_id(obj)):
            super().save_model(request, obj, form, change)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        if isinstance(obj, Branch):
            super().delete_model(request, obj)
            return
        with changing(_branch_id(obj)):
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for obj in queryset:
            self.delete_model(request, obj)


def _branch_id(obj: Model) -> int:
    return obj.pk if isinstance(obj, Branch) else obj.branch_id  # type: ignore[attr-defined]  # each model here has a branch


@admin.register(Branch)
class BranchAdmin(ReachesTheScreens, AnyTranslationAdmin):
    list_display = ["slug", "name", "time_zone", "rollover_hour"]


@admin.register(Service)
class ServiceAdmin(ReachesTheScreens, AnyTranslationAdmin):
    list_display = ["name", "branch", "number_prefix", "number_first", "number_last", "is_open", "position"]
    list_filter = ["branch", "is_open"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Desk)
class DeskAdmin(ReachesTheScreens):
    list_display = ["name", "branch"]
    list_filter = ["branch"]
    filter_horizontal = ["services"]


@admin.register(Membership)
class MembershipAdmin(AnyAdmin):
    list_display = ["user", "branch", "role"]
    list_filter = ["branch", "role"]


@admin.register(PriorityClass)
class PriorityClassAdmin(ReachesTheScreens, AnyTranslationAdmin):
    list_display = ["name", "branch", "head_start"]
    list_filter = ["branch"]


class ReadOnly(AnyAdmin):
    """What only actions write may be looked at."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django passes it
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.register(Ticket)
class TicketAdmin(ReadOnly):
    list_display = ["shown", "service", "state", "desk", "waiting_since", "called_at"]
    list_filter = ["branch", "state", "business_day"]
    list_select_related = ["service", "desk"]
    exclude = ["token", "request_key"]  # whoever has the link is the visitor


@admin.register(TicketEvent)
class TicketEventAdmin(ReadOnly):
    list_display = ["at", "ticket", "from_state", "to_state", "service", "desk", "by"]
    list_filter = ["to_state", "service__branch"]
    list_select_related = ["ticket", "service", "desk", "by"]
