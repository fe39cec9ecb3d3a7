"""The log tells what happened and where, and nothing about anyone."""

import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from notalone.logging import _QUIET, configure, scrub


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Configure the log as a process does, into a buffer; put everything back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    before = {name: (logging.getLogger(name).level, logging.getLogger(name).filters[:]) for name in _QUIET}
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    configure("json")
    yield written
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, (its_level, its_filters) in before.items():
        logging.getLogger(name).setLevel(its_level)
        logging.getLogger(name).filters[:] = its_filters
    logging.captureWarnings(False)
    structlog.reset_defaults()


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


@pytest.mark.parametrize(
    "private",
    [
        "203.0.113.7",
        "203.0.113.7:55321",
        "2001:db8::7",
        "[2001:db8:0:1::7]:443",
        "::1",
        "vera@example.jp",
        "?token=abc&note=help",
        "Zx9_kQ3vT7-bN2mL5pR8",
    ],
)
def test_what_looks_like_a_person_is_scrubbed(private: str) -> None:
    assert private not in scrub(f"before {private} after")
    assert scrub(f"before {private} after").startswith("before ")


@pytest.mark.parametrize(
    "harmless", ["the queue was rebuilt", "daphne listens on port 8000", "12:30:05", "chat.hub"]
)
def test_what_names_nobody_is_kept(harmless: str) -> None:
    assert scrub(harmless) == harmless


def test_a_library_s_arguments_are_hidden_but_for_numbers(log: io.StringIO) -> None:
    logging.getLogger("some.library").warning("refused %s after %d tries", "鯨のことば", 3)
    assert lines(log)[0]["event"] == "refused … after 3 tries"


def test_a_library_s_second_line_is_left_out(log: io.StringIO) -> None:
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: <鯨のことば>")
    assert lines(log)[0]["event"] == "Task exception was never retrieved"


def test_our_own_lines_may_name_a_type(log: io.StringIO) -> None:
    logging.getLogger("chat.hub").warning("a listener failed on %s", "MessagePosted")
    assert lines(log)[0]["event"] == "a listener failed on MessagePosted"


def test_our_own_lines_may_not_carry_words(log: io.StringIO) -> None:
    logging.getLogger("chat.hub").warning("refused %s", "I am so sad")
    assert lines(log)[0]["event"] == "refused …"


def test_an_exception_is_told_without_its_words(log: io.StringIO) -> None:
    try:
        try:
            raise KeyError("鯨のことば")
        except KeyError as cause:
            raise ValueError("also 鯨のことば") from cause
    except ValueError:
        logging.getLogger("chat.x").exception("it failed")
    (line,) = lines(log)
    assert line["error"] == "ValueError from KeyError"
    assert "test_logging.py" in line["at"][-1]
    assert "鯨" not in log.getvalue()


def test_private_keys_are_dropped_from_structured_lines(log: io.StringIO) -> None:
    structlog.get_logger("chat.x").warning(
        "entered", address="203.0.113.7", token="t", body="鯨", audience="youth"
    )
    (line,) = lines(log)
    assert line["audience"] == "youth"
    assert {"address", "token", "body"}.isdisjoint(line)


@pytest.mark.parametrize("name", ["uvicorn.access", "django.server", "django.security.DisallowedHost"])
def test_loggers_that_only_tell_about_people_are_silent(log: io.StringIO, name: str) -> None:
    logging.getLogger(name).error("203.0.113.7 GET /")
    assert log.getvalue() == ""


def test_a_not_found_is_not_logged_with_its_path(log: io.StringIO) -> None:
    logging.getLogger("django.request").warning("Not Found: %s", "/api/v1/tickets/abc")
    assert log.getvalue() == ""


def test_a_refusal_that_a_view_answers_is_not_logged_as_a_failure(log: io.StringIO) -> None:
    logging.getLogger("django.request").error("%s: %s", "Service Unavailable", "/readyz")
    assert log.getvalue() == ""


def test_a_page_that_failed_is_logged_with_its_status(log: io.StringIO) -> None:
    try:
        raise ValueError("鯨のことば")
    except ValueError:
        logger = logging.getLogger("django.request")
        logger.error("%s: %s", "Internal Server Error", "/ja/", exc_info=True, extra={"status_code": 500})
    (line,) = lines(log)
    assert line["event"] == "answered 500"
    assert line["error"] == "ValueError"


def test_warnings_come_through_the_same_door(log: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("鯨のことば", stacklevel=1)
        logging.captureWarnings(False)
    assert lines(log)[0]["logger"] == "py.warnings"
    assert "鯨" not in log.getvalue()


def test_a_console_line_is_for_people(log: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    configure("console")
    logging.getLogger("chat.x").info("it began")
    written = capsys.readouterr().err
    assert "it began" in written
    assert not written.startswith("{")
