"""Without Redis there is one server process."""

import subprocess
import sys
from pathlib import Path

import pytest

from queuesite.lock import hold_server_lock, server_runs
from tests.kit.commands import run
from tests.kit.servers import ROOT, clean_environment

TRY = "import sys, pathlib; from queuesite.lock import hold_server_lock; hold_server_lock(pathlib.Path(sys.argv[1]))"


def test_a_second_process_is_refused_with_one_line(tmp_path: Path) -> None:
    lock = tmp_path / "var" / "server.lock"
    hold_server_lock(lock)
    second = run("-c", TRY, str(lock))
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert "Another queuesite server already runs here" in second.stderr


def test_the_lock_ends_with_its_process(tmp_path: Path) -> None:
    lock = tmp_path / "server.lock"
    assert run("-c", TRY, str(lock)).returncode == 0
    assert lock.exists()
    assert not server_runs(lock)
    assert run("-c", TRY, str(lock)).returncode == 0


def test_whether_a_server_runs_can_be_asked_without_disturbing_it(tmp_path: Path) -> None:
    lock = tmp_path / "server.lock"
    assert not server_runs(lock)
    hold_server_lock(lock)
    assert server_runs(lock)
    with pytest.raises(SystemExit):
        hold_server_lock(lock)


def test_a_second_server_beside_the_embedded_layer_is_refused(tmp_path: Path) -> None:
    hold_server_lock(tmp_path / "server.lock")
    second = run("-c", "import queuesite.asgi", VAR_DIR=str(tmp_path))
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert "set REDIS_URL" in second.stderr


OPEN = (
    "import sys, time, django; django.setup(); from django.db import connection; "
    "connection.ensure_connection(); connection.close(); print('open', flush=True); time.sleep(float(sys.argv[1]))"
)


def test_a_file_that_another_process_has_had_open_is_not_ones_own(tmp_path: Path) -> None:
    """The clockwork, a replay or a migration: connected or between two rounds."""
    settings = {"DEBUG": "1", "VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "queuesite.settings"}
    environment = clean_environment() | settings
    look = (
        "import django; django.setup(); from django.db import connection; from queuesite.lock import alone_with\n"
        "connection.ensure_connection()\n"
        "with alone_with(str(connection.settings_dict['NAME'])) as alone: print(alone)"
    )
    alone = [sys.executable, "-c", look]
    waits = [sys.executable, "-c", OPEN, "60"]
    with subprocess.Popen(waits, env=environment, cwd=ROOT, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        assert subprocess.check_output(alone, env=environment, cwd=ROOT) == b"False\n"
        other.kill()
    assert subprocess.check_output(alone, env=environment, cwd=ROOT) == b"True\n"
