"""A Debian in a folder, made by debootstrap, and commands that run there."""

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOTS = Path.home() / ".cache" / "queuesite-debian"
PACKAGES = "python3,python3-venv,make"
"""What README asks of a machine."""
SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CERTIFICATES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT")
NETWORK_VARIABLES = (*CERTIFICATES, "http_proxy", "https_proxy", "no_proxy", "PIP_INDEX_URL", "UV_INDEX_URL")
NETWORK_FILES = ("/etc/resolv.conf", "/etc/pip.conf")


@dataclass(slots=True)
class Root:
    """Where it lies, and how its commands run: their environment, working directory and user's number."""

    folder: Path
    variables: dict[str, str] = field(default_factory=lambda: {"PATH": SEARCH_PATH, "HOME": "/root"})
    directory: str = "/"
    user: str = "0"

    @contextmanager
    def running(self, command: str | Sequence[str], *, stdout: int | None = None) -> Iterator[subprocess.Popen[str]]:
        """A line for the shell, or words. In a process group of its own; whatever it has started ends with it."""
        words = ["sh", "-c", command] if isinstance(command, str) else list(command)
        if self.user != "0":
            words = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups", *words]
        apart = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        # The first process waits for orphans, as init does.
        first = ["sh", "-c", 'mount -t devpts devpts /dev/pts; "$@"; exit $?', "init"]
        network = {name: os.environ[name] for name in NETWORK_VARIABLES if name in os.environ}
        with subprocess.Popen(
            [*apart, f"--root={self.folder}", f"--wd={self.directory}", *first, *words],
            env={**network, **self.variables},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            start_new_session=True,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def call(self, command: str | Sequence[str]) -> int:
        with self.running(command) as process:
            return process.wait()

    def run(self, command: str | Sequence[str]) -> None:
        """Raises SystemExit when it fails."""
        if self.call(command) != 0:
            raise SystemExit(f"This failed: {command}")

    def outside(self, path: str) -> Path:
        """Where a path of this root lies on the machine."""
        return self.folder / os.path.normpath(f"{self.directory}/{path}" if path[0] != "/" else path).lstrip("/")


def installed(suite: str, mirror: str | None) -> Path:
    """The folder of a bare Debian, never changed after it was made. Without a mirror, of this machine's apt."""
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        raise SystemExit("This needs root and debootstrap: sudo apt-get install debootstrap")
    folder = ROOTS / suite
    if not folder.exists():
        begun = folder.with_suffix(".begun")
        shutil.rmtree(begun, ignore_errors=True)
        begun.parent.mkdir(parents=True, exist_ok=True)
        choices = ["--variant=minbase", f"--include={PACKAGES}"]
        subprocess.run(["debootstrap", *choices, suite, begun, mirror or mirror_of_apt()], check=True)
        begun.rename(folder)
    return folder


def mirror_of_apt() -> str:
    question = ["apt-get", "indextargets", "--format", "$(CODENAME) $(REPO_URI)", "Created-By: Packages"]
    own = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    for line in subprocess.run(question, check=True, capture_output=True, text=True).stdout.splitlines():
        codename, _space, address = line.partition(" ")
        if codename == own:
            return address
    raise SystemExit("apt names no mirror of Debian. Give one: --mirror ADDRESS")


def fresh_copy(debian: Path, name: str) -> Root:
    """Reaches the network as this machine does: by its resolver, certificates, and settings of apt and pip."""
    root = Root(debian.with_name(f"{debian.name}-{name}"))
    shutil.rmtree(root.folder, ignore_errors=True)
    subprocess.run(["cp", "-a", debian, root.folder], check=True)
    for path in {*NETWORK_FILES, *(os.environ[variable] for variable in CERTIFICATES if variable in os.environ)}:
        if Path(path).exists():
            root.outside(path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, root.outside(path))
    acquire = subprocess.run(["apt-config", "dump", "Acquire"], check=True, capture_output=True, text=True).stdout
    root.outside("/etc/apt/apt.conf.d/90network").write_text(acquire)
    # A package's own service would take a port of this machine. The tests start the servers that they need.
    policy = root.outside("/usr/sbin/policy-rc.d")
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    return root
