from typing import Any

from django.core.management.base import BaseCommand

from queues.states import MOVES


def table_of_moves() -> str:
    """The moves as docs/calling.md has them, in Markdown."""
    rows = [
        f"| {seen.value} | {to.value} | {', '.join(f'`{action}`' for action in names)} |"
        for (seen, to), names in MOVES.items()
    ]
    return "\n".join(["| from | to | by |", "|---|---|---|", "| | WAITING | `issue` |", *rows])


class Command(BaseCommand):
    help = "Print the table of moves for docs/calling.md."

    def handle(self, *_args: Any, **_options: Any) -> None:
        print(table_of_moves())
