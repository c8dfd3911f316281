from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.utils.translation import gettext_lazy as _

from accounts.models import User

if TYPE_CHECKING:
    AnyUserAdmin = UserAdmin[User]  # generic for the type checker only
else:
    AnyUserAdmin = UserAdmin


@admin.register(User)
class AccountAdmin(AnyUserAdmin):
    fieldsets = (*(UserAdmin.fieldsets or ()), (_("Single sign-on"), {"fields": ["single_sign_on"]}))
