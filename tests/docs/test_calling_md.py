"""docs/calling.md says what the code does: its moves, and every refusal."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from queues import actions, refusals
from queues.management.commands.print_moves import table_of_moves
from queues.refusals import Refusal
from tests.kit.moves import actions_that_move

pytestmark = pytest.mark.embedded

CALLING_MD = Path(__file__).parents[2] / "docs" / "calling.md"
BEGINS, ENDS = "<!-- moves: printed by manage.py print_moves -->\n", "\n<!-- end of moves -->"


def kinds(of: type[Refusal]) -> Iterator[type[Refusal]]:
    """The refusals that are raised: those that no other one is a kind of."""
    for kind in of.__subclasses__():
        if kind.__module__ == refusals.__name__:
            yield from kinds(kind) if kind.__subclasses__() else [kind]


def test_the_table_of_moves_is_drawn_from_the_code() -> None:
    written = CALLING_MD.read_text(encoding="utf-8")
    assert written.partition(BEGINS)[2].partition(ENDS)[0] == table_of_moves()


def test_the_command_prints_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("print_moves", stdout=StringIO())
    assert capsys.readouterr().out.rstrip("\n") == table_of_moves()


def test_every_action_in_the_table_is_one() -> None:
    assert not [action for action in actions_that_move() if not callable(getattr(actions, action, None))]


@pytest.mark.parametrize("name", sorted(kind.__name__ for kind in kinds(Refusal)))
def test_every_refusal_is_explained(name: str) -> None:
    assert f"| `{name}` |" in CALLING_MD.read_text(encoding="utf-8")
