"""docs/protocol.md and docs/asyncapi.yaml say what the code does."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path
from typing import Any, Union, get_args

import msgspec
import pytest
import yaml
from django.core.management import CommandError, call_command

from chat import asyncapi, protocol, protocol_docs
from chat.management.commands import write_protocol_docs
from chat.rules.errors import ErrorCode
from chat.views import STATUS
from tests.docs.places import DOCS, read

PAGE = read("docs/protocol.md")
API: Any = yaml.safe_load(read("docs/asyncapi.yaml"))
CLIENT_FRAMES = (*get_args(protocol.VisitorFrame), *get_args(protocol.StaffFrame))
SERVER_FRAMES = (*protocol.VISITOR_SERVER_FRAMES, *protocol.STAFF_SERVER_FRAMES)


def section(title: str) -> str:
    return re.split(r"\n#+ ", PAGE.split(f" {title}\n", 1)[1], maxsplit=1)[0]


# --- fresh ---


def test_both_files_are_fresh() -> None:
    call_command("write_protocol_docs", check=True, stdout=StringIO())


def test_a_stale_file_is_told_and_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stale = DOCS / "protocol.md"
    monkeypatch.setattr(write_protocol_docs, "pages", lambda: {stale: "something else"})

    with pytest.raises(CommandError, match=r"docs/protocol\.md: stale") as caught:
        call_command("write_protocol_docs", check=True)

    assert caught.value.returncode == 1
    assert stale.read_text() == PAGE


def test_a_place_for_an_unknown_table_is_refused() -> None:
    with pytest.raises(KeyError):
        protocol_docs.fill("<!-- generated: nothing -->\n")


# --- complete ---


@pytest.mark.parametrize("code", sorted({*protocol.ERROR_CODE_MEANINGS, *STATUS, *get_args(ErrorCode)}))
def test_every_error_code_is_on_the_page(code: str) -> None:
    assert f"`{code}`" in section("Errors") + section("Error codes in frames")


@pytest.mark.parametrize(("code", "status"), STATUS.items())
def test_every_http_error_has_its_status(code: str, status: int) -> None:
    assert f"| {status} | `{code}` |" in section("Errors")


@pytest.mark.parametrize("code", list(protocol.CloseCode))
def test_every_close_code_is_on_the_page(code: protocol.CloseCode) -> None:
    assert f"| `{code.value}` | {protocol.CLOSE_CODE_MEANINGS[code]} |" in section("Close codes")


@pytest.mark.parametrize(
    ("title", "frames"),
    [
        ("Visitor → server", get_args(protocol.VisitorFrame)),
        ("Server → visitor", protocol.VISITOR_SERVER_FRAMES),
        ("Staff → server", get_args(protocol.StaffFrame)),
        ("Server → staff", protocol.STAFF_SERVER_FRAMES),
    ],
)
def test_every_frame_has_a_row_with_its_fields(title: str, frames: tuple[type[msgspec.Struct], ...]) -> None:
    rows = dict(re.findall(r"^\| `([\w.]+)`⁺? \| (.*?) \|", section(title), re.MULTILINE))

    assert list(rows) == [frame.__struct_config__.tag for frame in frames]
    for frame in frames:
        told = re.findall(r"(?:^|<br>)`(\w+)`", rows[str(frame.__struct_config__.tag)])
        is_only_for_staff = "visitor" in title and frame in protocol.STAFF_SERVER_FRAMES
        optional = {"conversation"} if is_only_for_staff and "conversation" not in told else set()
        assert set(told) == set(frame.__struct_fields__) - optional


def test_what_came_later_still_exists() -> None:
    frames = {frame.__struct_config__.tag for frame in (*SERVER_FRAMES, *CLIENT_FRAMES)}
    structs = {one.__name__: one for one in (*SERVER_FRAMES, *CLIENT_FRAMES, *protocol.Body.__subclasses__())}

    assert frames >= protocol_docs.ADDED_FRAMES
    assert set(protocol.ERROR_CODE_MEANINGS) >= protocol_docs.ADDED_CODES
    for struct, field in protocol_docs.ADDED_FIELDS:
        assert field in structs[struct].__struct_fields__


# --- examples ---


def examples(mark: str) -> list[str]:
    return re.findall(rf"^{mark} (.*)$", PAGE.split("```frames visitor\n")[1].split("```")[0], re.MULTILINE)


@pytest.mark.parametrize("text", examples(">"))
def test_what_the_example_sends_is_a_frame(text: str) -> None:
    assert isinstance(protocol.visitor_decoder.decode(text), protocol.ClientFrame)


@pytest.mark.parametrize("text", examples("<"))
def test_what_the_example_is_sent_is_a_frame(text: str) -> None:
    kinds: Any = Union[protocol.VISITOR_SERVER_FRAMES]  # noqa: UP007 — made from a tuple
    frame = msgspec.json.decode(text, type=kinds)

    assert msgspec.json.decode(protocol.encode(frame)) == msgspec.json.decode(text)


# --- AsyncAPI ---


def references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [found for one in value for found in references(one)]
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [found for one in value.values() for found in references(one)]
    return []


def resolve(reference: str) -> Any:
    found = API
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def test_the_yaml_is_the_document() -> None:
    assert asyncapi.document() == API


def test_asyncapi_has_what_version_3_requires() -> None:
    assert API["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= set(API["info"])
    assert {channel["address"] for channel in API["channels"].values()} == {"/ws/visitor/", "/ws/staff/"}
    for operation in API["operations"].values():
        assert operation["action"] in {"send", "receive"}
        assert resolve(operation["channel"]["$ref"])["messages"]


def test_every_reference_leads_somewhere() -> None:
    found = references(API)

    assert found
    for reference in found:
        assert resolve(reference), reference


def test_an_operation_s_messages_are_its_channel_s() -> None:
    for operation in API["operations"].values():
        channel = operation["channel"]["$ref"]
        for message in operation["messages"]:
            assert message["$ref"].startswith(f"{channel}/messages/")


@pytest.mark.parametrize(
    "frame",
    [*protocol.ClientFrame.__subclasses__(), *protocol.ServerFrame.__subclasses__()],
    ids=lambda frame: frame.__name__,
)
def test_every_frame_is_a_message(frame: type[msgspec.Struct]) -> None:
    message = API["components"]["messages"][frame.__name__]
    schema = resolve(message["payload"]["$ref"])

    assert message["name"] == frame.__struct_config__.tag
    assert set(schema["properties"]) == {"type", *frame.__struct_fields__}
    assert schema["properties"]["type"]["enum"] == [message["name"]]


def test_an_instant_is_told_as_one() -> None:
    properties = API["components"]["schemas"]["VisitorWelcome"]["properties"]

    assert properties["server_time"]["format"] == "date-time"
    assert {"type": "string", "format": "date-time"} in properties["window_closes_at"]["anyOf"]


@pytest.mark.parametrize("value", [{}, {"a": []}, {"a": {"on": [1, {"b": None}]}, "c d": "x: #y\n"}])
def test_yaml_reads_as_what_was_written(value: dict[str, Any]) -> None:
    assert yaml.safe_load(asyncapi.to_yaml(value)) == value
