"""Carries out a Dockerfile in folders, each stage in a copy of a Debian with that Debian's own Python."""

import json
import re
import shlex
import shutil
import string
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tools.debian_root import Root, fresh_copy


@dataclass(slots=True)
class Stage:
    """What the steps since FROM have made. A method for each word of a Dockerfile that is known here."""

    root: Root
    context: Path
    earlier: dict[str, "Stage"]
    health: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)

    def run(self, text: str) -> None:
        self.root.run(text)

    def copy(self, text: str) -> None:
        """[--from=STAGE] [--chown=USER] SOURCE TARGET"""
        words = text.split()
        flags = dict(word.removeprefix("--").split("=") for word in words if word.startswith("--"))
        source, target = (word for word in words if not word.startswith("--"))
        origin = self.earlier[flags["from"]].root.outside(source) if "from" in flags else self.context / source
        place = self.root.outside(target)
        (place if origin.is_dir() or target.endswith("/") else place.parent).mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", f"{origin}/." if origin.is_dir() else origin, place], check=True)
        owner = flags.get("chown", "0")
        mine = place / origin.name if origin.is_file() and place.is_dir() else place
        subprocess.run(["chown", "-R", f"{owner}:{owner}", mine], check=True)

    def env(self, text: str) -> None:
        for pair in shlex.split(text):
            name, _equals, value = pair.partition("=")
            self.root.variables[name] = string.Template(value).safe_substitute(self.root.variables)

    def workdir(self, text: str) -> None:
        self.root.directory = text
        self.root.outside(text).mkdir(parents=True, exist_ok=True)

    def user(self, text: str) -> None:
        self.root.user = text

    def expose(self, _text: str) -> None:
        """A root shares the machine's ports anyway."""

    def healthcheck(self, text: str) -> None:
        self.health = json.loads(text[text.index("[") :])

    def cmd(self, text: str) -> None:
        self.command = json.loads(text)


def build(source: Path, debian: Path) -> Stage:
    """The last stage of the Dockerfile in `source`, from the files of its HEAD. Raises SystemExit at a step that
    fails, AttributeError at a word that isn't known here."""
    context = build_context(source, debian.with_name("context"))
    stages: dict[str, Stage] = {}
    for line in re.sub(r"\\\n\s*", "", (source / "Dockerfile").read_text()).splitlines():
        if not line or line.startswith("#"):
            continue
        sys.stdout.write(f"--- {line}\n")
        sys.stdout.flush()
        word, _space, text = line.partition(" ")
        if word == "FROM":
            _image, _as, name = f"{text} AS last".split()[:3]
            stage = stages[name] = Stage(fresh_copy(debian, name), context, dict(stages))
            stage.root.outside("/usr/local/bin/python").symlink_to("/usr/bin/python3")  # as in the base image
        else:
            getattr(stage, word.lower())(text)
    return stage


def build_context(source: Path, folder: Path) -> Path:
    """The files of HEAD without those that .dockerignore names."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with subprocess.Popen(["git", "archive", "HEAD"], cwd=source, stdout=subprocess.PIPE) as archive:
        subprocess.run(["tar", "-x", "-C", folder], stdin=archive.stdout, check=True)
    for pattern in (folder / ".dockerignore").read_text().split():
        for path in list(folder.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    return folder
