"""Tickets issued and called a second on PostgreSQL, beside the same statements in raw psycopg."""

import statistics
from contextlib import ExitStack

from bench.figures import Figure
from bench.lab import Hall, Lab, Program
from queues import actions

WORKERS = 8
BRANCHES = 20
EACH = 40
"""Tickets of one worker in one round."""
ROUNDS = 3
WARM_UP = 1
"""Rounds in which connections are opened and statements planned."""
DESKS = WORKERS * EACH // BRANCHES
"""At each desk one ticket is called, so that calls alone are counted."""


def issue_and_call(lab: Lab) -> list[Figure]:
    """issue_pg_8 and call_pg_8: tickets a second."""
    lab.say("issuing and calling, 8 workers on 20 branches")
    samples: dict[str, dict[str, list[float]]] = {what: {"ours/s": [], "raw/s": []} for what in ("issue", "call")}
    with ExitStack() as stack:
        workers = [stack.enter_context(Program("bench.worker")) for _worker in range(WORKERS)]
        for number in range(WARM_UP + ROUNDS):
            for how in ("ours", "raw"):
                halls = [lab.hall() for _branch in range(BRANCHES)]
                desks = [_more_desks(hall) for hall in halls]
                for what in samples:
                    a_second = _a_second(workers, what, how, halls, desks)
                    if number >= WARM_UP:
                        samples[what][f"{how}/s"].append(a_second)
    return [
        Figure(f"{what}_pg_8", statistics.median(one["ours/s"]) / statistics.median(one["raw/s"]), one)
        for what, one in samples.items()
    ]


def _more_desks(hall: Hall) -> list[int]:
    return [actions.create_desk(hall.branch, str(number), services=[hall.service]).pk for number in range(2, DESKS + 2)]


def _a_second(workers: list[Program], what: str, how: str, halls: list[Hall], desks: list[list[int]]) -> float:
    """Each worker goes round all branches, beginning at another one; at each desk one ticket is called."""
    for number, worker in enumerate(workers):
        turns = [(number * BRANCHES // WORKERS + turn) % BRANCHES for turn in range(EACH)]
        worker.tell(
            what=what,
            how=how,
            places=[
                (halls[turn].branch.pk, halls[turn].service.pk, desks[turn].pop() if what == "call" else 0)
                for turn in turns
            ],
        )
    times = [worker.heard() for worker in workers]
    seconds: float = max(one["ended"] for one in times) - min(one["began"] for one in times)
    return WORKERS * EACH / seconds
