"""What the environment says, read once and typed. Everything has a default: the program runs with nothing configured.

Every variable is named in `docs/reference/settings.md`; a test holds the two in step.
"""

import base64
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

VARIABLES = {
    "DATABASE_URL": "a PostgreSQL 15 or newer; without it a private one is started in the state folder",
    "OPENCONSULAR_STATE": "the one folder for everything the program writes",
    "OPENCONSULAR_PROFILE": "the country profile (default cn)",
    "OPENCONSULAR_SECRETS": "a JSON file of keys; without it one is made in the state folder",
    "OPENCONSULAR_HOSTS": "host names served, separated by commas",
    "OPENCONSULAR_PORT": "the port of `openconsular up` and `web` (default 8000)",
    "OPENCONSULAR_WEB_PROCESSES": "how many processes serve the site (default: one a core, at most 4)",
    "OPENCONSULAR_PROXIES": "addresses or networks of the proxies in front, separated by commas (default 127.0.0.1)",
    "OPENCONSULAR_INNER_FEEDS": "hosts of feeds inside one's own network, separated by commas; others must be public",
    "OPENCONSULAR_PUBLIC_URL": "the address people know, for links in messages",
    "OPENCONSULAR_SHORT_URL": "the one short address of answer links",
    "OPENCONSULAR_SMS_URL": "smpp://user:password@host:port; without it messages go to the console twin",
    "OPENCONSULAR_EMAIL_URL": "smtp://user:password@host:port or smtps://; without it the console twin",
    "OPENCONSULAR_EMAIL_FROM": "the sender of e-mails",
    "OPENCONSULAR_SMS_SENDER": "the sender shown on SMS",
    "OPENCONSULAR_DRILL": "set by drills and the demonstration: synthetic people only, no live gateway",
    "OPENCONSULAR_CERTIFICATES": "live: health certificates count; test (default): they are for trying out",
    "OPENCONSULAR_TOKEN_MODULE": "the library of a PKCS#11 token that holds signing keys",
    "OPENCONSULAR_TOKEN_LABEL": "the label of that token",
    "OPENCONSULAR_TOKEN_PIN": "its PIN",
    "OPENCONSULAR_METRICS_TOKEN": "lets a Prometheus on another machine read /metrics",
    "OPENCONSULAR_DEBUG": "1 shows errors with their details; never in service",
    "OPENCONSULAR_INSECURE_HTTP": "1 allows plain HTTP (the demonstration does); else HTTPS is required",
}


# Each holds some 150 MB; beyond this a second machine does more good.
MOST_WEB_PROCESSES = 4


@dataclass(frozen=True)
class Keys:
    """The secrets of one installation. `field_keys` maps a key number (1-255) to 32 bytes; the highest writes."""

    secret_key: str
    field_keys: dict[int, bytes]
    lookup_key: bytes
    link_key: bytes
    audit_key: bytes


@dataclass(frozen=True)
class Environment:
    state: Path
    database_url: str
    profile: str
    secrets_file: Path
    keys: Keys
    hosts: list[str]
    port: int
    web_processes: int
    proxies: list[str]
    inner_feeds: list[str]
    public_url: str
    short_url: str
    sms_url: str
    email_url: str
    email_from: str
    sms_sender: str
    is_drill: bool
    is_debug: bool
    is_plain_http: bool
    metrics_token: str
    certificates: str
    pkcs11_module: str
    pkcs11_token: str
    pkcs11_pin: str
    terminal_language: str


def state_folder() -> Path:
    """The state folder: as configured, inside a checkout `.state`, else the user's state directory."""
    configured = os.environ.get("OPENCONSULAR_STATE")
    if configured:
        return Path(configured).expanduser().resolve()
    checkout = Path(__file__).parents[3]
    if (checkout / "pyproject.toml").exists() and (checkout / "Makefile").exists():
        return checkout / ".state"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "openconsular"


def read() -> Environment:
    state = state_folder()
    state.mkdir(parents=True, exist_ok=True)
    secrets_file = Path(os.environ.get("OPENCONSULAR_SECRETS") or state / "secrets.json")
    port = int(os.environ.get("OPENCONSULAR_PORT", "8000"))
    public_url = os.environ.get("OPENCONSULAR_PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/")
    return Environment(
        state=state,
        database_url=os.environ.get("DATABASE_URL", ""),
        profile=os.environ.get("OPENCONSULAR_PROFILE", "cn"),
        secrets_file=secrets_file,
        keys=_keys(secrets_file),
        hosts=hosts(os.environ.get("OPENCONSULAR_HOSTS", "")),
        port=port,
        web_processes=int(
            os.environ.get("OPENCONSULAR_WEB_PROCESSES") or min(os.cpu_count() or 1, MOST_WEB_PROCESSES)
        ),
        proxies=_listed("OPENCONSULAR_PROXIES", "127.0.0.1"),
        inner_feeds=_listed("OPENCONSULAR_INNER_FEEDS", ""),
        public_url=public_url,
        short_url=os.environ.get("OPENCONSULAR_SHORT_URL", public_url).rstrip("/"),
        sms_url=os.environ.get("OPENCONSULAR_SMS_URL", ""),
        email_url=os.environ.get("OPENCONSULAR_EMAIL_URL", ""),
        email_from=os.environ.get("OPENCONSULAR_EMAIL_FROM", "no-reply@consular.example"),
        sms_sender=os.environ.get("OPENCONSULAR_SMS_SENDER", "CONSULAR"),
        is_drill=_is_set("OPENCONSULAR_DRILL"),
        is_debug=_is_set("OPENCONSULAR_DEBUG"),
        is_plain_http=_is_set("OPENCONSULAR_INSECURE_HTTP") or public_url.startswith("http://127.0.0.1"),
        metrics_token=os.environ.get("OPENCONSULAR_METRICS_TOKEN", ""),
        certificates="live" if os.environ.get("OPENCONSULAR_CERTIFICATES", "").lower() == "live" else "test",
        pkcs11_module=os.environ.get("OPENCONSULAR_TOKEN_MODULE", ""),
        pkcs11_token=os.environ.get("OPENCONSULAR_TOKEN_LABEL", ""),
        pkcs11_pin=os.environ.get("OPENCONSULAR_TOKEN_PIN", ""),
        terminal_language="zh-hans" if _locale().startswith("zh") else "en",
    )


def hosts(named: str) -> list[str]:
    """The host names served: those named, and always this machine's own, by which its probes ask."""
    return [*(one.strip() for one in named.split(",") if one.strip()), "127.0.0.1", "localhost", "[::1]"]


def _listed(name: str, default: str) -> list[str]:
    return [one.strip() for one in os.environ.get(name, default).split(",") if one.strip()]


def _is_set(name: str) -> bool:
    return os.environ.get(name, "").lower() in {"1", "true", "yes"}


def _locale() -> str:
    """The terminal's language, by POSIX precedence."""
    return os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""


def _keys(path: Path) -> Keys:
    if not path.exists():
        _make_keys(path)
    raw = json.loads(path.read_text())
    return Keys(
        secret_key=raw["secret_key"],
        field_keys={int(number): base64.b64decode(key) for number, key in raw["field_keys"].items()},
        lookup_key=base64.b64decode(raw["lookup_key"]),
        link_key=base64.b64decode(raw["link_key"]),
        audit_key=base64.b64decode(raw["audit_key"]),
    )


def _make_keys(path: Path) -> None:
    def key() -> str:
        return base64.b64encode(secrets.token_bytes(32)).decode()

    fresh = {
        "secret_key": secrets.token_urlsafe(48),
        "field_keys": {"1": key()},
        "lookup_key": key(),
        "link_key": key(),
        "audit_key": key(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    # Two processes may start at once: write aside, then link, so that the first one wins whole.
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(fresh, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
