"""Commands of ours, as processes."""

import os
import subprocess
import sys

from tests.kit.servers import ROOT, clean_environment

ENOUGH = 180


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a Python command line to its end, with these variables in a clean environment. "" takes one away."""
    variables = {name: value for name, value in (clean_environment() | environment).items() if value != ""}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=variables, capture_output=True, text=True, timeout=ENOUGH,
        stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip


def manage(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return run(os.fspath(ROOT / "manage.py"), *words, **environment)
