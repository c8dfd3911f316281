"""Without Redis there is one server process."""

from pathlib import Path

import pytest

from queuesite.lock import hold_server_lock, server_runs
from tests.kit.commands import run

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
