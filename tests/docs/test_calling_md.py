"""docs/calling.md says what the code does: its moves, and every refusal."""

import inspect
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import translation

from accounts.models import User
from queues import actions, refusals
from queues.management.commands.print_moves import table_of_moves
from queues.models import Branch, Desk, Service, Ticket
from queues.refusals import AlreadyOver, Refusal, WrongState
from queues.states import State
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


def explained() -> dict[str, str]:
    """Each refusal of the page's table, and what it says is read."""
    return dict(re.findall(r"^\| `(\w+)` \| .+ \| (.+) \|$", CALLING_MD.read_text(encoding="utf-8"), re.MULTILINE))


def test_every_refusal_is_explained_and_nothing_else() -> None:
    assert set(explained()) == {kind.__name__ for kind in kinds(Refusal)}


STATES: dict[type[Refusal], State] = {AlreadyOver: State.DONE, WrongState: State.SERVING}
"""In which the ticket of the page's example is, where it isn't WAITING."""


def example(kind: type[Refusal]) -> Refusal:
    """This refusal about what the page names: A1 for Passports, desk 3, and Aino, who has been there since 09:05."""
    branch = Branch(time_zone="UTC")
    aino = User(first_name="Aino")
    desk = Desk(branch=branch, name="3", clerk=aino, clerk_since=datetime(2026, 3, 2, 9, 5, tzinfo=UTC))
    service = Service(branch=branch, name_en="Passports")
    ticket = Ticket(branch=branch, service=service, desk=desk, shown="A1", state=STATES.get(kind, State.WAITING))
    about = {"desk": desk, "service": service, "ticket": ticket, "waiting": 0, "seconds": 30, "language": "fi"}
    about["place"] = service
    return kind(*(about[name] for name in inspect.signature(kind.__init__).parameters if name in about))


@pytest.mark.parametrize("kind", list(kinds(Refusal)))
def test_what_the_page_says_is_read_is_what_is_read(kind: type[Refusal]) -> None:
    with translation.override("en"):
        assert explained()[kind.__name__] == str(example(kind))
