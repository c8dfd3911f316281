"""The units that docs/operations.md tells to copy, as far as they can be checked without systemd."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands

from queuesite.environment import Environment
from queuesite.serving import server_command
from tests.kit.servers import ROOT

UNITS = sorted((ROOT / "docs/operations/systemd").glob("*.service"))
PYTHON = "/opt/queuesite/.venv/bin/python "


def started(unit: Path) -> list[str]:
    """Its commands in order."""
    return re.findall(r"^ExecStart=(.+)$", unit.read_text(), re.MULTILINE)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_runs_as_the_sites_user_on_the_sites_settings(unit: Path) -> None:
    text = unit.read_text()
    assert "User=queuesite\n" in text
    assert "EnvironmentFile=/etc/queuesite.env\n" in text
    assert "NoNewPrivileges=yes\nCapability" in text
    asked = [
        command.removeprefix(f"{PYTHON}manage.py ").split()[0] for command in started(unit) if "manage.py" in command
    ]
    assert set(asked) <= set(get_commands())
    assert started(unit)


def test_no_unit_stays_down_or_goes_down_for_another() -> None:
    """What was tried under systemd, and is easily lost (docs/operations.md)."""
    texts = {unit.name: unit.read_text() for unit in UNITS}
    for name in ("queuesite-web@.service", "queuesite-worker.service"):
        assert "Wants=queuesite-migrate.service\nAfter=queuesite-migrate.service\n" in texts[name]
        assert "StartLimitIntervalSec=0\n" in texts[name]
        assert "Restart=always\n" in texts[name]
    assert "StartLimitIntervalSec=0\n" in texts["queuesite-migrate.service"]
    assert "Restart=on-failure\n" in texts["queuesite-migrate.service"]
    assert not [name for name, text in texts.items() if re.search("^(Requires|BindsTo|PartOf)=", text, re.MULTILINE)]


def test_the_files_are_collected_before_the_database_is_asked() -> None:
    """A server that starts while the database is away must find them."""
    collecting, migrating = started(ROOT / "docs/operations/systemd/queuesite-migrate.service")
    assert "collectstatic" in collecting
    assert "migrate" in migrating


@pytest.mark.parametrize(
    ("migration", "restarted"),
    [
        ("true", ["queuesite-migrate", "queuesite-web@8001", "queuesite-web@8002", "queuesite-worker"]),
        ("false", ["queuesite-migrate"]),
    ],
)
def test_an_upgrade_restarts_nothing_where_the_migration_fails(
    migration: str, restarted: list[str], tmp_path: Path
) -> None:
    """The very lines of the page, pasted into a shell whose systemctl only notes what it is asked."""
    (lines,) = re.findall(
        r"^    sudo systemctl restart queuesite-migrate\b.+?\n\n",
        (ROOT / "docs/operations.md").read_text(),
        re.MULTILINE | re.DOTALL,
    )
    for name, does in {
        "sudo": f'echo "$3" >> asked; case $3 in queuesite-migrate) {migration};; esac',
        "curl": "true",
    }.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run(["sh"], input=lines, text=True, cwd=tmp_path, env=environment, timeout=30, check=False)
    assert (tmp_path / "asked").read_text().split() == restarted


def test_the_server_is_started_in_one_way_everywhere() -> None:
    ours = " ".join(server_command("HOST", 8000)[1:])
    (unit,) = started(ROOT / "docs/operations/systemd/queuesite-web@.service")
    (image,) = re.findall(r"exec python (-m daphne .+)\"\]$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert unit.removeprefix(PYTHON).replace("%i", "8000").replace("127.0.0.1", "HOST") == ours
    assert image.replace('\\"$HOST\\"', "HOST").replace('\\"$PORT\\"', "8000") == ours


def test_the_settings_that_the_page_tells_to_write_are_ones() -> None:
    page = (ROOT / "docs/operations.md").read_text()
    told = dict(re.findall(r"^    ([A-Z_]+)=(\S.*)$", page, re.MULTILINE))
    random = dict.fromkeys(("SECRET_KEY", "METRICS_TOKEN"), "0123456789abcdef" * 5)
    environment = Environment.read({**told, **random}, var=Path(told["VAR_DIR"]))
    assert environment.trusted_proxies
    assert environment.redis_url
