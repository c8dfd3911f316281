"""What happens before anything is installed."""

import ast
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from queuesite import bootstrap
from tests.kit.servers import ROOT


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree in which nothing was installed."""
    for name in bootstrap.REQUIREMENTS["dev"]:
        (tmp_path / name).write_text("one==1\n")
    monkeypatch.setattr(bootstrap, "BASE", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / ".venv" / "installed.json")
    return tmp_path


@pytest.fixture
def steps(bare: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that it would have run, all of which succeed."""
    done: list[list[str]] = []

    def run(command: list[str]) -> None:
        done.append(command)
        (bare / ".venv").mkdir(exist_ok=True)

    monkeypatch.setattr(bootstrap, "run", run)
    monkeypatch.setattr(bootstrap, "venv_runs", (bare / ".venv").exists)
    monkeypatch.setattr(bootstrap, "has_pip", lambda: True)
    monkeypatch.setattr(shutil, "which", lambda _name: "/bin/uv")
    return done


def test_an_old_python_can_read_the_file() -> None:
    ast.parse((ROOT / "queuesite" / "bootstrap.py").read_text(), feature_version=(3, 6))


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 10, 12)])
def test_an_old_python_gets_one_line(
    version: tuple[int, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    assert bootstrap.main([]) == 1
    said = capsys.readouterr().err
    assert said.startswith("Python 3.11 or newer is needed, this is 3.")
    assert said.count("\n") == 1


def test_a_missing_venv_module_gets_one_line_that_says_what_to_install(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setattr(sys, "version_info", (3, 12, 3))
    assert bootstrap.main([]) == 1
    said = capsys.readouterr().err
    assert said == "This Python lacks its venv module. Install it: sudo apt install python3.12-venv\n"
    assert not (bare / ".venv").exists()


def test_what_uv_cannot_install_pip_may(steps: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """uv brings roots of its own, and an older one knows no other."""
    succeed = bootstrap.run

    def run(command: list[str]) -> None:
        succeed(command)
        if command[:3] == ["/bin/uv", "pip", "install"]:
            raise bootstrap.Trouble("invalid peer certificate: UnknownIssuer")

    monkeypatch.setattr(bootstrap, "run", run)
    assert bootstrap.main(["runtime"]) == 0
    assert "--system-certs" in steps[-2]
    assert steps[-1][1:4] == ["-m", "pip", "install"]


def test_the_second_time_there_is_nothing_to_do(steps: list[list[str]]) -> None:
    assert bootstrap.main(["runtime"]) == 0
    assert steps
    steps.clear()
    assert bootstrap.main(["runtime"]) == 0
    assert steps == []


def test_what_development_installed_also_runs(steps: list[list[str]]) -> None:
    assert bootstrap.main(["dev"]) == 0
    steps.clear()
    assert bootstrap.main(["runtime"]) == 0
    assert steps == []


def test_another_pin_is_installed(bare: Path, steps: list[list[str]]) -> None:
    bootstrap.main(["runtime"])
    steps.clear()
    (bare / "requirements.txt").write_text("one==2\n")
    assert bootstrap.main(["runtime"]) == 0
    assert [step[-1] for step in steps] == [str(bare / "requirements.txt")]


def test_without_uv_pip_does_it(steps: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setattr(bootstrap, "uv_in_venv", lambda: None)
    assert bootstrap.main([]) == 0
    assert steps[-1][1:4] == ["-m", "pip", "install"]


@pytest.mark.usefixtures("bare")
def test_a_failed_step_is_tried_again_the_next_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: "/bin/false")
    assert bootstrap.main([]) == 1
    assert capsys.readouterr().err.startswith("This step failed, see above: /bin/false venv")
    assert not bootstrap.installed(["requirements.txt"])


def test_a_broken_stamp_is_no_stamp(bare: Path) -> None:
    (bare / ".venv").mkdir()
    for text in ("{", "{}", json.dumps({"requirements.txt": "other"})):
        bootstrap.STAMP.write_text(text)
        assert not bootstrap.installed(["requirements.txt"])


def pins(name: str) -> dict[str, list[str]]:
    """Each pinned line of a requirements file, as `name==version` in lower case, with its hashes."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / name).read_text().splitlines():
        if line.lstrip().startswith("--hash="):
            found[next(reversed(found))].append(line.strip(" \\"))
        elif line and not line.lstrip().startswith("#"):
            found[line.split(" ")[0].lower()] = []
    return found


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-uv.txt"])
def test_every_requirement_is_exact_and_has_hashes(name: str) -> None:
    for pin, hashes in pins(name).items():
        assert "==" in pin
        assert hashes, f"{pin} in {name} has no hash: make lock"
        assert all(one.startswith("--hash=sha256:") for one in hashes)


@pytest.mark.parametrize("name", ["requirements", "requirements-dev", "requirements-uv"])
def test_what_is_asked_for_is_locked(name: str) -> None:
    locked = pins(f"{name}.txt")
    for line in (ROOT / f"{name}.in").read_text().lower().splitlines():
        if not line.startswith(("#", "-")):
            pin = re.sub(r"\[.*\]", "", line.partition(" ;")[0])
            assert pin in locked, f"{line} in {name}.in isn't locked: make lock"


def test_the_development_requirements_hold_everything() -> None:
    everything = pins("requirements-dev.txt")
    for name in ("requirements.txt", "requirements-uv.txt"):
        assert pins(name).items() <= everything.items(), f"requirements-dev.txt differs from {name}: make lock"


def test_nothing_is_installed_without_its_hash(steps: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """By uv, by pip, and uv itself by pip."""

    def call(command: list[str], **_options: object) -> int:
        steps.append(command)
        return 1

    assert bootstrap.main(["runtime"]) == 0
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setattr(subprocess, "call", call)
    assert bootstrap.main(["dev"]) == 0
    installs = [step for step in steps if "install" in step]
    assert [Path(step[-1]).name for step in installs] == [
        "requirements.txt", "requirements-uv.txt", "requirements-dev.txt",
    ]  # fmt: skip
    for step in installs:
        assert "--require-hashes" in step, step
