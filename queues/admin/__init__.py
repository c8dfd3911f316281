"""Set-up in Django's admin. Every save goes through `changing`, so that it reaches the screens."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from modeltranslation.admin import TranslationAdmin, TranslationTabularInline

from accounts.models import User
from queues import actions
from queues.actions.branch_control import refuse_if_in_use
from queues.actions.rules import log_rule
from queues.admin.forms import (
    BOUNDARY,
    AnyForm,
    BranchForm,
    DeskForm,
    PriorityClassForm,
    RuleForm,
    ServiceForm,
)
from queues.changes.transaction import changing
from queues.models import (
    Branch,
    BranchEvent,
    Desk,
    Membership,
    Outcome,
    PriorityClass,
    Rule,
    Service,
    Ticket,
    TicketEvent,
    What,
)
from queues.refusals import Refusal

if TYPE_CHECKING:
    # Generic for the type checker only.
    AnyAdmin = admin.ModelAdmin[Any]
    AnyTranslationAdmin = TranslationAdmin[Any]
    AnyInline = TranslationTabularInline[Any, Any]
else:
    AnyAdmin = admin.ModelAdmin
    AnyTranslationAdmin = TranslationAdmin
    AnyInline = TranslationTabularInline


class ReachesTheScreens(AnyAdmin):
    """Saves and deletes inside `changing(branch)`. The admin's own transaction holds the lock until all is saved."""

    stays: tuple[str, ...] = ("branch",)
    """What is not changed once it is set: tickets belong to it, and only that branch's screens would hear of it; or
    screens, kiosks and bookmarks have it in their address."""
    left_to_actions: tuple[str, ...] = ()
    """Columns that a change of the row doesn't write itself."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002 - Django passes it
        return self.stays if obj is not None else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        """An address name is made of the name once."""
        return {} if obj is not None else super().get_prepopulated_fields(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: AnyForm, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """A change writes only what the form has changed: the rest of the row may have moved on since it was shown."""
        if isinstance(obj, Branch) and not change:
            super().save_model(request, obj, form, change)
            return
        with changing(_branch_id(obj)):
            if not change:
                super().save_model(request, obj, form, change)
                return
            columns = {field.name for field in obj._meta.concrete_fields}
            obj.save(update_fields=columns.intersection(form.changed_data).difference(self.left_to_actions))

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
    form = BranchForm
    stays = ("slug",)
    left_to_actions = BOUNDARY
    prepopulated_fields = {"slug": ["name"]}
    list_display = ["slug", "name", "time_zone", "rollover_hour"]

    def save_model(self, request: HttpRequest, obj: Branch, form: AnyForm, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """A ceiling below a class's head start is the manager's right, and told: the class has less from now on. So is
        when another boundary of the day takes effect."""
        time_zone, rollover_hour = obj.time_zone, obj.rollover_hour
        is_moved = change and not set(BOUNDARY).isdisjoint(form.changed_data)
        super().save_model(request, obj, form, change)
        if is_moved and not actions.change_day_boundary(obj, time_zone=time_zone, rollover_hour=rollover_hour):
            words = _("Somebody has come today: the new hour and time zone of the day take effect at its next change.")
            self.message_user(request, words, messages.WARNING)
        cut = PriorityClass.objects.filter(branch=obj, head_start__gt=obj.head_start_ceiling)
        if "head_start_ceiling" in form.changed_data and cut:
            said = {"ceiling": obj.head_start_ceiling, "classes": ", ".join(str(one) for one in cut)}
            words = _("From now on at most %(ceiling)s minutes ahead, as all of the branch: %(classes)s.")
            self.message_user(request, words % said, messages.WARNING)


class OutcomeInline(AnyInline):
    model = Outcome
    extra = 0


@admin.register(Service)
class ServiceAdmin(ReachesTheScreens, AnyTranslationAdmin):
    form = ServiceForm
    stays = ("branch", "slug")
    list_display = ["name", "branch", "number_prefix", "number_first", "number_last", "is_open", "position"]
    list_filter = ["branch", "is_open"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [OutcomeInline]

    def has_delete_permission(self, request: HttpRequest, obj: Service | None = None) -> bool:
        """One at a time, never a list of them: each may be refused, and says why."""
        return obj is not None and super().has_delete_permission(request, obj)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A service that has given numbers stays; the page says so, and what to do instead."""
        service = self.get_object(request, object_id)
        try:
            if service is not None:
                refuse_if_in_use(service)
            return super().delete_view(request, object_id, extra_context)
        except Refusal as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return redirect("admin:queues_service_change", object_id)

    def delete_model(self, request: HttpRequest, obj: Service) -> None:  # noqa: ARG002 - Django passes it
        actions.delete_service(obj)


@admin.register(Desk)
class DeskAdmin(ReachesTheScreens):
    form = DeskForm
    list_display = ["name", "branch", "main_service"]
    list_filter = ["branch"]
    filter_horizontal = ["services"]


@admin.register(Membership)
class MembershipAdmin(ReachesTheScreens):
    stays = ()
    list_display = ["user", "branch", "role", "may_call_any"]
    list_filter = ["branch", "role"]


@admin.register(PriorityClass)
class PriorityClassAdmin(ReachesTheScreens, AnyTranslationAdmin):
    form = PriorityClassForm
    list_display = ["name", "branch", "head_start"]
    list_filter = ["branch"]


@admin.register(Rule)
class RuleAdmin(ReachesTheScreens):
    """One that is switched off here while it acts takes back what it has lent in the clock's next round."""

    form = RuleForm
    stays = ("branch", "service")
    list_display = ["name", "branch", "service", "over", "under", "is_on", "acting_since"]
    list_filter = ["branch", "is_on"]
    filter_horizontal = ["desks"]

    def save_related(self, request: HttpRequest, form: AnyForm, formsets: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """The rule is whole, its desks included, and the lock is still held."""
        super().save_related(request, form, formsets, change)
        if form.has_changed() and isinstance(request.user, User):
            log_rule(form.instance, What.RULE_CHANGED if change else What.RULE_ADDED, by=request.user)

    def delete_model(self, request: HttpRequest, obj: Rule) -> None:
        actions.remove_rule(obj, by=request.user if isinstance(request.user, User) else None)


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
    list_display = ["at", "ticket", "from_state", "to_state", "action", "service", "desk", "by"]
    list_filter = ["to_state", "service__branch"]
    list_select_related = ["ticket", "service", "desk", "by"]


@admin.register(BranchEvent)
class BranchEventAdmin(ReadOnly):
    list_display = ["at", "branch", "what", "desk", "service", "by", "rule"]
    list_filter = ["branch", "what"]
    list_select_related = ["branch", "desk", "service", "by"]
