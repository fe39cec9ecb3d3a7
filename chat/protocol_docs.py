"""The pages about the wire, made from its types: tables of frames, parts and codes for a template.

Only what types and docstrings of ``chat.protocol`` say is made here; the prose stands in the template.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, get_args

import msgspec
from msgspec import inspect

from chat import protocol

ADDED = "⁺"
ADDED_FRAMES = frozenset(
    {
        "activity", "availability", "directory", "directory.look", "emergency", "emergency.call",
        "emergency.check", "emergency.come", "emergency.decide", "referral", "referral.follow",
        "referral.open", "handoff", "handoff.accept", "handoff.cancel", "handoff.choices",
        "handoff.decline", "handoff.look", "handoff.offer", "conversation.join", "conversation.part",
        "conversation.take", "conversation.record", "done", "draft", "draft.save",
        "helper", "joined", "lane.set", "note", "note.add", "pair.block", "parted", "queue.look",
        "queue.tickets", "ready", "ready.look", "talks", "talks.list", "ticket.assign", "ticket.boost",
        "whisper.read", "window.changed", "window.set",
    }
)  # fmt: skip
ADDED_FIELDS = frozenset(
    {
        ("VisitorWelcome", "reason"),
        ("StaffWelcome", "window_closes_at"),
        ("ConversationEntry", "confirmed"),
        ("ConversationEntry", "waited_s"),
        ("Assigned", "confirmed"),
        ("Assigned", "waited_s"),
        ("LaneStats", "accepting"),
        ("QueueStats", "people"),
        ("VisitorEntry", "check_words"),
        ("Pong", "heads"),
        ("AvailabilitySet", "wrap_up_s"),
        ("AvailabilitySet", "back_in_s"),
        ("Availability", "wrap_up_s"),
        ("Availability", "back_at"),
    }
)
ADDED_CODES = frozenset(
    {"not_allowed", "no_room", "reason_needed", "show_again", "hours_unfit", "offered_already"}
)

# The type lets every text pass, since an empty one and a long one are told apart by their error codes.
BODY_WORDS = f"text, 1–{protocol.MAX_BODY_CHARS} characters"
_LITERALS = (
    protocol.EmergencyStep,
    protocol.EmergencyDecision,
    protocol.ReferralGround,
    protocol.ReferralKind,
    protocol.HandoffState,
    protocol.JoinMode,
    protocol.NoteKind,
    protocol.DraftBox,
    protocol.Sender,
    protocol.Person,
    protocol.TalkState,
    protocol.CloseReason,
    protocol.AvailabilityState,
    protocol.AudienceName,
)
_ORDERS = {frozenset(get_args(literal)): get_args(literal) for literal in _LITERALS}

VISITOR_FRAMES: tuple[type[msgspec.Struct], ...] = get_args(protocol.VisitorFrame)
STAFF_FRAMES: tuple[type[msgspec.Struct], ...] = get_args(protocol.StaffFrame)

_PLACE = re.compile(r"^<!-- generated: ([a-z ]+) -->$", re.MULTILINE)


def fill(template: str) -> str:
    """Put the tables where the template asks for them by ``<!-- generated: NAME -->``.

    Raises KeyError for a name that is none of ``TABLES``.
    """
    return _PLACE.sub(lambda place: TABLES[place[1]](), template)


def _frames(frames: Sequence[type[msgspec.Struct]], *, staff: bool) -> str:
    rows = ["| frame | fields | meaning |", "|---|---|---|"]
    for frame in frames:
        info = _info(frame)
        mark = ADDED if info.tag in ADDED_FRAMES else ""
        rows.append(f"| `{info.tag}`{mark} | {_fields(info, staff=staff)} | {_meaning(frame)} |")
    return "\n".join(rows)


def _parts() -> str:
    rows = ["| part | fields | meaning |", "|---|---|---|"]
    for part in sorted(protocol.Body.__subclasses__(), key=lambda one: one.__name__):
        rows.append(f"| `{part.__name__}` | {_fields(_info(part), staff=True)} | {_meaning(part)} |")
    return "\n".join(rows)


def _error_codes() -> str:
    rows = ["| code | meaning |", "|---|---|"]
    for code, meaning in protocol.ERROR_CODE_MEANINGS.items():
        rows.append(f"| `{code}`{ADDED if code in ADDED_CODES else ''} | {meaning} |")
    return "\n".join(rows)


def _close_codes() -> str:
    rows = ["| code | meaning |", "|---|---|"]
    rows += [f"| `{code.value}` | {meaning} |" for code, meaning in protocol.CLOSE_CODE_MEANINGS.items()]
    return "\n".join(rows)


TABLES: dict[str, Callable[[], str]] = {
    "visitor to server": lambda: _frames(VISITOR_FRAMES, staff=False),
    "server to visitor": lambda: _frames(protocol.VISITOR_SERVER_FRAMES, staff=False),
    "staff to server": lambda: _frames(STAFF_FRAMES, staff=True),
    "server to staff": lambda: _frames(protocol.STAFF_SERVER_FRAMES, staff=True),
    "parts": _parts,
    "error codes": _error_codes,
    "close codes": _close_codes,
}


def _info(struct: type[msgspec.Struct]) -> inspect.StructType:
    info = inspect.type_info(struct)
    if not isinstance(info, inspect.StructType):
        raise TypeError(struct.__name__)
    return info


def _meaning(struct: type[msgspec.Struct]) -> str:
    return " ".join((struct.__doc__ or "").split())


def _fields(info: inspect.StructType, *, staff: bool) -> str:
    is_from_server = issubclass(info.cls, protocol.ServerFrame)
    told = []
    for field in info.fields:
        # frames that both sides get name the conversation to the staff, who has several, and to them alone
        is_shared = is_from_server and field.name == "conversation" and not field.required
        if is_shared and not staff:
            continue
        mark = ADDED if (info.cls.__name__, field.name) in ADDED_FIELDS else ""
        may_lack = "" if field.required or is_shared else "?"
        told.append(f"`{field.name}`{may_lack}{mark}: {_field_words(info, field)}{_default(field)}")
    return "<br>".join(told) or "–"


def _field_words(info: inspect.StructType, field: inspect.Field) -> str:
    if field.name == "body" and issubclass(info.cls, protocol.ClientFrame):
        return BODY_WORDS
    words = _words(field.type)
    return words if field.required else words.removesuffix(" or null")


def _default(field: inspect.Field) -> str:
    if field.required or field.default in {None, msgspec.NODEFAULT}:
        return ""
    return f", {field.default} unless said"


def _words(kind: inspect.Type) -> str:
    words = _plain_words(kind)
    if words is not None:
        return words
    match kind:
        case inspect.LiteralType():
            values = _ORDERS.get(frozenset(kind.values), kind.values)  # msgspec sorts them
            return ", ".join(f"`{value}`" for value in values)
        case inspect.StructType():
            return f"[`{kind.cls.__name__}`](#parts)"
        case inspect.ListType():
            return f"list of {_words(kind.item_type)}"
        case inspect.DictType():
            return f"map from id to {_words(kind.value_type)}"
        case inspect.UnionType():
            named = [_words(one) for one in kind.types if not isinstance(one, inspect.NoneType)]
            return " or ".join([*named, "null"])
    raise TypeError(f"the page has no words for {kind}")


def _plain_words(kind: inspect.Type) -> str | None:
    match kind:
        case inspect.BoolType():
            return "true or false"
        case inspect.DateTimeType():
            return "instant"
        case inspect.IntType():
            return "integer" + _bounds(kind.ge, kind.le, "")
        case inspect.StrType():
            return "text" + _bounds(kind.min_length, kind.max_length, " characters")
    return None


def _bounds(low: Any, high: Any, unit: str) -> str:
    if low is not None and high is not None:
        return f", {low}–{high}{unit}"
    if high is not None:
        return f", at most {high}{unit}"
    return f", {low} or more{unit}" if low is not None else ""
