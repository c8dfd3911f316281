"""`python -m bench.chaos [--short]`: the whole site under fire. docs/chaos.md says what is done and what must hold."""

import argparse
import asyncio
import json
import os
import platform
import random
import resource
import signal
import sys
import time
from collections.abc import Collection
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bench.chaos.site import Site, new_site
from tests.kit.servers import POSTGRES_PLACES, ROOT
from tools.stack import install_missing

if TYPE_CHECKING:
    from bench.chaos.run import Outcome

RESULTS = ROOT / "bench" / "results"
CALM = "none, to compare with"
STORM = 5000
PROGRAMS = {
    "postgresql": (("initdb",), POSTGRES_PLACES),
    "redis-server": (("redis-server",), ""),
    "caddy": (("caddy",), ""),
    "libfaketime": (("libfaketime.so.1",), "/usr/lib/*/faketime"),
}
"""As in tools/stack.py."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.add_argument("--short", action="store_true", help="a few faults, in some twenty seconds; nothing is written")
    parser.add_argument("--only", default="", help="the faults with this in their name")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32), help="of what is left to chance")  # noqa: S311 - no secret
    chosen = parser.parse_args()
    complaint = "" if chosen.short else install_missing(PROGRAMS)
    if complaint:
        sys.exit(complaint)
    # Ended like Ctrl-C: nothing of the site may stay behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with new_site() as site:
        return fight(site, chosen)


def fight(site: Site, chosen: argparse.Namespace) -> int:
    os.environ.update(site.environment)
    os.environ["DJANGO_SETTINGS_MODULE"] = "queuesite.settings"
    import django  # noqa: PLC0415 - the environment comes first

    django.setup()
    from django.conf import settings  # noqa: PLC0415 - as above

    # Who looks must not depend on what is looked at: a connection for each look, not the servers' pool.
    settings.DATABASES["default"]["OPTIONS"].pop("pool")
    from bench.chaos import faults, run  # noqa: PLC0415 - as above

    known = faults.SHORT if chosen.short else faults.FAULTS
    some = [fault for fault in known if chosen.only in fault.name]
    calm = [] if chosen.short else [faults.Fault(CALM, faults.let_be)]
    limits = run.BESIDE_OTHERS if chosen.short else run.Limits()
    say(HEAD)
    began = time.monotonic()
    outcomes, crowd = asyncio.run(
        run.burn(site, [*calm, *some], seed=chosen.seed, storm=STORM, limits=limits, told=tell)
    )
    summary = summed_up(outcomes, {fault.name for fault in some if fault.spares_presses})
    account = crowd.account
    summary |= {"tickets": len(account.told), "presses": account.presses, "unanswered": account.unanswered}
    summary |= {"seconds": round(time.monotonic() - began)}
    if not chosen.short:
        keep(chosen.seed, outcomes, summary)
    say(json.dumps(summary))
    return 1 if summary["wrong"] else 0


def summed_up(outcomes: list["Outcome"], spared: Collection[str]) -> dict[str, Any]:
    """The whole fire in a few figures; `spared` names the faults that no press should notice."""
    real = [outcome for outcome in outcomes if outcome.name != CALM]
    hard = [outcome.slowest_press for outcome in real if outcome.name in spared]
    return {
        "faults": sum(outcome.tries for outcome in real),
        "not_tried": [outcome.name for outcome in real if not outcome.tries],
        "wrong": sum(len(outcome.wrong) for outcome in outcomes),
        "recovery_s": {outcome.name: round(outcome.recovery, 2) for outcome in outcomes},
        "worst_press_s": round(max(outcome.slowest_press for outcome in outcomes), 2),
        "worst_press_whatever_redis_does_s": round(max(hard, default=0.0), 2),
        "memory_mb": round(max(outcome.memory for outcome in outcomes)),
    }


HEAD = f"{'fault':<24}{'tries':>6}{'took':>7}{'current':>9}{'press':>7}{'presses':>9}{'cut off':>9}{'MB':>6}"


def tell(outcome: "Outcome") -> None:
    say(
        f"{outcome.name:<24}{outcome.tries:>6}{outcome.lasted:>7.1f}{outcome.recovery:>9.2f}"
        f"{outcome.slowest_press:>7.2f}{outcome.presses:>9}{outcome.unanswered:>9}{outcome.memory:>6.0f}"
        f"  {outcome.note}"
    )
    for sentence in outcome.wrong:
        say(f"    WRONG: {sentence}")


def keep(seed: int, outcomes: list["Outcome"], summary: dict[str, Any]) -> None:
    now = datetime.now(UTC)
    RESULTS.mkdir(exist_ok=True)
    report = {
        "at": now.isoformat(timespec="seconds"),
        "machine": {
            "cores": os.cpu_count(),
            "load": os.getloadavg(),
            "system": platform.platform(),
            "python": platform.python_version(),
        },
        "seed": seed,
        "summary": summary,
        "faults": [asdict(outcome) for outcome in outcomes],
    }
    path = RESULTS / f"chaos-{now:%Y-%m-%d}.json"
    path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
