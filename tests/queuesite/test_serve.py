"""`make run`, from the prepared .venv on."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from queuesite.health import answers
from queuesite.lock import hold_server_lock
from queuesite.serving import OPTIONS, Children, port_trouble
from tests.kit.commands import manage, run
from tests.kit.servers import HERE, ROOT, clean_environment, free_port, stop
from tests.kit.waiting import eventually

DEADLINE = 60
BARE = {"DEBUG": ""}
"""Of a terminal in which nothing was set."""


@dataclass
class Serving:
    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def up(self) -> bool:
        assert self.process.poll() is None, self.said
        return "Queuesite is up" in self.said

    def child(self, words: str) -> int:
        """The process id of the child whose command line has these words."""
        for child in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            if words in Path(f"/proc/{child}/cmdline").read_text().replace("\0", " "):
                return int(child)
        raise AssertionError(f"No child with {words}: {self.said}")

    def end(self, by: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(by)
        return self.process.wait(DEADLINE)


@contextmanager
def serving(var: Path, *words: str, **environment: str) -> Iterator[Serving]:
    """`manage.py serve` on a free port, up, with its data under `var`. More of its environment by keyword."""
    port = free_port()
    variables = clean_environment() | {"DEBUG": "true", "PORT": str(port), "VAR_DIR": str(var)} | environment
    log = var / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, ROOT / "manage.py", "serve", *words], env=variables, stdout=output, stderr=output, cwd=ROOT
        )
    served = Serving(process, port, log)
    try:
        eventually(served.up, what="serve is up", within=DEADLINE)
        yield served
    finally:
        stop(process)


def test_it_prints_every_address_and_sign_in_and_ends_cleanly_on_ctrl_c(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        site = f"http://127.0.0.1:{served.port}"
        assert answers(HERE, served.port, public_url=site)
        for surface in ("/", "/kiosk/keskus/", "/display/keskus/", "/hall/keskus/", "/desk/", "/admin/"):
            assert f"{site}{surface}\n" in served.said
        for name in ("clerk1", "clerk5", "supervisor", "admin", "queue-demo"):
            assert name in served.said
        assert f"HOST=0.0.0.0 PUBLIC_URL=http://<this machine>:{served.port}" in served.said
        children = [served.child("daphne"), served.child("clockwork")]

        # Any command works on that database now, without further environment.
        asked = manage(
            "shell",
            "-c",
            "from queues.models import Branch; print(Branch.objects.get())",
            **BARE,
            VAR_DIR=str(tmp_path),
        )
        assert asked.stdout.splitlines()[-1:] == ["Palvelutori Keskus"], asked.stderr

        second = manage("serve", PORT=str(free_port()), DEBUG="1", VAR_DIR=str(tmp_path))
        assert second.returncode == 1
        assert second.stderr == "CommandError: Another queuesite server already runs here. Stop it first.\n"

        assert served.end() == 0
        assert "Traceback" not in served.said
        assert not any(Path(f"/proc/{child}").exists() for child in children)


def test_in_production_every_line_is_of_the_log(migrated: Path, tmp_path: Path) -> None:
    """No word of `make run` either, which would start the demo with its well-known passwords."""
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)
    site = "http://127.0.0.1:8000"
    with serving(tmp_path, DEBUG="false", PUBLIC_URL=site, SECRET_KEY="0123456789" * 5) as served:

        def said() -> list[str]:
            return [json.loads(line)["message"] for line in served.said.splitlines()]

        eventually(lambda: "The clockwork runs, every 1 s." in said(), what="the clockwork runs")
        assert f"Queuesite is up: {site}/" in said()
        assert served.end(signal.SIGTERM) == 0
        assert said()


def test_when_one_part_dies_the_others_end_and_the_exit_code_says_so(migrated: Path, tmp_path: Path) -> None:
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)
    with serving(tmp_path, "--with-life") as served:
        others = [served.child(words) for words in ("daphne", "simulate")]
        os.kill(served.child("clockwork"), signal.SIGKILL)
        assert served.process.wait(DEADLINE) == 1
        assert "The clockwork ended by itself (signal 9). Everything else was ended with it." in served.said
        assert not any(Path(f"/proc/{child}").exists() for child in others)


def test_a_port_in_use_gets_one_line_that_names_another(tmp_path: Path) -> None:
    with socket.create_server((HERE, 0)) as taken:
        port = taken.getsockname()[1]
        refused = manage("serve", PORT=str(port), DEBUG="1", VAR_DIR=str(tmp_path))
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"CommandError: Port {port} on 127.0.0.1 is in use. Take another one: PORT=")
    assert refused.stderr.endswith(" make run\n")
    assert refused.stderr.count("\n") == 1


def test_a_held_lock_gets_one_line(tmp_path: Path) -> None:
    hold_server_lock(tmp_path / "server.lock")
    refused = manage("serve", PORT=str(free_port()), DEBUG="1", VAR_DIR=str(tmp_path))
    assert refused.returncode == 1
    assert refused.stderr == "CommandError: Another queuesite server already runs here. Stop it first.\n"


def test_an_address_of_another_machine_is_no_address_to_listen_on() -> None:
    assert port_trouble("192.0.2.1", 8000) == "HOST 192.0.2.1 is no address of this machine."


def test_life_is_for_debug_only(tmp_path: Path) -> None:
    production = {"PUBLIC_URL": "https://queue.example.fi", "SECRET_KEY": "0123456789" * 5, "DEBUG": ""}
    refused = manage("serve", "--with-life", VAR_DIR=str(tmp_path), **production)
    assert refused.stderr == "CommandError: The demo runs only with DEBUG=true.\n"


def test_a_child_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("queuesite.serving.STOP_TIMEOUT", 0.1)
    stubborn = (
        "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"
    )
    with Children({"stubborn": [sys.executable, "-c", stubborn]}) as children:
        assert children.ended() == ""
    assert children.running["stubborn"].returncode in (-signal.SIGKILL, -signal.SIGTERM)


def test_the_layer_is_loaded_before_the_first_press() -> None:
    """Loading it takes longer than a press may wait for its change notice."""
    loaded = "import sys, queuesite.asgi; print('channels_redis.pubsub' in sys.modules)"
    assert run("-c", loaded, DEBUG="1", REDIS_URL="redis://127.0.0.1:1/0").stdout == "True\n"


def test_the_server_sends_no_page_away_that_still_waits_for_its_handshake() -> None:
    """When thousands come back at once, a page that begins again makes useless work."""
    server = float(OPTIONS[OPTIONS.index("--websocket_connect_timeout") + 1])
    (page,) = re.findall(r"HANDSHAKE_WITHIN = ([\d_]+);", (ROOT / "static/js/live-decisions.js").read_text())
    assert server > float(page) / 1000
