"""The audit trail: chained, append-only, and a cut shows."""

from __future__ import annotations

import asyncio
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from chat import db
from staff import trail
from staff.models import AuditEntry, AuditHead, TrailIsAppendOnly

pytestmark = pytest.mark.django_db(transaction=True)


def write(count: int = 3) -> None:
    for number in range(count):
        with transaction.atomic():
            trail.record("lane.stopped", None, {"lane": f"youth:{number}"}, why="台風のため")


def verify(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command("verify_audit", *arguments, stdout=out, stderr=err)
    except CommandError as error:
        err.write(str(error))
    return out.getvalue(), err.getvalue()


def meddle(statement: str, *values: object) -> None:
    """Change rows as somebody with the database's password would, whose guard was taken off."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_trail_that_nobody_touched_is_whole():
    write()
    out, err = verify()
    assert out.startswith("The audit trail is whole: 3 entries.\nnotalone-audit 1 3 ")
    assert err == ""


def test_empty_trail_is_whole():
    assert verify()[0].startswith("The audit trail is whole: 0 entries.")


def test_entries_are_numbered_and_chained():
    write()
    rows = list(AuditEntry.objects.all())
    assert [row.seq for row in rows] == [1, 2, 3]
    assert bytes(rows[0].before) == trail.START
    assert [bytes(row.before) for row in rows[1:]] == [bytes(row.hash) for row in rows[:-1]]


@pytest.mark.parametrize(
    "change",
    [
        "why = 'x'",
        "act = 'lane.opened'",
        "actor = '7'",
        "actor_name = 'sara'",
        "at = '2020-01-01 00:00:00+00:00'",
        "facts = '{}'",
    ],
)
def test_change_shows(change):
    write()
    meddle(f"UPDATE staff_auditentry SET {change} WHERE seq = 2")
    assert "entry 2 was changed" in verify()[1]


def test_change_with_a_new_hash_shows_at_the_next_entry():
    write()
    entry = AuditEntry.objects.get(seq=2)
    entry.why = "something else"
    meddle("UPDATE staff_auditentry SET why = %s, hash = %s WHERE seq = 2", entry.why, trail.hash_of(entry))
    assert "entry 3 does not follow the one before it" in verify()[1]


def test_hole_shows():
    write()
    meddle("DELETE FROM staff_auditentry WHERE seq = 2")
    assert "entries 2 to 2 are missing" in verify()[1]


def test_another_order_shows():
    write()
    for old, new in ((2, 9), (3, 2), (9, 3)):
        meddle("UPDATE staff_auditentry SET seq = %s WHERE seq = %s", new, old)
    assert "entry 2 was changed" in verify()[1]


def test_end_cut_off_shows_by_the_head():
    write()
    meddle("DELETE FROM staff_auditentry WHERE seq = 3")
    assert "the end is cut off: 3 entries were written, 2 are here" in verify()[1]


def cut_with_its_head() -> None:
    meddle("DELETE FROM staff_auditentry WHERE seq = 3")
    last = AuditEntry.objects.get(seq=2)
    meddle("UPDATE staff_audithead SET seq = 2, hash = %s", bytes(last.hash))


def test_end_cut_off_with_its_head_shows_by_an_anchor(tmp_path):
    write()
    anchor = tmp_path / "anchors.txt"
    anchor.write_text(verify()[0])
    cut_with_its_head()
    assert verify()[1] == ""
    assert "the end is cut off: 3 entries were written, 2 are here" in verify("--anchor", str(anchor))[1]


def test_trail_written_anew_shows_by_an_anchor(tmp_path):
    write()
    anchor = tmp_path / "anchors.txt"
    anchor.write_text(verify()[0])
    meddle("DELETE FROM staff_auditentry")
    meddle("DELETE FROM staff_audithead")
    write(4)
    assert verify()[1] == ""
    assert "entry 3 is not the one that an anchor" in verify("--anchor", str(anchor))[1]


def test_anchor_of_before_holds_when_more_was_written(tmp_path):
    write()
    anchor = tmp_path / "anchors.txt"
    anchor.write_text(verify()[0])
    write()
    assert verify("--anchor", str(anchor))[0].startswith("The audit trail is whole: 6 entries.")


def test_forged_anchor_is_refused(tmp_path):
    write()
    anchor = tmp_path / "anchors.txt"
    anchor.write_text(verify()[0].replace("audit 1 3", "audit 1 2"))
    assert "not a line that this service has signed" in verify("--anchor", str(anchor))[1]


def test_entry_slipped_in_behind_the_head_shows():
    write()
    last = AuditEntry.objects.get(seq=3)
    AuditEntry(seq=4, at=last.at, actor="", actor_name="", act="x", before=last.hash, hash=trail.START).save()
    assert "entries after 3 were not written by the service" in verify()[1]


CHANGES = ["UPDATE staff_auditentry SET why = ''", "DELETE FROM staff_auditentry"]
if connection.vendor == "postgresql":  # SQLite has no TRUNCATE
    CHANGES.append("TRUNCATE staff_auditentry")


@pytest.mark.parametrize("change", CHANGES)
def test_database_refuses_changes(guarded_trail, change):
    write(1)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        meddle(change)
    assert AuditEntry.objects.get().why == "台風のため"


def test_code_has_no_way_to_change_one():
    write(1)
    entry = AuditEntry.objects.get()
    for change in (
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(why=""),
    ):
        with pytest.raises(TrailIsAppendOnly):
            change()


def test_entry_stands_or_falls_with_its_act():
    with transaction.atomic():
        trail.record("lane.stopped", None)
        transaction.set_rollback(True)
    assert not AuditEntry.objects.exists()
    write(1)
    assert verify()[1] == ""


def test_entry_without_an_act_s_transaction_is_refused():
    with pytest.raises(RuntimeError):
        trail.record("lane.stopped", None)


async def test_many_at_once_make_one_chain(process):
    await asyncio.gather(*(db.run(write, 2) for _ in range(8)))
    assert await db.run(AuditHead.objects.get) is not None
    assert (await db.run(verify))[0].startswith("The audit trail is whole: 16 entries.")
