from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """Whoever signs in. Ours from the first migration on, because Django can't change it later."""

    @property
    def shown_name(self) -> str:
        """As colleagues see it: the full name where there is one."""
        return self.get_full_name() or self.get_username()
