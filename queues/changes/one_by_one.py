"""What is done for several branches or desks, each by itself."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from queues.refusals import Refusal

Thing = TypeVar("Thing")


def one_by_one(things: Iterable[Thing], act: Callable[[Thing], int]) -> int:
    """The sum of what `act` gives for each of them. A refusal counts as nothing: a person was faster. One for which it
    fails takes no other along: all have their turn first. Raises what failed, several as a group."""
    done = 0
    failures: list[Exception] = []
    for thing in things:
        try:
            done += act(thing)
        except Refusal:
            continue
        except Exception as error:  # noqa: BLE001 - whatever it is, the others have their turn
            failures.append(error)
    if len(failures) == 1:
        raise failures[0]
    if failures:
        raise ExceptionGroup("It failed for several.", failures)
    return done
