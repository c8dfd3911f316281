"""The container files, as far as they can be checked without an engine."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.kit.commands import manage, run
from tests.kit.servers import ROOT, clean_environment, free_port
from tests.kit.waiting import eventually
from tools.dockerfile import Stage

PRODUCTION = {"DEBUG": "", "PUBLIC_URL": "https://queue.example.fi", "SECRET_KEY": "0123456789" * 5}


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


SITE = {"PUBLIC_URL": "https://queue.example.fi", "TLS": "internal"}


@pytest.fixture(scope="module")
def services(compose: list[str]) -> dict[str, Any]:
    """Every service as the client understands it, the tools' too."""
    checked = config(compose, **SITE, COMPOSE_PROFILES="tools", WEB="3")
    assert checked.returncode == 0, checked.stderr
    found: dict[str, Any] = yaml.safe_load(checked.stdout)["services"]
    return found


def test_it_has_servers_behind_a_proxy_the_worker_and_their_stores(services: dict[str, Any]) -> None:
    assert sorted(services) == [*("backup", "daily-backup", "database", "migrate", "proxy", "redis", "web", "worker")]
    assert services["web"]["deploy"]["replicas"] == 3
    assert [name for name in services if "ports" in services[name]] == ["proxy"]
    assert [name for name in services if "outside" in services[name]["networks"]] == ["proxy"]


def test_every_step_of_the_dockerfile_can_be_tried_on_debian() -> None:
    words = set(re.findall(r"^([A-Z]+) ", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    assert {"FROM", "RUN", "COPY", "CMD"} <= words
    assert [word for word in words - {"FROM"} if not hasattr(Stage, word.lower())] == []


def test_everything_that_stays_has_a_health_check(services: dict[str, Any]) -> None:
    checks = {name: service.get("healthcheck", {}).get("test") for name, service in services.items()}
    assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text()  # of `web`; the others of this image have others
    assert sorted(name for name, test in checks.items() if test not in (None, ["NONE"])) == [
        "daily-backup", "database", "proxy", "redis", "worker"
    ]  # fmt: skip
    assert checks["web"] is None


def test_nothing_may_write_its_root_or_gain_rights(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "proxy" else []), name


@pytest.mark.parametrize(
    ("missing", "asked"), [("PUBLIC_URL", "the address that visitors' phones open"), ("TLS", "or internal for an")]
)
def test_it_asks_for_what_only_the_operator_knows(compose: list[str], missing: str, asked: str) -> None:
    refused = config(compose, "-q", **{name: value for name, value in SITE.items() if name != missing})
    assert refused.returncode != 0
    assert asked in refused.stderr


def test_the_servers_believe_the_network_of_the_proxy_and_no_other(
    services: dict[str, Any], compose: list[str]
) -> None:
    networks = yaml.safe_load(config(compose, **SITE).stdout)["networks"]
    (subnet,) = networks["inside"]["ipam"]["config"]
    assert services["web"]["environment"]["TRUSTED_PROXIES"] == subnet["subnet"]
    assert networks["inside"]["internal"] is True


def test_no_secret_stands_in_it() -> None:
    secrets = re.findall(
        r"^\s*(?:SECRET_KEY|DATABASE_URL|POSTGRES_PASSWORD|METRICS_TOKEN):", (ROOT / "docker-compose.yml").read_text()
    )
    assert secrets == []


def test_what_the_image_runs_while_it_is_built_works(tmp_path: Path) -> None:
    for command in (["compile_translations"], ["collectstatic", "--noinput", "--verbosity", "0"]):
        done = manage(*command, VAR_DIR=str(tmp_path), **PRODUCTION)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "static" / "staticfiles.json").exists()


def test_the_health_check_fails_where_nothing_answers() -> None:
    assert run("-m", "queuesite.health", PORT=str(free_port()), PUBLIC_URL="http://127.0.0.1").returncode == 1


def test_a_backup_is_made_each_day_and_kept_for_thirty(services: dict[str, Any], tmp_path: Path) -> None:
    """The very lines of the service, in another folder."""
    shell, option, lines = services["daily-backup"]["command"]
    lines = lines.replace("/backups", str(tmp_path / "backups"))
    (tmp_path / "backups").mkdir()
    environment = {**clean_environment(), "DEBUG": "1", "VAR_DIR": str(tmp_path)}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    assert manage("migrate", "--verbosity", "0", VAR_DIR=str(tmp_path)).returncode == 0

    def one_round() -> list[Path]:
        """The backups after it; a very old one is deleted last."""
        old = tmp_path / "backups" / "queuesite-old.backup"
        old.touch()
        os.utime(old, (0, 0))
        service = subprocess.Popen([shell, option, lines], cwd=ROOT, env=environment, start_new_session=True)
        try:
            eventually(lambda: not old.exists(), what="the old one is deleted", within=60)
        finally:
            os.killpg(service.pid, signal.SIGTERM)
            service.wait()
        return sorted((tmp_path / "backups").iterdir())

    (made,) = one_round()
    assert one_round() == [made], "that is enough for a day"
    a_day_ago = time.time() - 24 * 3600
    os.utime(made, (a_day_ago, a_day_ago))
    assert len(one_round()) == 2
