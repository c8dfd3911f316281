from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """Whoever signs in. Ours from the first migration on, because Django can't change it later.

    `single_sign_on` is who this is at the organisation's sign-in: the issuer's address and its subject, with a blank
    between. Empty until the first time.
    """

    single_sign_on = models.CharField(
        _("single sign-on: issuer and subject"), max_length=512, unique=True, null=True, blank=True
    )

    @property
    def shown_name(self) -> str:
        """As colleagues see it: the full name where there is one."""
        return self.get_full_name() or self.get_username()
