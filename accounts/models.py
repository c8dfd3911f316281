from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """Whoever signs in. Ours from the first migration on, because Django can't change it later."""
