"""What the environment may say, and what is refused before anything starts."""

import ipaddress
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from queuesite.environment import DEBUG_SECRET_KEY, Environment
from queuesite.fast_paths import PATHS

VAR = Path("/var/lib/queuesite")
SECRET = "0123456789" * 5
PRODUCTION = {"PUBLIC_URL": "https://queue.example.fi", "SECRET_KEY": SECRET}


def read(**variables: str) -> Environment:
    return Environment.read(variables, var=VAR)


def refusal(**variables: str) -> str:
    with pytest.raises(ImproperlyConfigured) as refused:
        read(**variables)
    return str(refused.value)


def test_debug_needs_nothing_else() -> None:
    environment = read(DEBUG="true")
    assert environment.public_url == "http://127.0.0.1:8000"
    assert environment.database_url == "sqlite:////var/lib/queuesite/queuesite.sqlite3"
    assert environment.redis_url == ""
    assert environment.secret_key == DEBUG_SECRET_KEY


def test_production_is_the_default_and_needs_its_address_and_its_secret() -> None:
    environment = read(**PRODUCTION)
    assert not environment.debug
    assert environment.allowed_hosts == ("queue.example.fi",)


@pytest.mark.parametrize("word", ["1", "true", "Yes", "ON"])
def test_debug_is_on_for_every_word_that_says_so(word: str) -> None:
    assert read(DEBUG=word).debug


@pytest.mark.parametrize("word", ["", "0", "false", "no", "Off"])
def test_debug_is_off_for_every_word_that_says_so(word: str) -> None:
    assert not read(DEBUG=word, **PRODUCTION).debug


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"DEBUG": "maybe"}, "DEBUG must be true or false, not 'maybe'."),
        ({"DEBUG": "1", "PORT": "eighty"}, "PORT must be a number from 1 to 65535, not 'eighty'."),
        ({"DEBUG": "1", "PORT": "0"}, "PORT must be a number from 1 to 65535, not '0'."),
        ({"DEBUG": "1", "PORT": "65536"}, "PORT must be a number from 1 to 65535, not '65536'."),
        (
            {"DEBUG": "1", "PUBLIC_URL": "queue.example.fi"},
            "PUBLIC_URL must look like https://queue.example.fi, not 'queue.example.fi'.",
        ),
        (
            {"DEBUG": "1", "PUBLIC_URL": "https://example.fi/queue"},
            "PUBLIC_URL must look like https://queue.example.fi, not 'https://example.fi/queue'.",
        ),
        (
            {"DEBUG": "1", "ALLOWED_HOSTS": "https://example.fi"},
            "ALLOWED_HOSTS is a list of host names with commas between, without http://, ports or *.",
        ),
        (
            {"DEBUG": "1", "TRUSTED_PROXIES": "proxy"},
            "TRUSTED_PROXIES must be addresses or networks such as 10.0.0.0/8, not 'proxy'.",
        ),
        (
            {"DEBUG": "1", "DATABASE_URL": "mysql://db/queue"},
            "DATABASE_URL must begin with sqlite:// or postgres:// or postgresql://, and its port be a number.",
        ),
        (
            {"DEBUG": "1", "REDIS_URL": "localhost"},
            "REDIS_URL must begin with redis:// or rediss:// or unix://, and its port be a number.",
        ),
        ({"DEBUG": "1", "TRUSTED_PROXIES": "0.0.0.0/0"}, "TRUSTED_PROXIES names everybody: whoever comes could say"),
        ({"DEBUG": "1", "PUBLIC_URL": "http://0.0.0.0:8000"}, "PUBLIC_URL names 0.0.0.0, which no phone can open."),
        (
            {"DEBUG": "1", "METRICS_TOKEN": "short"},
            "METRICS_TOKEN must have at least 20 characters, without spaces, kept secret.",
        ),
        ({"DEBUG": "1", "IDLE_MINUTES": "5"}, "IDLE_MINUTES must be a number from 10 to 720, not '5'."),
        ({"DEBUG": "1", "IDLE_MINUTES": "an hour"}, "IDLE_MINUTES must be a number from 10 to 720, not 'an hour'."),
        (
            {"DEBUG": "1", "REQUIRE_SECOND_FACTOR": "managers"},
            "REQUIRE_SECOND_FACTOR must be true or false, not 'managers'.",
        ),
        (
            {"DEBUG": "1", "KIOSK_TICKETS_A_MINUTE": "0"},
            "KIOSK_TICKETS_A_MINUTE must be a number from 1 to 1000000, not '0'.",
        ),
        (
            {"DEBUG": "1", "ADDRESS_TICKETS_A_MINUTE": "-1"},
            "ADDRESS_TICKETS_A_MINUTE must be a number from 1 to 1000000, not '-1'.",
        ),
        (
            {"DEBUG": "1", "SOCKETS_AN_ADDRESS": "many"},
            "SOCKETS_AN_ADDRESS must be a number from 1 to 1000000, not 'many'.",
        ),
        (
            {"DEBUG": "1", "SOCKETS_A_PROCESS": "1e9"},
            "SOCKETS_A_PROCESS must be a number from 1 to 1000000, not '1e9'.",
        ),
        (
            {"DEBUG": "1", "OIDC_ISSUER": "https://login.example.fi"},
            "Set OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET, or none of them.",
        ),
        (
            {**PRODUCTION, "OIDC_ISSUER": "http://login.example.fi", "OIDC_CLIENT_ID": "a", "OIDC_CLIENT_SECRET": "b"},
            "OIDC_ISSUER must look like https://login.example.fi/staff, not 'http://login.example.fi'.",
        ),
        (
            {"DEBUG": "1", "PLAIN_WAYS": "timestamps, time"},
            "PLAIN_WAYS names 'time', which is no fast path. It may name ",
        ),
        ({"SECRET_KEY": SECRET}, "PUBLIC_URL must be set outside debug: the address that visitors' phones open."),
    ],
)
def test_nonsense_is_refused_with_one_sentence(variables: dict[str, str], sentence: str) -> None:
    assert refusal(**variables).startswith(sentence)


@pytest.mark.parametrize(
    "url",
    [
        "https://queue.example.fi#desk", "https://queue.example.fi?", "https://me@queue.example.fi", "https://",
        "https://queue.example.fi:99999", "https://queue.example.fi:x", "https://queue example.fi", "https://-", "ftp://x",
        "https://[::1", "https://queue.example.fi:0",
    ],
)  # fmt: skip
def test_a_public_address_is_a_site_and_nothing_more(url: str) -> None:
    assert refusal(DEBUG="1", PUBLIC_URL=url) == f"PUBLIC_URL must look like https://queue.example.fi, not {url!r}."


@pytest.mark.parametrize("url", ["https://queue.example.fi", "http://192.168.1.20:8000", "http://[fd00::7]:8000"])
def test_a_public_address_may_be_a_name_or_a_number(url: str) -> None:
    assert read(DEBUG="1", PUBLIC_URL=f"{url}/").public_url == url


@pytest.mark.parametrize("hosts", ["*", ".", "queue.example.fi:8000", "a b", "x/y"])
def test_no_host_is_everybody(hosts: str) -> None:
    assert refusal(DEBUG="1", ALLOWED_HOSTS=hosts).startswith("ALLOWED_HOSTS is a list of host names")


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("DATABASE_URL", "sqlite://"), ("DATABASE_URL", "sqlite://:memory:"), ("DATABASE_URL", "sqlite:///here.sqlite3"),
        ("DATABASE_URL", "postgresql://me:hush@host"), ("DATABASE_URL", "postgresql://me:hush@host:five/name"),
        ("REDIS_URL", "redis://"), ("REDIS_URL", "redis://host/first"), ("REDIS_URL", "redis://host:port/0"),
    ],
)  # fmt: skip
def test_a_store_that_cannot_be_is_refused_without_its_password(name: str, url: str) -> None:
    said = refusal(DEBUG="1", **{name: url})
    assert said.startswith(f"{name} must ")
    assert "hush" not in said


def test_an_empty_file_is_no_value(tmp_path: Path) -> None:
    """Otherwise a mount that has failed would make an SQLite file of what should be PostgreSQL."""
    empty = tmp_path / "database_url"
    empty.write_text("\n")
    assert refusal(DEBUG="1", DATABASE_URL_FILE=str(empty)).endswith("which is empty.")


@pytest.mark.parametrize("key", ["", "too short", "x" * 60, DEBUG_SECRET_KEY])
def test_no_secret_has_a_default_outside_debug(key: str) -> None:
    assert "SECRET_KEY must be set outside debug" in refusal(PUBLIC_URL="https://queue.example.fi", SECRET_KEY=key)


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{SECRET}\n")
    assert read(PUBLIC_URL="https://queue.example.fi", SECRET_KEY_FILE=str(file)).secret_key == SECRET


def test_a_value_and_its_file_at_once_are_refused(tmp_path: Path) -> None:
    assert refusal(DEBUG="1", PORT="8001", PORT_FILE=str(tmp_path)) == "Set PORT or PORT_FILE, not both."


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    assert "which can't be read" in refusal(DEBUG="1", SECRET_KEY_FILE=str(tmp_path / "nowhere"))


def test_listening_everywhere_is_no_address_to_open() -> None:
    assert read(DEBUG="1", HOST="0.0.0.0", PORT="9000").public_url == "http://127.0.0.1:9000"


def test_proxies_are_addresses_or_networks() -> None:
    proxies = read(DEBUG="1", TRUSTED_PROXIES="10.0.0.0/8, ::1").trusted_proxies
    assert proxies == (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("::1"))


def test_fast_paths_are_switched_off_by_name_or_all_together() -> None:
    assert read(DEBUG="1").plain_ways == frozenset()
    assert read(DEBUG="1", PLAIN_WAYS="timestamps,daphne_limits").plain_ways == {"timestamps", "daphne_limits"}
    assert read(DEBUG="1", PLAIN_WAYS="all").plain_ways == frozenset(PATHS)
