"""The actions that make a ticket's moves, by their names in the code."""

from queues.states import MOVES

STORED_AS = {"free": "release", "reassign": "transfer_ticket"}
"""Actions whose stored word is older than their name."""


def actions_that_move() -> set[str]:
    return {STORED_AS.get(word, word) for words in MOVES.values() for word in words}
