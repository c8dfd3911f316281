"""Every string of the source is in every catalog, translated, and nothing else is."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from queuesite.translations import faults, source_strings, update_catalog

SOURCE_LANGUAGE = "en"


class Command(BaseCommand):
    help = "Fails when a string of the templates or the Python source is not translated into every language."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--base", type=Path, default=settings.BASE_DIR, help="the source tree")
        parser.add_argument("--update", action="store_true", help="add what is missing, empty, and drop what is unused")

    def handle(self, *, base: Path, update: bool, **_options: Any) -> None:
        strings = source_strings(base, settings.ROOMS)
        languages = [code for code, _name in settings.LANGUAGES if code != SOURCE_LANGUAGE]
        found = []
        for language in languages:
            if update:
                update_catalog(base, language, strings)
            found += faults(base, language, strings)
        for fault in found:
            self.stderr.write(str(fault))
        if found:
            raise CommandError(f"{len(found)} strings are not translated as they should be.")
        self.stdout.write(f"{len([m for m in strings if m.id])} strings, all translated: {', '.join(languages)}.")
