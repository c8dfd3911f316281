"""What the environment says, read once at start. Nonsense stops the start with one clear sentence."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ImproperlyConfigured

from queuesite.fast_paths import PATHS

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

DEBUG_SECRET_KEY = "only-for-debug-never-in-production-0123456789-abcdefghijklmnop"  # noqa: S105 - refused outside debug
LAST_PORT = 65535
SHORTEST_SECRET_KEY = 50
FEWEST_CHARACTERS = 10
"""Different ones in a secret key; fewer are no random ones."""
HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?|[0-9a-f:]*:[0-9a-f:.]*", re.IGNORECASE)
NOWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
DATABASE_SCHEMES = ("sqlite", "postgres", "postgresql")
REDIS_SCHEMES = ("redis", "rediss", "unix")
TRUE_WORDS = ("1", "true", "yes", "on")
FALSE_WORDS = ("", "0", "false", "no", "off")
ALL = "all"
EXAMPLES = {
    "DEBUG": "true",
    "HOST": "127.0.0.1",
    "PORT": "8000",
    "PUBLIC_URL": "https://queue.example.fi",
    "ALLOWED_HOSTS": "queue.example.fi",
    "TRUSTED_PROXIES": "127.0.0.1",
    "SECRET_KEY": "(what openssl rand -hex 40 says)",
    "DATABASE_URL": "postgresql:///queuesite",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "METRICS_TOKEN": "(what openssl rand -hex 24 says)",
    "IDLE_MINUTES": "60",
    "REQUIRE_SECOND_FACTOR": "true",
    "OIDC_ISSUER": "https://login.example.fi/realms/staff",
    "OIDC_CLIENT_ID": "queuesite",
    "OIDC_CLIENT_SECRET": "(what the provider says)",
    "KIOSK_TICKETS_A_MINUTE": "12",
    "ADDRESS_TICKETS_A_MINUTE": "60",
    "SOCKETS_AN_ADDRESS": "1000",
    "SOCKETS_A_PROCESS": "10000",
    "PLAIN_WAYS": "timestamps",
}
"""Every setting, with a value to copy."""


class SettingRefused(ImproperlyConfigured):
    """One sentence that says what the setting called `name` should be."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = name


@dataclass(frozen=True, slots=True)
class Environment:
    """The settings an operator may give. `docs/settings.md` explains each."""

    debug: bool
    host: str
    port: int
    public_url: str  # scheme and host, no slash at the end
    allowed_hosts: tuple[str, ...]
    trusted_proxies: tuple[IPNetwork, ...]
    secret_key: str
    database_url: str
    redis_url: str  # empty: one process, the in-process layer
    metrics_token: str  # empty: /metrics is for this machine only
    idle_minutes: int  # without a press, until whoever signed in has to do so again
    second_factor_required: bool  # of managers and administrators
    oidc: tuple[str, str, str] | None  # single sign-on: issuer, client id, client secret
    kiosk_tickets: int  # a minute, at most
    address_tickets: int  # a minute, at most, by all kiosks behind one address
    address_sockets: int  # at once, in one process
    process_sockets: int  # at once
    plain_ways: frozenset[str]  # fast paths that are not taken

    @classmethod
    def read(cls, variables: Mapping[str, str], *, var: Path) -> "Environment":
        """Read and check every variable. Raises SettingRefused."""
        debug = _flag(variables, "DEBUG")
        host = _text(variables, "HOST") or "127.0.0.1"
        port = _port(variables)
        public_url = _public_url(variables, default=f"http://{_url_host(host)}:{port}", debug=debug)
        return cls(
            debug=debug,
            host=host,
            port=port,
            public_url=public_url,
            allowed_hosts=_allowed_hosts(variables, public_url=public_url, host=host, debug=debug),
            trusted_proxies=_networks(variables, "TRUSTED_PROXIES"),
            secret_key=_secret_key(variables, debug=debug),
            database_url=_database_url(variables) or f"sqlite:///{var / 'queuesite.sqlite3'}",
            redis_url=_redis_url(variables),
            metrics_token=_metrics_token(variables),
            idle_minutes=_number(variables, "IDLE_MINUTES", 60, at_least=10, at_most=720),
            second_factor_required=_flag(variables, "REQUIRE_SECOND_FACTOR"),
            oidc=_oidc(variables, debug=debug),
            kiosk_tickets=_number(variables, "KIOSK_TICKETS_A_MINUTE", 12),
            address_tickets=_number(variables, "ADDRESS_TICKETS_A_MINUTE", 60),
            address_sockets=_number(variables, "SOCKETS_AN_ADDRESS", 1000),
            process_sockets=_number(variables, "SOCKETS_A_PROCESS", 10000),
            plain_ways=_plain_ways(variables),
        )


def _text(variables: Mapping[str, str], name: str) -> str:
    """The value of NAME, or of the file that NAME_FILE points at (a mounted secret). Both at once is refused."""
    value = variables.get(name, "").strip()
    path = variables.get(f"{name}_FILE", "").strip()
    if not path:
        return value
    if value:
        raise SettingRefused(name, f"Set {name} or {name}_FILE, not both.")
    try:
        value = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingRefused(name, f"{name}_FILE names {path!r}, which can't be read: {error}.") from error
    if not value:
        raise SettingRefused(name, f"{name}_FILE names {path!r}, which is empty.")
    return value


def _list(variables: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in _text(variables, name).split(",") if part.strip())


def _flag(variables: Mapping[str, str], name: str) -> bool:
    word = _text(variables, name).lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise SettingRefused(name, f"{name} must be true or false, not {word!r}.")


def _port(variables: Mapping[str, str]) -> int:
    word = _text(variables, "PORT") or "8000"
    if not (word.isascii() and word.isdigit() and 0 < int(word) <= LAST_PORT):
        raise SettingRefused("PORT", f"PORT must be a number from 1 to 65535, not {word!r}.")
    return int(word)


def _number(
    variables: Mapping[str, str], name: str, default: int, *, at_least: int = 1, at_most: int = 1_000_000
) -> int:
    word = _text(variables, name) or str(default)
    if not (word.isascii() and word.isdigit() and at_least <= int(word) <= at_most):
        raise SettingRefused(name, f"{name} must be a number from {at_least} to {at_most}, not {word!r}.")
    return int(word)


def _oidc(variables: Mapping[str, str], *, debug: bool) -> tuple[str, str, str] | None:
    """All three, or none. Whoever can change what the issuer says can sign in as anybody: outside debug it has TLS."""
    given = tuple(_text(variables, f"OIDC_{name}") for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET"))
    if not any(given):
        return None
    issuer, client, secret = given
    if not (issuer and client and secret):
        raise SettingRefused("OIDC_ISSUER", "Set OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET, or none of them.")
    parts = urlsplit(issuer)
    if not parts.hostname or parts.query or parts.scheme not in (("https", "http") if debug else ("https",)):
        raise SettingRefused(
            "OIDC_ISSUER", f"OIDC_ISSUER must look like https://login.example.fi/staff, not {issuer!r}."
        )
    return issuer, client, secret


def _url_host(host: str) -> str:
    """How a listening address is written in a link: 0.0.0.0 listens everywhere but is no address to open."""
    if host in (*NOWHERE, ""):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _public_url(variables: Mapping[str, str], *, default: str, debug: bool) -> str:
    value = _text(variables, "PUBLIC_URL")
    if not value:
        if not debug:
            raise SettingRefused(
                "PUBLIC_URL", "PUBLIC_URL must be set outside debug: the address that visitors' phones open."
            )
        return default
    parts = _parts(value)
    if parts is None or parts.scheme not in ("http", "https") or parts.path.strip("/") or not _is_site(value, parts):
        raise SettingRefused("PUBLIC_URL", f"PUBLIC_URL must look like https://queue.example.fi, not {value!r}.")
    if parts.hostname in NOWHERE:
        raise SettingRefused("PUBLIC_URL", f"PUBLIC_URL names {parts.hostname}, which no phone can open.")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _parts(value: str) -> SplitResult | None:
    """The parts of an address with a usable port, or None."""
    try:
        parts = urlsplit(value)
        usable = parts.port != 0
    except ValueError:
        return None
    return parts if usable else None


def _is_site(value: str, parts: SplitResult) -> bool:
    """Whether it names a host that can be, and no more than that."""
    more = "?" in value or "#" in value or "@" in parts.netloc
    return not more and bool(HOST_NAME.fullmatch(parts.hostname or ""))


def _allowed_hosts(variables: Mapping[str, str], *, public_url: str, host: str, debug: bool) -> tuple[str, ...]:
    """Whoever opens the public address is always let in; in debug also this machine and the address it listens on."""
    hosts = list(_list(variables, "ALLOWED_HOSTS"))
    if not all(HOST_NAME.fullmatch(name.strip("[].")) for name in hosts):
        raise SettingRefused(
            "ALLOWED_HOSTS",
            "ALLOWED_HOSTS is a list of host names with commas between, without http://, ports or *.",
        )
    hosts.append(urlsplit(public_url).hostname or "")
    if debug:
        hosts += ["localhost", "127.0.0.1", "[::1]", _url_host(host)]
    return tuple(dict.fromkeys(hosts))


def _networks(variables: Mapping[str, str], name: str) -> tuple[IPNetwork, ...]:
    networks = []
    for part in _list(variables, name):
        try:
            network = ipaddress.ip_network(part)
        except ValueError as error:
            raise SettingRefused(
                name, f"{name} must be addresses or networks such as 10.0.0.0/8, not {part!r}."
            ) from error
        if network.prefixlen == 0:
            raise SettingRefused(name, f"{name} names everybody: whoever comes could say to be somebody else.")
        networks.append(network)
    return tuple(networks)


def _plain_ways(variables: Mapping[str, str]) -> frozenset[str]:
    names = _list(variables, "PLAIN_WAYS")
    for name in names:
        if name not in (*PATHS, ALL):
            known = ", ".join((ALL, *sorted(PATHS)))
            raise SettingRefused(
                "PLAIN_WAYS", f"PLAIN_WAYS names {name!r}, which is no fast path. It may name {known}."
            )
    return frozenset(PATHS if ALL in names else names)


def _secret_key(variables: Mapping[str, str], *, debug: bool) -> str:
    key = _text(variables, "SECRET_KEY")
    if not key and debug:
        return DEBUG_SECRET_KEY
    if len(key) < SHORTEST_SECRET_KEY or len(set(key)) < FEWEST_CHARACTERS or key == DEBUG_SECRET_KEY:
        raise SettingRefused(
            "SECRET_KEY", "SECRET_KEY must be set outside debug: at least 50 random characters, kept secret."
        )
    return key


def _metrics_token(variables: Mapping[str, str]) -> str:
    token = _text(variables, "METRICS_TOKEN")
    if token and not re.fullmatch(r"[\x21-\x7e]{20,}", token):
        raise SettingRefused(
            "METRICS_TOKEN", "METRICS_TOKEN must have at least 20 characters, without spaces, kept secret."
        )
    return token


def _url(variables: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str:
    value = _text(variables, name)
    parts = _parts(value)
    if value and (parts is None or parts.scheme not in schemes):
        wanted = " or ".join(f"{scheme}://" for scheme in schemes)
        raise SettingRefused(name, f"{name} must begin with {wanted}, and its port be a number.")
    return value


def _database_url(variables: Mapping[str, str]) -> str:
    """Its own text is in no refusal: a password may stand in it."""
    value = _url(variables, "DATABASE_URL", DATABASE_SCHEMES)
    parts = urlsplit(value)
    if parts.scheme == "sqlite" and (parts.netloc or not parts.path.startswith("//")):
        raise SettingRefused("DATABASE_URL", "DATABASE_URL must name SQLite's file in full: sqlite:////path/to/file.")
    if value and not parts.path.strip("/"):
        raise SettingRefused("DATABASE_URL", "DATABASE_URL must name a database: postgresql://user:password@host/name.")
    return value


def _redis_url(variables: Mapping[str, str]) -> str:
    value = _url(variables, "REDIS_URL", REDIS_SCHEMES)
    parts = urlsplit(value)
    number = parts.path.strip("/")
    if value and parts.scheme != "unix" and (not parts.hostname or (number and not number.isdecimal())):
        raise SettingRefused("REDIS_URL", "REDIS_URL must look like redis://host:6379/0.")
    return value
