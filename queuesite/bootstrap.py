"""Makes `.venv` and installs the locked requirements; does nothing when that was done before.

Nothing is installed whose hash isn't in the requirements files, uv itself included. Runs on the system's Python before
anything is installed: the standard library only, and in a form that Python 3.6 can still read, so that an old Python
gets one clear line instead of a syntax error.
"""
# ruff: noqa: T201 - it prints to the terminal
# ruff: noqa: S603 - every command it runs is written here

import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
UV_REQUIREMENTS = "requirements-uv.txt"
REQUIREMENTS = {
    "runtime": ["requirements.txt"],
    "dev": ["requirements.txt", "requirements-dev.txt"],  # the last file holds everything that the others hold
}
BASE = Path(__file__).resolve().parent.parent
VENV = BASE / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"


class Trouble(Exception):  # noqa: N818 - the one line that the user is told
    pass


def main(arguments: "list[str]") -> int:
    """`bootstrap.py [runtime|dev]`: 0 when everything is there, 1 after one line that says what to do."""
    try:
        refuse_old_python(sys.version_info[:3])
        names = REQUIREMENTS.get(arguments[0] if arguments else "runtime")
        if names is None:
            print("Say runtime or dev.", file=sys.stderr)
            return 1
        if not installed(names):
            install(names)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; the next start goes on from here.", file=sys.stderr)
        return 1
    return 0


def refuse_old_python(version: "tuple[int, ...]") -> None:
    if version[:2] < OLDEST:
        found = ".".join(str(part) for part in version)
        raise Trouble(
            f"Python 3.11 or newer is needed, this is {found}. Install one (on Ubuntu: sudo apt install python3.11 "
            "python3.11-venv) and name it: make run PYTHON=python3.11"
        )


def refuse_without_venv(version: "tuple[int, ...]") -> None:
    """Debian and Ubuntu keep what venv needs in a package of its own."""
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise Trouble(
            f"This Python lacks its venv module. Install it: sudo apt install python{version[0]}.{version[1]}-venv"
        )


def fingerprints(names: "list[str]") -> "dict[str, str]":
    """The SHA-256 of each requirements file."""
    return {name: hashlib.sha256((BASE / name).read_bytes()).hexdigest() for name in names}


def installed(names: "list[str]") -> bool:
    """Whether these very files were installed, into a .venv whose Python still runs."""
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return False
    return all(stamp.get(name) == text for name, text in fingerprints(names).items()) and venv_runs()


def venv_runs() -> bool:
    """False too after the system's Python was upgraded away from under it."""
    if not PYTHON.exists():
        return False
    return subprocess.call([str(PYTHON), "-c", f"import sys; sys.exit(sys.version_info[:2] < {OLDEST})"]) == 0


def has_pip() -> bool:
    """A .venv that uv made has none."""
    return subprocess.call([str(PYTHON), "-c", "import pip"], stderr=subprocess.DEVNULL) == 0


def install(names: "list[str]") -> None:
    """Install the last of the files, with uv if there is one. Raises Trouble."""
    uv = shutil.which("uv")
    if not venv_runs() or (uv is None and not has_pip()):
        make_venv(uv)
    if STAMP.exists():
        STAMP.unlink()
    say(f"Installing what {names[-1]} pins; the first time this takes up to a minute.")
    uv = uv or uv_in_venv()
    locked = ["--require-hashes", "-r", str(BASE / names[-1])]
    if uv is None or not uv_installs(uv, locked):
        if not has_pip():
            make_venv(None)
        run([str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", *locked])
    STAMP.write_text(json.dumps(fingerprints(names)))
    say("Installed.")


def uv_installs(uv: str, locked: "list[str]") -> bool:
    """Whether uv could install it, with the system's certificates: a proxy that looks into TLS, usual in towns, has its
    own among them."""
    options = ["--compile-bytecode", "--system-certs", "--python", str(PYTHON)]
    try:
        run([uv, "pip", "install", *options, *locked])
    except Trouble:
        say("uv could not; trying pip.")
        return False
    return True


def make_venv(uv: "str | None") -> None:
    if uv is None:
        refuse_without_venv(sys.version_info[:3])
    say("Making .venv with Python {}.{}.{}.".format(*sys.version_info[:3]))
    shutil.rmtree(str(VENV), ignore_errors=True)
    if uv is not None:
        run([uv, "venv", "--quiet", "--python", sys.executable, str(VENV)])
    else:
        run([sys.executable, "-m", "venv", str(VENV)])


def uv_in_venv() -> "str | None":
    """uv, installed by pip on the first call; None where it can't be had.

    It installs in seconds what takes pip most of a minute.
    """
    uv = VENV / "bin" / "uv"
    if uv.exists():
        return str(uv)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1"]
    if subprocess.call([*pip, "--require-hashes", "-r", str(BASE / UV_REQUIREMENTS)], stderr=subprocess.DEVNULL) != 0:
        return None
    return str(uv)


def run(command: "list[str]") -> None:
    """Run a step with its own output on the terminal. Raises Trouble when it fails."""
    if subprocess.call(command) != 0:
        raise Trouble(f"This step failed, see above: {' '.join(command)}")


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
