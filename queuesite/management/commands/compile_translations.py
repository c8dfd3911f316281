"""Compiles the message catalogs without GNU gettext."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from queuesite.translations import compile_catalogs


class Command(BaseCommand):
    help = "Compiles every catalog that is newer than its compiled form."
    requires_system_checks = ()

    def handle(self, **_options: Any) -> None:
        for path in compile_catalogs(settings.BASE_DIR):
            self.stdout.write(f"Compiled {path.relative_to(settings.BASE_DIR)}.")
