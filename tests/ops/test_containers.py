"""The container files, as far as they can be checked without an engine."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.ops.processes import manage, run
from tests.servers import ROOT, free_port

PRODUCTION = {"DEBUG": "", "PUBLIC_URL": "https://queue.example.fi", "SECRET_KEY": "x" * 25 + "y1" * 20}


@pytest.fixture(scope="module")
def compose() -> list[str]:
    """The compose client: docker's plugin, or the program of its own."""
    if shutil.which("docker"):
        plugin = ["docker", "compose"]
        if subprocess.run([*plugin, "version"], capture_output=True, check=False).returncode == 0:
            return plugin
    assert shutil.which("docker-compose"), "Install it: sudo apt-get install docker-compose"
    return ["docker-compose"]


def config(compose: list[str], *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **variables}
    return subprocess.run(
        [*compose, "-f", ROOT / "docker-compose.yml", "config", *words],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_compose_file_is_valid(compose: list[str]) -> None:
    checked = config(compose, "-q", PUBLIC_URL="https://queue.example.fi")
    assert checked.returncode == 0, checked.stderr


def test_it_has_two_servers_the_worker_and_their_stores(compose: list[str]) -> None:
    services = config(compose, "--services", PUBLIC_URL="https://queue.example.fi").stdout.split()
    assert sorted(services) == ["database", "migrate", "redis", "web1", "web2", "worker"]


def test_it_asks_for_the_public_address(compose: list[str]) -> None:
    refused = config(compose, "-q")
    assert refused.returncode != 0
    assert "the address that visitors' phones open" in refused.stderr


def test_no_secret_stands_in_it() -> None:
    secrets = re.findall(
        r"^\s*(?:SECRET_KEY|DATABASE_URL|POSTGRES_PASSWORD):", (ROOT / "docker-compose.yml").read_text()
    )
    assert secrets == []


def test_what_the_image_runs_while_it_is_built_works(tmp_path: Path) -> None:
    for command in (["compile_translations"], ["collectstatic", "--noinput", "--verbosity", "0"]):
        done = manage(*command, VAR_DIR=str(tmp_path), **PRODUCTION)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "static" / "staticfiles.json").exists()


def test_the_health_check_fails_where_nothing_answers() -> None:
    assert run("-m", "queuesite.health", PORT=str(free_port()), PUBLIC_URL="http://127.0.0.1").returncode == 1
