"""`python -m tools.audit`: are any of the pinned requirements known to be vulnerable?

Asks the advisory services of PyPI and then of OSV through pip-audit. A known vulnerability fails. Where neither service
answers (a machine without the network, a mirror without advisories) that is said loudly and nothing fails: no old
snapshot is shown as if it were today's answer.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from tests.kit.servers import ROOT

SERVICES = ("pypi", "osv")
REQUIREMENTS = "requirements-dev.txt"
"""Holds what runs, too."""
PATIENCE = 120
"""Seconds for one service."""

Dependency = dict[str, Any]


def main() -> int:
    for service in SERVICES:
        dependencies = ask(service)
        unknown = [one["name"] for one in dependencies if "skip_reason" in one]
        known = [one for one in dependencies if "skip_reason" not in one]
        if not known:
            say(f"{service}: no advisory service answers.")
            continue
        for one in known:
            for found in one["vulns"]:
                fixed = ", ".join(found["fix_versions"]) or "no version yet"
                say(f"VULNERABLE: {one['name']} {one['version']}: {found['id']}; mended in {fixed}")
        if unknown:
            say(f"NOT AUDITED, unknown to {service}: {', '.join(unknown)}")
        say(f"{len(known)} of {len(dependencies)} requirements audited by {service}.")
        return int(any(one["vulns"] for one in known))
    say("NOT AUDITED: nobody has looked for known vulnerabilities in this run. Repeat it where PyPI or OSV answers.")
    return 0


def ask(service: str) -> Sequence[Dependency]:
    """What the service says of each requirement; nothing when it doesn't answer."""
    options = ["--require-hashes", "--disable-pip", "--progress-spinner", "off", "--timeout", "10", "--format", "json"]
    command = [sys.executable, "-m", "pip_audit", "--vulnerability-service", service, *options, "-r", REQUIREMENTS]
    try:
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False).stdout
        dependencies: Sequence[Dependency] = json.loads(said)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError):
        return []
    return dependencies


def say(line: str) -> None:
    sys.stdout.write(f"audit: {line}\n")


if __name__ == "__main__":
    sys.exit(main())
