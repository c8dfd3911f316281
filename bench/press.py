"""`python -m bench.press`: how long a desk waits for the answer to a press while 300 people wait.

Each press is timed beside three pages of the same server: one with nothing on it but the site's frame for somebody
signed in, the desk's own page with an empty line, and `/healthz`, which asks nobody anything. The last line is one JSON
object: medians in ms, and the press as a ratio to each.
"""

import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

from bench.browser import Browser, said

WAITING = 300
ROUNDS = 60
PRESSES = ("call-next", "start", "finish")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="queuesite-bench-") as folder:
        address = f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "queuesite.settings",
            "DATABASE_URL": address,
            "DEBUG": "1",
            "VAR_DIR": folder,
        }
        crowded, empty, password = _set_up()
        from tests.kit.servers import running_server  # noqa: PLC0415 - the environment comes first

        with running_server(database_url=address) as server:
            clerk = Browser(server.port, "clerk1", password)
            nobody = Browser(server.port, "nobody", password)
            times = _measure(clerk, nobody, crowded, empty)
    medians = {name: round(statistics.median(taken), 2) for name, taken in times.items()}
    ratios = {f"press/{name}": round(medians["press"] / ms, 2) for name, ms in medians.items() if name != "press"}
    sys.stdout.write(json.dumps({"waiting": WAITING, "rounds": ROUNDS, "ms": medians, **ratios}) + "\n")


def _set_up() -> tuple[int, int, str]:
    """A branch with a crowd and one without; the ids of a desk in each, and everybody's password."""
    import django  # noqa: PLC0415 - the environment comes first

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from accounts.models import User  # noqa: PLC0415
    from demo import sample_branch  # noqa: PLC0415
    from queues import actions  # noqa: PLC0415
    from queues.models import Branch, Role  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("load_demo", verbosity=0)
    crowded = Branch.objects.get(slug=sample_branch.SLUG)
    service = crowded.services.get(slug="passports")
    for _visitor in range(WAITING + ROUNDS):
        actions.issue(service, language="en")
    quiet = actions.create_branch("quiet", names={"en": "Quiet"})
    line = actions.create_service(quiet, "line", names={"en": "Line"})
    desk = actions.create_desk(quiet, "1", services=[line])
    actions.add_member(quiet, User.objects.get(username="clerk1"), Role.CLERK)
    User.objects.create_user("nobody", password=sample_branch.PASSWORD)
    return crowded.desks.get(name="1").pk, desk.pk, sample_branch.PASSWORD


def _measure(clerk: Browser, nobody: Browser, crowded: int, empty: int) -> dict[str, list[float]]:
    panel, _took = clerk.ask("GET", f"/desk/{crowded}/")
    clerk.ask("GET", f"/desk/{empty}/")
    times: dict[str, list[float]] = {"press": [], "empty page": [], "empty desk": [], "healthz": []}
    for number in range(ROUNDS * len(PRESSES)):
        fields = {name: said(panel, name) for name in ("ticket", "seen", "calls")}
        panel, took = clerk.ask("POST", f"/desk/{crowded}/{PRESSES[number % len(PRESSES)]}/", fields)
        times["press"].append(took)
        times["empty page"].append(nobody.ask("GET", "/desk/")[1])
        times["empty desk"].append(clerk.ask("GET", f"/desk/{empty}/")[1])
        times["healthz"].append(nobody.ask("GET", "/healthz")[1])
    return times


if __name__ == "__main__":
    main()
