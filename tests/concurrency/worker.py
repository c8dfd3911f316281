"""A process of its own that works on a branch: `python -m tests.concurrency.worker {"branch": 1, …}`.

It says "ready" and begins when it is given a line. With `keys` it issues a ticket for each request key, round the
branch's services; at each of its `desks` a thread serves visitors to the end of the line. Each thing done is a line.
"""

import json
import os
import sys
from functools import partial
from typing import Any
from uuid import UUID

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "queuesite.settings")

import django

django.setup()

from queues import actions, queries  # noqa: E402 - Django must be set up before models are imported
from queues.models import Desk, Service  # noqa: E402
from queues.refusals import NobodyWaiting  # noqa: E402
from tests.kit.crowds import all_at_once  # noqa: E402
from tests.kit.waiting import eventually  # noqa: E402


def say(**words: object) -> None:
    os.write(sys.stdout.fileno(), f"{json.dumps(words)}\n".encode())


def issue_all(branch: int, keys: list[str]) -> None:
    services = list(Service.objects.filter(branch_id=branch))
    for number, key in enumerate(keys):
        ticket = actions.issue(services[number % len(services)], language="fi", request_key=UUID(key))
        say(issued=ticket.pk, key=key)


def serve(desk_id: int, how_many: int) -> None:
    desk = Desk.objects.select_related("branch").get(pk=desk_id)
    while how_many:
        try:
            ticket = actions.call_next(desk, by=None)
        except NobodyWaiting:
            eventually(queries.due_at(desk).exists, what=f"somebody waits for desk {desk}", within=60)
            continue
        say(called=ticket.pk, desk=desk_id)
        actions.start_serving(desk, ticket.pk, by=None)
        actions.finish(desk, ticket.pk, by=None)
        how_many -= 1


def main(orders: dict[str, Any]) -> None:
    issuing = [partial(issue_all, orders["branch"], keys) for keys in orders["keys"]]
    serving = [partial(serve, desk_id, orders["calls"]) for desk_id in orders["desks"]]
    say(ready=True)
    sys.stdin.readline()
    all_at_once([*issuing, *serving])
    say(done=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
