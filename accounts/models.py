from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _


class Users(UserManager["User"]):
    use_in_migrations = False

    @cached_property
    def _by_key(self) -> str:
        columns = ", ".join(f'"{field.column}"' for field in self.model._meta.concrete_fields)
        return f'SELECT {columns} FROM "{self.model._meta.db_table}" WHERE "id" = %s'  # noqa: S608 - names only

    def get(self, *args: Any, **kwargs: Any) -> "User":
        """As Django's. By `pk` alone, as every request of somebody signed in asks, with SQL that is written once."""
        if args or kwargs.keys() != {"pk"}:
            return super().get(*args, **kwargs)
        found = next(iter(self.raw(self._by_key, [kwargs["pk"]])), None)
        if found is None:
            raise self.model.DoesNotExist
        return found


class User(AbstractUser):
    """Whoever signs in. Ours from the first migration on, because Django can't change it later.

    `single_sign_on` is who this is at the organisation's sign-in: the issuer's address and its subject, with a blank
    between. Empty until the first time.
    """

    single_sign_on = models.CharField(
        _("single sign-on: issuer and subject"), max_length=512, unique=True, null=True, blank=True
    )

    objects: ClassVar[Users] = Users()

    @property
    def shown_name(self) -> str:
        """As colleagues see it: the full name where there is one."""
        return self.get_full_name() or self.get_username()
