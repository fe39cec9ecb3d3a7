from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from chat.models import Campaign, ServiceRow
from chat.rules.campaigns import from_rows
from tests.rules.campaign_makers import SEED, SEED_FILE, jst

pytestmark = pytest.mark.django_db


def load(file: Path) -> str:
    said = StringIO()
    call_command("load_campaign", file, stdout=said)
    return said.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    copy = tmp_path / "campaign.toml"
    copy.write_bytes(SEED_FILE.read_bytes())
    return copy


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def rows() -> tuple[list[object], list[object]]:
    return list(Campaign.objects.values()), list(ServiceRow.objects.order_by("pk").values())


def test_the_rows_are_the_campaign() -> None:
    load(SEED_FILE)
    campaign = Campaign.objects.values().get()
    assert from_rows(campaign, ServiceRow.objects.order_by("pk").values()) == SEED


def test_it_says_one_line() -> None:
    assert load(SEED_FILE) == "2024-new-year: 6 services, 2024-12-25 10:00 to 2025-01-04 10:00 Asia/Tokyo\n"


def test_loading_again_changes_nothing() -> None:
    load(SEED_FILE)
    before = rows()
    load(SEED_FILE)
    assert rows() == before


def test_loading_again_keeps_the_switch_of_the_supervisor() -> None:
    load(SEED_FILE)
    ServiceRow.objects.filter(channel="chat", audience="youth").update(accepting=False)
    load(SEED_FILE)
    assert ServiceRow.objects.get(channel="chat", audience="youth").accepting is False


def test_a_changed_file_changes_the_rows(file: Path) -> None:
    load(file)
    change(file, "ends_at = 2025-01-04T10:00:00", "ends_at = 2025-01-05T10:00:00")
    change(file, '"16:00-22:00"]\n', '"16:00-23:00"]\nurl = "/ja/chat/youth/"\n')
    load(file)
    service = ServiceRow.objects.get(channel="chat", audience="youth")
    assert Campaign.objects.get().ends_at == jst("2025-01-05 10:00")
    assert (service.windows, service.url) == ([["16:00", "23:00"]], "/ja/chat/youth/")


def test_a_service_that_left_the_file_leaves_the_rows(file: Path) -> None:
    load(file)
    text = file.read_text(encoding="utf-8")
    change(file, text[text.rindex("[[services]]") :], "")
    load(file)
    assert not ServiceRow.objects.filter(channel="mail", audience="youth").exists()
    assert ServiceRow.objects.count() == 5


def test_another_campaign_is_another_row(file: Path) -> None:
    load(SEED_FILE)
    change(file, 'slug = "2024-new-year"', 'slug = "2025-new-year"')
    load(file)
    assert Campaign.objects.count() == 2
    assert ServiceRow.objects.count() == 12


def test_a_fault_is_told_with_file_and_line_and_nothing_is_written(file: Path) -> None:
    change(file, 'zone = "Asia/Tokyo"', 'zone = "Asia/Tokio"')
    line = file.read_text(encoding="utf-8").split("\n").index('zone = "Asia/Tokio"') + 1
    with pytest.raises(CommandError) as caught:
        load(file)
    assert str(caught.value).startswith(f"{file}:{line}: unknown zone “Asia/Tokio”: write ")
    assert rows() == ([], [])


def test_a_fault_leaves_what_was_loaded(file: Path) -> None:
    load(file)
    before = rows()
    change(file, '"16:00-22:00"]', '"16:00-22:00", "21:00-23:00"]')
    with pytest.raises(CommandError, match="overlap"):
        load(file)
    assert rows() == before


def test_a_file_that_is_not_utf_8_is_told(file: Path) -> None:
    file.write_bytes("slug = 'x'\nname = '相談'\n".encode("shift_jis"))
    with pytest.raises(CommandError, match=r"campaign\.toml:2: not UTF-8"):
        load(file)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"none\.toml: can not be read: No such file"):
        load(tmp_path / "none.toml")
