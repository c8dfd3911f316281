"""What a script that runs the replay relies on: one JSON object on stdout, one clear line and exit code 1."""

import json
import shutil
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from queues.models import Branch
from tests.kit.servers import ROOT, clean_environment
from tests.replay.conftest import Play
from tests.replay.logs import DAY, gone, served, write

KEYS = (
    *("rows", "issued", "called", "finished", "left", "refused", "malformed"),
    *("deviations", "duplicates", "gaps", "seconds"),
)


@pytest.mark.django_db
@pytest.mark.parametrize("options", ["", "--as-history"])
def test_the_last_line_of_stdout_is_one_json_object_and_the_only_one(play: Play, options: str) -> None:
    played = play(gone("09:00:00", "09:05:00"), "rubbish", options=options)
    assert played.stdout.count("\n") == 1
    assert played.stdout.endswith("\n")
    assert tuple(json.loads(played.stdout)) == KEYS
    assert "100%" in played.stderr


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "why"),
    [
        ("--date=2024-05-15", "has no row of 2024-05-15 that can be played"),
        ("--date=yesterday", "Say which day of the log"),
        ("", "Say which day of the log"),
        ("--date=2024-05-14 --speed=fast", "--speed is a number such as 60, or max, not 'fast'"),
        ("--date=2024-05-14 --speed=-1", "--speed is a number"),
        ("--date=2024-05-14 --speed=nan", "--speed is a number"),
        ("--date=2024-05-14 --branch=Two,words", "slug"),
    ],
)
def test_what_cannot_be_played_is_refused_and_nothing_is_made(tmp_path: Path, options: str, why: str) -> None:
    log = write(tmp_path / "log.csv", gone("09:00:00", "09:05:00"))
    with pytest.raises(CommandError) as refusal:
        call_command("replay", str(log), "--branch=played", *options.split(), stdout=StringIO(), stderr=StringIO())
    assert why in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert not Branch.objects.exists()


@pytest.mark.django_db
def test_each_fault_is_told_three_times_and_then_counted(play: Play) -> None:
    played = play(*[gone("nine", "09:05:00")] * 20, *[gone("09:00:00", "08:00:00")] * 2, gone("09:00:00", "09:05:00"))
    assert played.stderr.count("arrival is no time: ") == 3
    assert "and 17 more lines: arrival is no time, such as 1999-01-03T08:15:00 or 3.1.1999 8:15\n" in played.stderr
    assert played.stderr.count("left is before arrival") == 2
    assert played.tally["malformed"] == 22


@pytest.mark.django_db
def test_a_file_whose_first_thousand_rows_have_one_fault_is_refused_in_one_line(play: Play) -> None:
    with pytest.raises(CommandError) as refusal:
        play(*[gone("nine", "09:05:00")] * 1000, gone("09:00:00", "09:05:00"))
    assert str(refusal.value) == (
        "None of the first 1000 rows can be played: arrival is no time, such as 1999-01-03T08:15:00 or 3.1.1999 8:15. "
        f"Line 1001: arrival is no time: '{DAY}Tnine'"
    )


@pytest.fixture
def elsewhere(migrated: Path, tmp_path: Path) -> dict[str, str]:
    """The environment of a system of its own, with an empty database."""
    var = shutil.copytree(migrated, tmp_path / "var")
    return clean_environment() | {"DEBUG": "1", "VAR_DIR": str(var)}


@pytest.mark.embedded
def test_in_a_shell_a_missing_file_is_one_line_and_exit_code_1(elsewhere: dict[str, str]) -> None:
    command = [sys.executable, "manage.py", "replay", "nowhere.csv", "--branch=b", "--date=2024-05-14"]
    ended = subprocess.run(command, cwd=ROOT, env=elsewhere, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "CommandError: nowhere.csv can't be read: No such file or directory.\n"


@pytest.mark.embedded
def test_ctrl_c_stops_it_cleanly_with_the_json_line(elsewhere: dict[str, str], tmp_path: Path) -> None:
    log = write(
        tmp_path / "log.csv",
        served("09:00:00", "09:00:00", "09:00:01"),
        gone("12:00:00", "12:05:00"),
    )
    # Where the tests run in the background SIGINT is ignored, and a child would inherit that.
    heeds = "import runpy, signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    start = f"{heeds}sys.argv = sys.argv[1:]; runpy.run_path('manage.py', run_name='__main__')"
    command = [sys.executable, "-c", start, "manage.py", "replay", str(log), "--branch=b", "--date=2024-05-14"]
    with subprocess.Popen(
        command, cwd=ROOT, env=elsewhere, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        try:
            assert running.stderr is not None
            while "60%" not in running.stderr.readline():  # the rest comes in three hours
                assert running.poll() is None
            running.send_signal(signal.SIGINT)
            stdout, stderr = running.communicate(timeout=20)
        finally:
            running.kill()
    assert running.returncode == 130
    assert json.loads(stdout) | {"seconds": 0} == dict.fromkeys(KEYS, 0) | {
        "rows": 2,
        "issued": 1,
        "called": 1,
        "finished": 1,
    }
    assert "Traceback" not in stderr
