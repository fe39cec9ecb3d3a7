"""Logs without people: no address, no token, no query string, and no word that anybody wrote.

What a library wants to say is kept as its template; what it would fill in is let through only
where it can't carry a person's data. An exception is told by its type and the places that it
passed, never by its message: a database's message quotes the row that it refused.
"""

from __future__ import annotations

import contextlib
import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import structlog

Event = MutableMapping[str, Any]

# fmt: off
PRIVATE_KEYS = frozenset({
    "address", "addr", "authorization", "body", "client", "client_addr", "cookie", "cookies", "email",
    "headers", "ip", "nickname", "note", "password", "peer", "peername", "query", "query_string", "referer",
    "remote", "remote_addr", "request", "secret", "session", "text", "token", "user_agent", "username",
})
# fmt: on
HIDDEN = "…"
_FRAMES_SHOWN = 8
_OURS = {"notalone", "chat", "staff"}

_SCRUBBERS = (
    re.compile(r"\?[^\s\"']+"),  # query strings
    re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b"),  # IPv4, with or without a port
    re.compile(
        r"\[?(?:[0-9A-Fa-f:]*::[0-9A-Fa-f:.]*|(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4})\]?(?::\d+)?"
    ),  # IPv6
    re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"),  # mail addresses
    re.compile(r"[A-Za-z0-9_\-]{20,}(?![\w./])"),  # tokens, keys, ids
)
_QUIET = {
    "daphne": logging.WARNING,
    "uvicorn": logging.WARNING,
    "uvicorn.access": logging.CRITICAL,
    "twisted": logging.WARNING,
    "asyncio": logging.WARNING,
    "django": logging.WARNING,
    "django.request": logging.ERROR,  # a 404 is no news, and its path may hold an id
    "django.security.DisallowedHost": logging.CRITICAL,
    "django.server": logging.CRITICAL,
    "httpx": logging.WARNING,
}


def configure(log_format: str = "json", level: int = logging.INFO) -> None:
    """Send every log line, ours and the libraries', through the scrubbers to standard error.

    ``log_format`` is ``json``, one object a line, or ``console``.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            pass_foreign_args=True,
            foreign_pre_chain=[mask_arguments, *_shared()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(log_format)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, quiet in _QUIET.items():
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(quiet)
    # a 503 that a view answers on purpose is no failure: only what was raised is told
    logging.getLogger("django.request").addFilter(_was_raised)
    logging.captureWarnings(True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def _was_raised(record: logging.LogRecord) -> bool:
    return record.exc_info is not None


def _shared() -> list[Any]:
    return [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        tell_exception_without_words,
        drop_private,
    ]


def _renderer(log_format: str) -> Any:
    if log_format == "console":
        return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    return structlog.processors.JSONRenderer(ensure_ascii=False)


def mask_arguments(_: Any, __: str, event: Event) -> Event:
    """Keep a library's template, its first line only, and of what fills it in numbers alone."""
    record: logging.LogRecord = event["_record"]
    arguments = event.pop("positional_args", ())
    template = str(record.msg).partition("\n")[0]
    if isinstance(arguments, tuple) and arguments:
        is_ours = record.name.partition(".")[0] in _OURS
        with contextlib.suppress(TypeError, ValueError):  # a template that wanted another type stays unfilled
            template = template % tuple(_masked(argument, is_ours) for argument in arguments)
    if record.name == "django.request":  # "Internal Server Error: /the/path"
        template = f"answered {getattr(record, 'status_code', 500)}"
    if record.name == "py.warnings":  # "file:line: Category: words"
        template = ": ".join(template.split(": ")[:2])
    event["event"] = template
    return event


def _masked(argument: object, is_ours: bool) -> object:
    # exact types: a subclass may print anything
    if type(argument) in {int, float, bool, type(None)}:
        return argument
    # our own lines name types, parts and codes, never what a person wrote
    if is_ours and type(argument) is str and re.fullmatch(r"[A-Za-z_][\w.]{0,39}", argument):
        return argument
    return _Hidden()


class _Hidden:
    """Stand in for any argument, in ``%s``, ``%r`` and ``%d`` alike."""

    def __str__(self) -> str:
        return HIDDEN

    __repr__ = __str__


def tell_exception_without_words(_: Any, __: str, event: Event) -> Event:
    """Turn ``exc_info`` into the exception's type and the places that it passed."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if isinstance(info, tuple) and info[0] is not None:
        event["error"] = _chain(info[1])
        event["at"] = _places(info[2])
    event.pop("stack_info", None)
    return event


def _chain(error: BaseException | None) -> str:
    names: list[str] = []
    while error is not None and len(names) < 5:
        names.append(type(error).__name__)
        error = error.__cause__ or error.__context__
    return " from ".join(names)


def _places(tb: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(tb)[-_FRAMES_SHOWN:]
    return [f"{'/'.join(frame.filename.split('/')[-3:])}:{frame.lineno} {frame.name}" for frame in frames]


def drop_private(_: Any, __: str, event: Event) -> Event:
    """Drop what is named like a person's data, and scrub what looks like it."""
    for key in [key for key in event if key.lower() in PRIVATE_KEYS]:
        del event[key]
    for key, value in event.items():
        if isinstance(value, str) and key not in {"logger", "timestamp", "level", "error"}:
            event[key] = scrub(value)
    return event


def scrub(text: str) -> str:
    """Hide addresses, query strings and anything long enough to be a token."""
    for pattern in _SCRUBBERS:
        text = pattern.sub(HIDDEN, text)
    return text
