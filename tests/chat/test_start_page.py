"""The one-stop page through the whole campaign, minute by minute around each edge, and what caches keep."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import AsyncClient

from notalone import clock
from tests.chat.html import Page
from tests.rules.campaign_makers import SEED, jst

SetClock = Callable[[str], None]

pytestmark = [pytest.mark.any_database, pytest.mark.usefixtures("seed", "process")]


async def look(path: str = "/ja/", client: AsyncClient | None = None) -> str:
    response = await (client or AsyncClient()).get(path)
    assert response.status_code == 200
    return str(response.content.decode())


def opened(html: str) -> set[str]:
    """Find the services that the page leads to."""
    return set(re.findall(r'class="card card-open" data-service="([a-z:]+)"', html))


def closed(html: str) -> set[str]:
    return set(re.findall(r'class="card card-closed" data-service="([a-z:]+)"', html))


def must_be_open(at: datetime) -> set[str]:
    """Say it once more, plainly, as the notice does."""
    if not jst("2024-12-25 10:00") <= at < jst("2025-01-04 10:00"):
        return set()
    hour = at.astimezone(SEED.zone).hour
    services = {"phone:general", "chat:general", "mail:general", "mail:youth"}
    if 10 <= hour < 16:
        services.add("phone:youth")
    return services | ({"chat:youth"} if 16 <= hour < 22 else set())


def edges() -> list[datetime]:
    """Give every instant at which a service opens or closes, the day before and the day after, too."""
    days = [jst("2024-12-24 00:00") + timedelta(days=count) for count in range(13)]
    return [day + timedelta(hours=hour) for day in days for hour in (0, 10, 16, 22)]


@pytest.mark.parametrize("edge", edges(), ids=lambda edge: f"{edge.astimezone(SEED.zone):%m-%d %H}")
async def test_the_page_turns_over_at_the_minute(edge: datetime) -> None:
    for at in (edge - timedelta(minutes=1), edge - timedelta(seconds=1), edge, edge + timedelta(minutes=1)):
        clock.shift(at)
        html = await look()
        assert opened(html) == must_be_open(at), at
        assert opened(html) | closed(html) == {f"{s.channel}:{s.audience}" for s in SEED.services}


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2024-12-20 12:00", "受付は、12月25日（水）10:00 から はじまります"),
        ("2024-12-25 09:59", "受付は、きょう 10:00 から はじまります"),
        ("2025-01-04 10:00", "今回の受付は、きょう 10:00 に おわりました"),
        ("2025-01-06 10:00", "今回の受付は、1月4日（土）10:00 に おわりました"),
    ],
)
async def test_before_and_after_the_campaign_it_says_so(set_clock: SetClock, at: str, words: str) -> None:
    set_clock(at)
    assert words in Page(await look()).words


async def test_a_page_made_at_the_edge_s_second_is_not_the_one_before(set_clock: SetClock) -> None:
    for at, is_open in (("2024-12-28 15:59:59", False), ("2024-12-28 16:00:00", True)):
        set_clock(at)
        assert ("chat:youth" in opened(await look())) is is_open


async def test_it_says_when_it_was_made() -> None:
    page = Page(await look())
    assert "12月28日（土）16:30 の ようすです" in page.words
    assert page.element("made-at")["role"] == "status"


async def test_each_audience_finds_its_own_side() -> None:
    html = await look()
    youth, general = html.split('id="for-youth"')[1].split('id="for-general"')
    assert opened(youth) | closed(youth) == {"phone:youth", "chat:youth", "mail:youth"}
    assert opened(general.split("</section>")[0]) == {"phone:general", "chat:general", "mail:general"}


@pytest.mark.parametrize(
    ("at", "seconds"),
    [("2024-12-28 16:30:00", 19_800), ("2024-12-28 15:59:58", 1), ("2024-12-28 21:59:00", 59)],
)
async def test_it_knows_when_to_turn_over_with_and_without_javascript(
    set_clock: SetClock, at: str, seconds: int
) -> None:
    set_clock(at)
    page = Page(await look())
    told = int(str(page.element("now")["data-turns-in-s"]))
    assert seconds - 1 <= told <= seconds  # the clock runs on
    (refresh,) = [meta for meta in page.named("meta") if meta.get("http-equiv") == "refresh"]
    assert refresh["content"] == str(told + 1)


async def test_what_is_kept_and_who_may_be_told_is_said_before() -> None:
    words = Page(await look()).words
    for said in (
        "自治体・自立相談支援機関・福祉事務所・警察",
        "暗号にして守ります",
        "団体が協力して",
        "ふりかえります",
    ):
        assert said in words


async def test_the_organizations_stand_on_it_where_the_campaign_names_them() -> None:
    from chat import campaigns
    from chat.models import Campaign

    assert "いっしょに答えている団体" not in Page(await look()).words
    await Campaign.objects.aupdate(organizations=["{灯|あか}りの{会|かい}", "<b>NPO"])
    campaigns.forget()
    html = await look()
    assert "いっしょに答えている団体" in Page(html).words
    assert '<ruby>灯<rp>（</rp><rt aria-hidden="true">あか</rt>' in html
    assert "&lt;b&gt;NPO" in html
    assert "灯りの会" in await look("/en/")


async def test_the_campaign_s_name_has_readings_on_japanese_pages_alone() -> None:
    japanese, english = await look(), await look("/en/")
    assert '<ruby>孤独<rp>（</rp><rt aria-hidden="true">こどく</rt>' in japanese
    assert "孤独・孤立相談ダイヤル #9999（年末年始）" in english


async def test_a_campaign_from_before_there_were_readings_is_named_plainly() -> None:
    from chat import campaigns
    from chat.models import Campaign

    await Campaign.objects.aupdate(readings="")
    campaigns.forget()
    assert "孤独・孤立相談ダイヤル #9999（年末年始）" in Page(await look()).words


# --- in danger: what else is open ---


def open_in_danger(html: str) -> set[str]:
    """Find what the panel for danger leads to beside 119 and 110."""
    return set(re.findall(r'<li data-service="([a-z:]+)"', html))


@pytest.mark.parametrize(
    "at", ["2024-12-20 12:00", "2024-12-28 12:00", "2024-12-28 16:30", "2024-12-28 23:00", "2025-01-05 12:00"]
)
async def test_who_is_in_danger_is_told_what_else_is_open_now(set_clock: SetClock, at: str) -> None:
    set_clock(at)
    assert open_in_danger(await look()) == must_be_open(jst(at))
    of_youth = {one for one in must_be_open(jst(at)) if one.endswith("youth")}
    assert open_in_danger(await look("/ja/mail/youth/")) == of_youth


async def test_an_open_line_is_a_tap_away_in_danger(set_clock: SetClock) -> None:
    set_clock("2024-12-28 12:00")
    panel = (await look("/ja/mail/youth/")).split('id="danger-now"')[1].split("</details>")[0]
    assert 'href="tel:%239999"' in panel
    assert 'href="tel:0120-494949"' in panel
    assert not Page(f"<body>{panel}</body>").bare_kanji


async def test_in_a_talk_the_panel_leads_elsewhere_than_to_the_chat(set_clock: SetClock) -> None:
    set_clock("2024-12-28 16:30")
    vera = AsyncClient()
    await vera.post("/ja/chat/youth/", {"consent": "on"})
    assert open_in_danger(await look("/ja/talk/", vera)) == {"phone:youth", "mail:youth"}  # one is hidden


# --- a closed door ---


async def test_a_closed_door_opens_by_itself_with_and_without_javascript(set_clock: SetClock) -> None:
    set_clock("2024-12-28 15:59:00")
    page = Page(await look("/ja/chat/youth/"))
    told = int(str(page.element("now")["data-turns-in-s"]))
    assert 58 <= told <= 60
    (refresh,) = [meta for meta in page.named("meta") if meta.get("http-equiv") == "refresh"]
    seconds, address = str(refresh["content"]).split("; url=")
    assert (seconds, address) == (str(told + 1), page.element("now")["data-look-at"])
    set_clock("2024-12-28 16:00:00")
    assert Page(await look(address)).has("entry")


# --- caches ---


@pytest.mark.parametrize(
    ("at", "kept"),
    [("2024-12-28 16:30:00", 5), ("2024-12-28 15:59:57.500", 2), ("2024-12-28 21:59:59.200", 0)],
)
async def test_a_copy_is_kept_for_seconds_and_never_over_an_edge(
    set_clock: SetClock, at: str, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: jst(at))
    response = await AsyncClient().get("/ja/")
    assert response["Cache-Control"] == f"public, max-age={kept}"
    assert "Cookie" in response["Vary"]


async def test_somebody_s_own_page_is_kept_by_nobody() -> None:
    vera = AsyncClient()
    await vera.post("/ja/chat/youth/", {"consent": "on"})
    response = await vera.get("/ja/")
    assert (response["Cache-Control"], "Cookie" in response["Vary"]) == ("no-store", True)
    assert "いまのチャットに もどる" in Page(response.content.decode()).words
    assert "いまのチャットに もどる" not in Page(await look()).words


async def test_it_is_made_once_a_second_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    from chat import start_page

    made: list[str] = []
    render = start_page.render_to_string
    monkeypatch.setattr(clock, "now", lambda: jst("2024-12-28 17:00"))
    monkeypatch.setattr(start_page, "render_to_string", lambda *a: made.append(a[0]) or render(*a))
    for path in ("/ja/", "/", "/en/", "/en/"):
        await look(path)
    assert len(made) == 2


async def test_what_is_made_is_not_gathered_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    from chat import start_page

    start = jst("2024-12-28 17:00")
    for second in range(100):
        monkeypatch.setattr(clock, "now", lambda: start + timedelta(seconds=second))  # noqa: B023 — asked at once
        await look()
    assert len(start_page._made) <= 64


async def test_a_changed_campaign_is_shown_at_once() -> None:
    from chat import campaigns
    from chat.models import ServiceRow

    assert "chat:youth" in opened(await look())
    await ServiceRow.objects.filter(channel="chat").aupdate(accepting=False)
    campaigns.forget()
    assert "chat:youth" not in opened(await look())
