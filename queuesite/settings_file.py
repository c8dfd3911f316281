"""Settings from a file of NAME=value lines, so that a command needs no environment of its own.

`make run` writes var/queuesite.env; in production it is the file from which systemd's units take their environment. It
is read as systemd reads it. docs/settings.md says which file is read, and when.
"""

import os
import re
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from queuesite.environment import EXAMPLES

SERVICE = Path("/etc/queuesite.env")
"""Of the site that this machine serves."""
BESIDE_THE_DATA = "queuesite.env"
NAMED_BY = "QUEUESITE_SETTINGS"
HEADING = "# What make run was given the last time. manage.py reads it; see docs/settings.md."
WHOLE = ("DEBUG", "PUBLIC_URL")
"""An environment that says one of these says everything: no file is mixed into it."""

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
QUOTED = re.compile(r"""\s*(?:'([^']*)'|"((?:[^"\\]|\\.)*)")""")
ESCAPED_IN_QUOTES = re.compile(r'\\(["\\`$])')
NEEDS_NO_QUOTES = re.compile(r"[A-Za-z0-9_./:@%,+=?&-]*")


def load(environment: MutableMapping[str, str], *, var: Path) -> Path | None:
    """Add to the environment what the settings file says and the environment doesn't. Returns the file, or None where
    none is read. Raises ImproperlyConfigured."""
    path = _find(environment, var)
    if path is None:
        return None
    try:
        text = path.read_text(encoding="utf-8")
    except PermissionError as error:
        raise ImproperlyConfigured(
            f"{path} has the settings, and this user may not read it. On the machine of a site: sudo queuesite …, "
            "which is manage.py as the site's user."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"The settings file {path} can't be read: {error}.") from error
    said = {_base(name) for name in environment}
    environment.update({name: value for name, value in parse(text, path).items() if _base(name) not in said})
    return path


def parse(text: str, path: Path) -> dict[str, str]:
    """The lines of the file at `path` as systemd's EnvironmentFile= takes them: without comments, quotes taken off, no
    variable replaced. Raises ImproperlyConfigured for a line that is none."""
    found = {}
    for line in map(str.strip, text.replace("\\\n", "").split("\n")):
        if not line or line.startswith(("#", ";")):
            continue
        name, equals, written = line.partition("=")
        if not equals or not NAME.fullmatch(name.rstrip()):
            raise ImproperlyConfigured(f"{path} has a line that is not NAME=value. It begins with {name[:20]!r}.")
        found[name.rstrip()] = _value(written)
    return found


def write(path: Path, environment: Mapping[str, str]) -> None:
    """Keep what this environment says of the settings, for commands to come. Nobody else may read it."""
    names = [name for setting in EXAMPLES for name in (setting, f"{setting}_FILE") if environment.get(name)]
    lines = [HEADING, *(f"{name}={_written(environment[name])}" for name in names)]
    # Replaced in one step: another process may be reading it.
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    beside.touch(0o600)
    beside.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    beside.replace(path)


def where_to_write(name: str, *, given: Mapping[str, str], read: Path | None) -> str:
    """The file and the line that a refused setting needs, as a sentence. `given` is what the environment was by itself,
    `read` the file that was added to it."""
    line = f"{name}={EXAMPLES[name]}"
    if _says(given, name) or (read is None and _is_whole(given)):
        return f"Set it in the environment, which a unit of systemd takes from {SERVICE}: {line}"
    if read is not None:
        return f"Such a line is needed in {read}: {line}"
    return f"To try Queuesite out: make run. In production such a line is needed in {SERVICE}: {line}"


def _find(environment: Mapping[str, str], var: Path) -> Path | None:
    if named := environment.get(NAMED_BY):
        return Path(named)
    if _is_whole(environment):
        return None
    return next((path for path in (var / BESIDE_THE_DATA, SERVICE) if os.access(path, os.F_OK)), None)


def _is_whole(environment: Mapping[str, str]) -> bool:
    return any(_says(environment, name) for name in WHOLE)


def _says(environment: Mapping[str, str], name: str) -> bool:
    return bool(environment.get(name) or environment.get(f"{name}_FILE"))


def _base(name: str) -> str:
    """NAME_FILE says NAME, too."""
    return name.removesuffix("_FILE")


def _value(written: str) -> str:
    """Quoted parts come first, what follows them is taken as it stands but for its backslashes."""
    value, at = "", 0
    while quoted := QUOTED.match(written, at):
        literal, escaped = quoted.groups()
        value += ESCAPED_IN_QUOTES.sub(r"\1", escaped) if literal is None else literal
        at = quoted.end()
    return value + re.sub(r"\\(.)", r"\1", written[at:].strip())


def _written(value: str) -> str:
    return value if NEEDS_NO_QUOTES.fullmatch(value) else '"' + re.sub(r'(["\\`$])', r"\\\1", value) + '"'
