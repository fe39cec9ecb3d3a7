"""The sockets as an AsyncAPI 3.0 document, made from the types of ``chat.protocol``, and as YAML.

It tells what this server does: it ``receive``s the clients' frames and ``send``s its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, get_args

import msgspec
from msgspec import inspect

from chat import protocol

Json = dict[str, Any]

HEADER = "# Written by `manage.py write_protocol_docs` from chat/protocol/. Change it there.\n"
_SCHEMAS = "#/components/schemas/{name}"
_PLAIN_KEY = re.compile(r"(?!(?:y|n|yes|no|on|off|true|false|null)$)[A-Za-z_][A-Za-z0-9_.-]*", re.IGNORECASE)
_SECURITY = {
    "visitor": ["ticketToken", "ticketCookie"],
    "staff": ["staffSession"],
}


def document() -> Json:
    """Give the whole document as plain data."""
    visitor_in, staff_in = get_args(protocol.VisitorFrame), get_args(protocol.StaffFrame)
    visitor_out, staff_out = protocol.VISITOR_SERVER_FRAMES, protocol.STAFF_SERVER_FRAMES
    every = _unique([*visitor_in, *visitor_out, *staff_in, *staff_out])
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Notalone: the sockets of visitors and staff",
            "version": f"{protocol.VERSION}.0.0",
            "description": (
                "Every frame is one JSON object in a text message of at most 16 KiB; `type` names it. "
                "What is said over HTTP, the promises and the errors stand in protocol.md."
            ),
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "site": {
                "host": "{host}",
                "protocol": "wss",
                "description": "Any web process of the service.",
                "variables": {"host": {"default": "127.0.0.1:8000", "description": "Host name and port."}},
            }
        },
        "channels": {
            "visitor": _channel("/ws/visitor/", "One visitor with one ticket.", [*visitor_in, *visitor_out]),
            "staff": _channel("/ws/staff/", "One tab of one member of staff.", [*staff_in, *staff_out]),
        },
        "operations": {
            "fromVisitor": _operation("receive", "visitor", "What a visitor sends.", visitor_in),
            "toVisitor": _operation("send", "visitor", "What a visitor is sent.", visitor_out),
            "fromStaff": _operation("receive", "staff", "What staff send.", staff_in),
            "toStaff": _operation("send", "staff", "What staff are sent.", staff_out),
        },
        "components": {
            "messages": {frame.__name__: _message(frame) for frame in every},
            "schemas": schemas(every),
            "securitySchemes": {
                "ticketToken": {
                    "type": "userPassword",
                    "description": "The ticket's token, as `token` of the `hello` frame.",
                },
                "ticketCookie": {
                    "type": "httpApiKey",
                    "in": "cookie",
                    "name": "notalone_ticket",
                    "description": "The same token in the cookie of the project's own pages.",
                },
                "staffSession": {
                    "type": "httpApiKey",
                    "in": "cookie",
                    "name": "sessionid",
                    "description": "The session that signing in at /staff/login/ opened.",
                },
            },
        },
        "x-close-codes": {str(code.value): text for code, text in protocol.CLOSE_CODE_MEANINGS.items()},
        "x-error-codes": dict(protocol.ERROR_CODE_MEANINGS),
    }


def schemas(frames: Sequence[type[msgspec.Struct]]) -> Json:
    """Give the JSON Schema of each frame and of each part in it, by name."""
    _, found = msgspec.json.schema_components(frames, ref_template=_SCHEMAS)
    for struct in [*frames, *protocol.Body.__subclasses__()]:
        if struct.__name__ in found:
            _name_instants(struct, found[struct.__name__])
    for frame in frames:
        if issubclass(frame, protocol.ClientFrame) and "body" in frame.__struct_fields__:
            # the type leaves these to error codes of their own
            limits = {"minLength": 1, "maxLength": protocol.MAX_BODY_CHARS}
            found[frame.__name__]["properties"]["body"] |= limits
    return {name: found[name] for name in sorted(found)}


def _name_instants(struct: type[msgspec.Struct], schema: Json) -> None:
    """Say which texts are instants: msgspec does so only for those of one zone."""
    info = inspect.type_info(struct)
    for field in info.fields if isinstance(info, inspect.StructType) else ():
        kinds = field.type.types if isinstance(field.type, inspect.UnionType) else (field.type,)
        if any(isinstance(kind, inspect.DateTimeType) for kind in kinds):
            told = schema["properties"][field.name]
            for one in told.get("anyOf", [told]):
                if one.get("type") == "string":
                    one["format"] = "date-time"


def _unique(frames: Iterable[type[msgspec.Struct]]) -> list[type[msgspec.Struct]]:
    return list(dict.fromkeys(frames))


def _channel(address: str, description: str, frames: Iterable[type[msgspec.Struct]]) -> Json:
    return {
        "address": address,
        "description": description,
        "servers": [{"$ref": "#/servers/site"}],
        "messages": {
            frame.__name__: {"$ref": f"#/components/messages/{frame.__name__}"} for frame in _unique(frames)
        },
        "bindings": {"ws": {"method": "GET", "bindingVersion": "0.1.0"}},
    }


def _operation(action: str, channel: str, summary: str, frames: Iterable[type[msgspec.Struct]]) -> Json:
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": f"#/channels/{channel}"},
        "security": [{"$ref": f"#/components/securitySchemes/{name}"} for name in _SECURITY[channel]],
        "messages": [{"$ref": f"#/channels/{channel}/messages/{frame.__name__}"} for frame in frames],
    }


def _message(frame: type[msgspec.Struct]) -> Json:
    tag = str(frame.__struct_config__.tag)
    return {
        "name": tag,
        "title": tag,
        "summary": " ".join((frame.__doc__ or "").split()),
        "payload": {"$ref": _SCHEMAS.format(name=frame.__name__)},
    }


def to_yaml(value: Json) -> str:
    """Write plain data as YAML: blocks for maps and lists, JSON for everything else."""
    return "\n".join(_lines(value)) + "\n"


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            name = key if _PLAIN_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)
            yield from _entry(f"{name}:", inner)
    elif isinstance(value, list) and value:
        for inner in value:
            first, *rest = _lines(inner)
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)
    else:
        yield json.dumps(value, ensure_ascii=False)


def _entry(name: str, inner: Any) -> Iterator[str]:
    if isinstance(inner, dict | list) and inner:
        yield name
        yield from (f"  {line}" for line in _lines(inner))
    else:
        yield f"{name} {json.dumps(inner, ensure_ascii=False)}"
