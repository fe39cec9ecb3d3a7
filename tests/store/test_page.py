"""docs/redis.md names every key and every verb, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from chat.store import keys
from chat.store.scripts import LUA, SHARED, script

PAGE = (Path(__file__).parents[2] / "docs" / "redis.md").read_text("utf-8")


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_the_table_of_keys_is_that_of_the_code() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| (\w+) \| .* \| (.*) \|$", section("The keys"), re.MULTILINE)

    assert [(name, kind, "TTL" in ends) for name, kind, ends in rows] == [
        (kind.name, kind.kind, kind.expires) for kind in keys.KEY_KINDS
    ]


def test_every_verb_is_named() -> None:
    first_cells = " ".join(re.findall(r"^\| (`[^|]+) \|", section("The verbs"), re.MULTILINE))

    assert set(re.findall(r"`(\w+)`", first_cells)) == {path.stem for path in LUA.glob("*.lua")} - {SHARED}


def test_every_verb_says_what_it_takes_and_gives() -> None:
    for path in LUA.glob("*.lua"):
        if path.stem != SHARED:
            head = path.read_text("utf-8")
            assert re.match(
                r"-- [A-Z].*\n(-- .*\n)*-- KEYS: .*\n-- ARGV: .*\n(-- .*\n)*-- Returns: ", head
            ), path


def test_every_verb_that_can_lose_the_queue_says_so() -> None:
    for path in LUA.glob("*.lua"):
        text = path.read_text("utf-8")
        if path.stem != SHARED:
            assert ("return QUEUE_LOST" in text) == ("-- Errors: QUEUELOST" in text), path


def test_a_script_is_its_verb_after_the_shared_part() -> None:
    verb = script("ticket_leave")

    assert verb.source.startswith((LUA / f"{SHARED}.lua").read_text("utf-8"))
    assert verb.source.endswith((LUA / "ticket_leave.lua").read_text("utf-8"))
    assert len(verb.sha) == 40
