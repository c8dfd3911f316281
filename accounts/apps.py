from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in

from accounts import idle


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        user_logged_in.connect(idle.begin, dispatch_uid="accounts.idle")
