"""Everything that the environment can say, read once, typed; what is wrong is said in one line."""

from __future__ import annotations

import ipaddress
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError

from chat.store.connection import owner_options, servers_of

ROOT = Path(__file__).resolve().parent.parent
_SMTP_PORTS = {"smtp": 25, "smtps": 465, "smtp+tls": 587}
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Environment:
    """The settings from outside. Durations in seconds unless the name says otherwise."""

    demo: bool
    data: Path
    database: dict[str, Any]
    redis_url: str
    secret_key: str
    content_keys: str
    allowed_hosts: list[str]
    trusted_origins: list[str]
    clock: datetime | None
    clock_anchor: float | None
    messages_per_minute: int
    entries_per_hour: int
    db_threads: int
    trusted_proxies: int
    metrics_networks: list[Network]
    metrics_token: str
    log_format: str
    place_kept_s: int
    counselor_grace_s: int
    second_factor: bool
    mail: dict[str, Any]
    mail_from: str
    site: str
    report_small: int


def read(env: Env) -> Environment:
    """Read the environment, or raise ImproperlyConfigured with one line that names the variable."""
    try:
        return _read(env)
    except EnvError as error:
        raise ImproperlyConfigured(str(error)) from error


def _read(env: Env) -> Environment:
    demo = env.bool("NOTALONE_DEMO", False)
    data = Path(env.str("NOTALONE_DATA", str(ROOT / ".data")))
    clock = _instant(env.str("NOTALONE_CLOCK", ""))
    if clock and not demo:
        raise ImproperlyConfigured(
            "NOTALONE_CLOCK shifts the clock and is for the demo only: unset it, or set NOTALONE_DEMO=1."
        )
    return Environment(
        demo=demo,
        data=data,
        database=database(env.str("DATABASE_URL", "") or _sqlite_url(data)),
        redis_url=env.str("REDIS_URL", "") or f"unix://{data / 'redis.sock'}",
        secret_key=env.str("SECRET_KEY", "") or _demo_secret(demo, data, "SECRET_KEY", "secret-key"),
        content_keys=env.str("NOTALONE_CONTENT_KEYS", "")
        or _demo_secret(demo, data, "NOTALONE_CONTENT_KEYS", "content-keys"),
        allowed_hosts=env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
        if demo
        else env.list("ALLOWED_HOSTS"),
        trusted_origins=env.list("CSRF_TRUSTED_ORIGINS", []),
        clock=clock,
        clock_anchor=env.float("NOTALONE_CLOCK_ANCHOR", None),
        messages_per_minute=_count(env, "NOTALONE_MESSAGES_PER_MINUTE", 100),
        entries_per_hour=_count(env, "NOTALONE_ENTRIES_PER_HOUR", 60),
        db_threads=max(1, _count(env, "NOTALONE_DB_THREADS", 8)),
        trusted_proxies=_count(env, "NOTALONE_TRUSTED_PROXIES", 0),
        metrics_networks=_networks(env, "NOTALONE_METRICS_NETWORKS", ["127.0.0.0/8", "::1/128"]),
        metrics_token=env.str("NOTALONE_METRICS_TOKEN", ""),
        log_format=env.str("NOTALONE_LOG_FORMAT", "console" if demo else "json"),
        place_kept_s=_count(env, "NOTALONE_PLACE_KEPT_SECONDS", 600),
        counselor_grace_s=_count(env, "NOTALONE_COUNSELOR_GRACE_SECONDS", 60),
        second_factor=_second_factor(env.bool("NOTALONE_SECOND_FACTOR", not demo), demo),
        report_small=_count(env, "NOTALONE_REPORT_SMALL", 5),
        **_mail(env),
    )


def _second_factor(is_demanded: bool, demo: bool) -> bool:
    if not is_demanded and not demo:
        raise ImproperlyConfigured("NOTALONE_SECOND_FACTOR can be turned off in demo mode only: unset it.")
    return is_demanded


def _sqlite_url(data: Path) -> str:
    return f"sqlite:///{quote(str(data / 'notalone.sqlite3'))}"


def _mail(env: Env) -> dict[str, Any]:
    """Read how mail goes out: ``smtp://``, ``smtps://`` (TLS at once) or ``smtp+tls://`` (STARTTLS)."""
    url, site = env.str("NOTALONE_MAIL_URL", ""), env.str("NOTALONE_SITE", "")
    parts = urlsplit(url)
    if url and (parts.scheme not in _SMTP_PORTS or not parts.hostname):
        raise ImproperlyConfigured("NOTALONE_MAIL_URL starts with smtp://, smtps:// or smtp+tls://.")
    if url and not site.startswith(("http://", "https://")):
        raise ImproperlyConfigured(
            "NOTALONE_SITE is needed where mail goes out: https://SITE, for its links."
        )
    mail = {
        "host": parts.hostname or "",
        "port": parts.port or _SMTP_PORTS.get(parts.scheme, 25),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_ssl": parts.scheme == "smtps",
        "use_tls": parts.scheme == "smtp+tls",
    }
    sender = env.str("NOTALONE_MAIL_FROM", f"noreply@{urlsplit(site).hostname or 'localhost'}")
    return {"mail": mail, "mail_from": sender, "site": site.rstrip("/")}


def _count(env: Env, name: str, default: int) -> int:
    value: int = env.int(name, default)
    if value < 0:
        raise ImproperlyConfigured(f"{name} is a count: 0 or more, not {value}.")
    return value


def _networks(env: Env, name: str, default: list[str]) -> list[Network]:
    try:
        return [ipaddress.ip_network(text.strip()) for text in env.list(name, default)]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} lists networks such as 10.0.0.0/8: {error}.") from error


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise ImproperlyConfigured(
            f"NOTALONE_CLOCK is an instant with an offset, such as 2024-12-28T16:30:00+09:00, not {text!r}."
        )
    return instant


def _demo_secret(demo: bool, data: Path, name: str, filename: str) -> str:
    if not demo:
        raise ImproperlyConfigured(f"{name} is required: set it to a long random text and keep it secret.")
    path = data / filename
    try:
        if not path.exists():
            data.mkdir(parents=True, exist_ok=True)
            with path.open("x") as file:
                path.chmod(0o600)
                file.write("demo:" + secrets.token_hex(32))
        return path.read_text()
    except FileExistsError:  # another process of the same start was first
        return path.read_text()
    except OSError as error:
        raise ImproperlyConfigured(f"NOTALONE_DATA: can't write {path}: {error.strerror}.") from error


def layer_hosts(redis_url: str, namespace: str) -> list[dict[str, Any]]:
    """Give ``REDIS_URL`` in the form that the Channels layer reads."""
    try:
        servers = servers_of(redis_url)
    except ValueError as error:
        raise ImproperlyConfigured(f"REDIS_URL: {error}") from error
    if servers is None:
        return [{"address": redis_url}]
    if servers.scheme != "sentinel":
        return [owner_options(servers, namespace)]
    login = servers.login
    return [{"sentinels": list(servers.hosts), "master_name": servers.service, "db": servers.db, **login}]


def database(url: str) -> dict[str, Any]:
    """Give Django's settings for ``sqlite:///PATH`` or ``postgres://USER:PASSWORD@HOST:PORT/NAME``.

    PostgreSQL over a Unix socket: ``postgres:///NAME?host=/folder``.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:]) or ":memory:",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 5,
                # FULL: an acked message survives a power cut
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
        }
    if parts.scheme in {"postgres", "postgresql"}:
        options = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
        host = unquote(options.pop("host", "")) or parts.hostname or ""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path[1:]),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": host,
            "PORT": str(parts.port or options.pop("port", "")),
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {name: unquote(value) for name, value in options.items()},
        }
    raise ImproperlyConfigured("DATABASE_URL starts with sqlite:/// or postgres://.")
