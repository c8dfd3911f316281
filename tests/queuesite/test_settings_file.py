"""Settings from a file: which one is read, what it says, and what is said when something is missing."""

import re
import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from queuesite import settings_file
from queuesite.environment import EXAMPLES
from queuesite.settings_file import load, parse, where_to_write, write
from tests.kit.commands import manage
from tests.kit.servers import ROOT

SECRET = "0123456789" * 5
SITE = f"PUBLIC_URL=https://queue.example.fi\nSECRET_KEY={SECRET}\n"
HERE = Path("queuesite.env")
SITES_OWN = settings_file.SERVICE


@pytest.fixture(autouse=True)
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the site's own file would be; there is none yet."""
    path = tmp_path / "etc-queuesite.env"
    monkeypatch.setattr(settings_file, "SERVICE", path)
    return path


@pytest.fixture
def var(tmp_path: Path) -> Path:
    (tmp_path / "var").mkdir()
    return tmp_path / "var"


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("NAME=value", "value"),
        ("NAME=", ""),
        ("  NAME = two words  ", "two words"),
        ("NAME=a#b # no comment", "a#b # no comment"),
        ("NAME=$HOME", "$HOME"),
        ('NAME="two words "', "two words "),
        ("NAME='it''s'", "its"),
        ("NAME=\"a\"'b'c", "abc"),
        ("NAME='a\\$b'", "a\\$b"),
        (r'NAME="a\"b\\c\$d\e"', r'a"b\c$d\e'),
        (r"NAME=a\ b\"c", 'a b"c'),
        ('NAME=it"s"', 'it"s"'),
        ("NAME=one\\\ntwo", "onetwo"),
        ("NAME=first\nNAME=last", "last"),
    ],
)
def test_a_line_is_read_as_systemd_reads_it(line: str, value: str) -> None:
    assert parse(f"# a comment\n\n; another\n{line}\n", HERE) == {"NAME": value}


@pytest.mark.parametrize("line", ["export NAME=value", "NAME", "1NAME=x", "=x"])
def test_a_line_that_is_none_is_refused(line: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^queuesite\.env has a line that is not NAME=value\. It begins"):
        parse(line, HERE)


def test_a_refused_line_shows_no_secret() -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        parse(f"SECRET KEY={SECRET}", HERE)
    assert SECRET not in str(refused.value)


def test_the_file_beside_the_data_is_read_before_the_services(var: Path, service: Path) -> None:
    service.write_text("PORT=1\n")
    environment: dict[str, str] = {}
    assert load(environment, var=var) == service
    assert environment == {"PORT": "1"}
    (var / "queuesite.env").write_text("PORT=2\n")
    environment = {}
    assert load(environment, var=var) == var / "queuesite.env"
    assert environment == {"PORT": "2"}


@pytest.mark.parametrize("name", ["DEBUG", "PUBLIC_URL", "PUBLIC_URL_FILE"])
def test_an_environment_that_says_how_to_run_is_whole(name: str, var: Path, service: Path) -> None:
    """Else a service could take up DEBUG from what somebody once tried out in its folder."""
    for path in (service, var / "queuesite.env"):
        path.write_text("DEBUG=true\nPORT=1\n")
    environment = {name: "x"}
    assert load(environment, var=var) is None
    assert environment == {name: "x"}


def test_a_named_file_is_read_whatever_the_environment_says_and_the_environment_wins(var: Path, tmp_path: Path) -> None:
    named = tmp_path / "named"
    named.write_text("DEBUG=true\nPORT=1\nSECRET_KEY=x\nHOST=::1\n")
    environment = {"QUEUESITE_SETTINGS": str(named), "DEBUG": "false", "SECRET_KEY_FILE": "/key"}
    assert load(environment, var=var) == named
    assert environment == {
        "QUEUESITE_SETTINGS": str(named), "DEBUG": "false", "SECRET_KEY_FILE": "/key", "PORT": "1", "HOST": "::1"
    }  # fmt: skip


def test_a_named_file_must_be_there(var: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^The settings file /nowhere can't be read: "):
        load({"QUEUESITE_SETTINGS": "/nowhere"}, var=var)


def test_a_file_for_other_eyes_names_the_way_to_it(var: Path, service: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(_path: Path, **_how: str) -> str:
        raise PermissionError

    service.write_text("")
    monkeypatch.setattr(Path, "read_text", closed)
    with pytest.raises(ImproperlyConfigured) as refused:
        load({}, var=var)
    assert str(refused.value).startswith(f"{service} has the settings, and this user may not read it. ")
    assert "sudo queuesite" in str(refused.value)


def test_what_is_written_is_read_again_and_is_for_nobody_else(var: Path) -> None:
    path = var / "queuesite.env"
    path.write_text("old")
    path.chmod(0o644)
    given = {
        "DEBUG": "true",
        "PORT": "8001",
        "SECRET_KEY_FILE": "/a key",
        "DATABASE_URL": 'x://a:p"\\$`#@b/c d',
        "HOST": "",
    }
    write(path, {**given, "HOME": "/root", "ADMIN_PASSWORD": "hush"})
    assert parse(path.read_text(), path) == {name: value for name, value in given.items() if value}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in var.iterdir()] == ["queuesite.env"]


def test_a_refused_setting_names_the_place_and_the_line(service: Path) -> None:
    url = "PUBLIC_URL=https://queue.example.fi"
    read = Path("/var/queuesite.env")
    assert where_to_write("PUBLIC_URL", given={}, read=read) == f"Such a line is needed in {read}: {url}"
    assert where_to_write("PUBLIC_URL", given={}, read=None) == (
        f"To try Queuesite out: make run. In production such a line is needed in {service}: {url}"
    )
    environment = f"Set it in the environment, which a unit of systemd takes from {service}: PORT=8000"
    assert where_to_write("PORT", given={"DEBUG": "true"}, read=None) == environment
    assert where_to_write("PORT", given={"PORT_FILE": "x"}, read=read) == environment


def test_every_setting_of_the_page_has_an_example() -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    rows = re.findall(r"^\| (`[A-Z_`, ]+`) \|", page, re.MULTILINE)
    names = {name for row in rows for name in re.findall(r"[A-Z_]+", row)}
    assert names == {*EXAMPLES, "VAR_DIR", "QUEUESITE_SETTINGS"}


def test_a_refused_start_names_the_file_and_the_line(tmp_path: Path) -> None:
    site = tmp_path / "site.env"
    site.write_text("SECRET_KEY=short\nPUBLIC_URL=https://queue.example.fi\n")
    refused = manage("check", QUEUESITE_SETTINGS=str(site), DEBUG="")
    assert refused.returncode == 1
    assert refused.stderr == (
        "queuesite does not start. SECRET_KEY must be set outside debug: at least 50 random characters, kept secret. "
        f"Such a line is needed in {site}: SECRET_KEY=(what openssl rand -hex 40 says)\n"
    )


def test_in_production_a_command_reads_the_services_own_file(tmp_path: Path) -> None:
    site = tmp_path / "site.env"
    site.write_text(f"{SITE}VAR_DIR={tmp_path / 'data'}\n")
    said = manage("diffsettings", QUEUESITE_SETTINGS=str(site), DEBUG="", VAR_DIR="").stdout
    assert "PUBLIC_URL = 'https://queue.example.fi'" in said
    assert f"VAR_DIR = PosixPath('{tmp_path / 'data'}')" in said
    assert "DEBUG = True" not in said


def test_the_wrapper_names_the_services_file() -> None:
    wrapper = (ROOT / "docs" / "operations" / "queuesite").read_text()
    assert f"{settings_file.NAMED_BY}={SITES_OWN}\n" in wrapper
