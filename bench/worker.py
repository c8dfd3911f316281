"""`python -m bench.worker`: issues or calls tickets as ordered, with the system's actions or with raw SQL.

`{"what": "issue" or "call", "how": "ours" or "raw", "places": [[branch, service, desk], …]}`, one a line; the answer
says when it began and ended, in seconds of the monotonic clock.
"""

import json
import sys
import time

import django

django.setup()

from django.conf import settings  # noqa: E402 - Django must be set up before models are imported

from bench.raw import Raw  # noqa: E402
from queues import actions  # noqa: E402
from queues.models import Desk, Service  # noqa: E402


def main() -> None:
    raw = Raw(settings.ENVIRONMENT.database_url)
    for line in sys.stdin:
        order = json.loads(line)
        is_ours = order["how"] == "ours"
        if order["what"] == "issue":
            services = Service.objects.in_bulk({service for _branch, service, _desk in order["places"]})
            works = [
                (lambda service=services[service]: actions.issue(service, language="en"))
                if is_ours
                else (lambda branch=branch, service=service: raw.issue(branch, service))
                for branch, service, _desk in order["places"]
            ]
        else:
            desks = Desk.objects.in_bulk({desk for _branch, _service, desk in order["places"]})
            works = [
                (lambda desk=desks[desk]: actions.call_next(desk, by=None))
                if is_ours
                else (lambda branch=branch, desk=desk: raw.call(branch, desk))
                for branch, _service, desk in order["places"]
            ]
        began = time.monotonic()
        for work in works:
            work()
        sys.stdout.write(json.dumps({"began": began, "ended": time.monotonic()}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
