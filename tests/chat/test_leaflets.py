"""What others may print and put on their pages: leaflets, calendars, and the button with the live state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import icalendar
import pytest
from django.core.management import CommandError, call_command
from django.test import AsyncClient

from chat.leaflets import leaflet_services
from tests.chat.html import Page
from tests.rules.campaign_makers import one_service

SetClock = Callable[[str], None]

pytestmark = [pytest.mark.any_database, pytest.mark.usefixtures("seed", "process")]
SITE = "https://hitori.example.jp/"


async def look(path: str, status: int = 200) -> Any:
    response = await AsyncClient().get(path)
    assert response.status_code == status
    return response


async def test_the_youth_leaflet_has_the_hours_the_number_and_readings() -> None:
    page = Page((await look("/ja/leaflet/youth/")).content.decode())
    for words in (
        "どんな悩みでも",
        "12月25日（水） 10:00",
        "1月4日（土） 10:00",
        "毎日 10:00〜16:00",
        "毎日 16:00〜22:00",
    ):
        assert words in page.words, words
    assert "#9999" in page.words
    assert "0120-494949" in page.words
    assert "12月25日（水） から 1月3日（金） まで" in page.words  # neither opens on 4 January
    assert page.named("svg")
    assert page.bare_kanji == []


async def test_the_general_leaflet_has_the_whole_day() -> None:
    page = Page((await look("/ja/leaflet/general/")).content.decode())
    assert "24時間" in page.words
    assert "16:00〜22:00" not in page.words


async def test_no_leaflet_for_anybody_else() -> None:
    await look("/ja/leaflet/nobody/", 404)
    await look("/ja/calendar/nobody.ics", 404)


def test_exceptions_and_closed_days_stand_on_the_leaflet() -> None:
    campaign, _ = one_service(["16:00-22:00"], {"2024-12-31": [], "2025-01-01": ["18:00-00:00"]})
    (chat,) = leaflet_services(campaign, "youth")
    assert [(day.on.day, day.hours) for day in chat.exceptions] == [(31, ()), (1, ("18:00〜24:00",))]


async def test_the_calendar_has_each_window_once() -> None:
    response = await look("/ja/calendar/youth.ics")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    events = icalendar.Calendar.from_ical(response.content).walk("VEVENT")
    chats = sorted(event.decoded("dtstart") for event in events if "チャット" in event["summary"])
    first = datetime(2024, 12, 25, 7, tzinfo=UTC)
    assert chats == [first + timedelta(days=day) for day in range(10)]
    assert len({str(event["uid"]) for event in events}) == len(events)


async def test_the_calendar_of_a_service_around_the_clock_is_one_event() -> None:
    events = icalendar.Calendar.from_ical((await look("/ja/calendar/general.ics")).content).walk("VEVENT")
    (phone,) = [event for event in events if "電話" in event["summary"]]
    assert phone.decoded("dtstart") == datetime(2024, 12, 25, 1, tzinfo=UTC)
    assert phone.decoded("dtend") == datetime(2025, 1, 4, 1, tzinfo=UTC)
    assert "#9999" in phone["summary"]


async def test_the_page_for_schools_gives_a_snippet_that_leads_here() -> None:
    response = await look("/ja/for-schools/")
    text = response.content.decode()
    assert "&lt;a href=&quot;http://testserver/&quot; id=&quot;notalone-youth&quot;&gt;" in text
    assert "http://testserver/api/v1/services" in text
    assert "/ja/leaflet/youth.pdf" not in text  # none was made


async def test_only_the_services_call_is_open_to_other_sites() -> None:
    services = await look("/api/v1/services")
    assert services["Access-Control-Allow-Origin"] == "*"
    assert services["Cross-Origin-Resource-Policy"] == "cross-origin"
    for path in ("/", "/ja/leaflet/youth/", "/ja/for-schools/", "/healthz"):
        response = await look(path)
        assert "Access-Control-Allow-Origin" not in response
        assert response["Cross-Origin-Resource-Policy"] == "same-origin"


def test_the_pdfs_are_one_page_each_and_given_out(settings: Any, tmp_path: Path) -> None:
    settings.DATA_FOLDER = tmp_path
    call_command("write_leaflets", SITE, stdout=StringIO())
    made = sorted(path.name for path in (tmp_path / "leaflets").iterdir())
    assert made == ["2024-new-year-general.pdf", "2024-new-year-youth.pdf"]
    assert all(path.read_bytes().startswith(b"%PDF-") for path in (tmp_path / "leaflets").iterdir())


async def test_a_pdf_that_was_made_is_given_out(settings: Any, tmp_path: Path) -> None:
    settings.DATA_FOLDER = tmp_path
    await look("/ja/leaflet/youth.pdf", 404)
    (tmp_path / "leaflets").mkdir()
    (tmp_path / "leaflets" / "2024-new-year-youth.pdf").write_bytes(b"%PDF-1.7")
    response = await look("/ja/leaflet/youth.pdf")
    assert response["Content-Type"] == "application/pdf"
    assert "/ja/leaflet/youth.pdf" in (await look("/ja/for-schools/")).content.decode()


def test_an_unknown_campaign_has_no_leaflets() -> None:
    with pytest.raises(CommandError, match="no such campaign"):
        call_command("write_leaflets", SITE, campaign="2030")
