"""Draw every page for the documents, in real browsers on a service of its own: ``make pictures``.

Writes ``docs/pictures/NAME-WIDTH.png``, for a phone and a desk, with few colors: they are read, not admired.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from notalone.env import ROOT
from tests.e2e.conftest import ARGUMENTS, PATIENCE_MS, chromium
from tests.e2e.people import Counselor, People, Visitor
from tests.faults.peers import Peer
from tests.service import Service

FOLDER = ROOT / "docs" / "pictures"
COLORS = 32
PHONE: dict[str, Any] = {
    "viewport": {"width": 375, "height": 740},
    "has_touch": True,
    "is_mobile": True,
    "reduced_motion": "reduce",
}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}


class Album:
    """Where the pictures of one width go."""

    def __init__(self, folder: Path, look: dict[str, Any]) -> None:
        self._folder = folder
        self.look = look

    def take(self, page: Page, name: str, *, whole: bool = False) -> None:
        """Keep what the page shows now. ``whole``: with what lies below the fold."""
        page.mouse.move(0, 0)
        page.evaluate("document.activeElement?.blur(); document.fonts.ready")
        seen = Image.open(io.BytesIO(page.screenshot(full_page=whole, animations="disabled")))
        keep(seen, self._folder / f"{name}-{self.look['viewport']['width']}.png")


def keep(seen: Image.Image, path: Path) -> None:
    """Save a picture with few colors."""
    few = seen.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


def draw_leaflets(service: Service) -> None:
    """The two leaflets as they come out of a printer (poppler's pdftoppm)."""
    service.manage("write_leaflets", "https://example.org/")
    (FOLDER / "leaflets").mkdir(exist_ok=True)
    for pdf in sorted((service.folder / "leaflets").glob("*.pdf")):
        command = ["pdftoppm", "-r", "60", "-png", "-singlefile", str(pdf), str(pdf.with_suffix(""))]
        subprocess.run(command, check=True)
        audience = pdf.stem.rpartition("-")[2]
        keep(Image.open(pdf.with_suffix(".png")), FOLDER / "leaflets" / f"{audience}.png")


def draw_pages(people: People, album: Album) -> None:
    """The pages that need nobody else."""
    vera, sven = people.visitor(**album.look), people.anybody(**album.look)
    for path, name in (
        ("/", "start"),
        ("/ja/chat/youth/", "entry-youth"),
        ("/ja/chat/general/", "entry-general"),
        ("/ja/mail/youth/", "mail"),
        ("/en/", "start-en"),
    ):
        vera.goto(path)
        album.take(vera.page, name, whole=True)
    vera.watch.allow("status of 404")
    vera.goto("/nowhere/")
    album.take(vera.page, "not-found")
    sven.goto("/staff/login/")
    album.take(sven.page, "sign-in")


def draw_evening(people: People, album: Album) -> None:
    """A desk with three talks, a visitor who waits, the board, and an end."""
    carla, sara = people.counselor(**album.look), people.supervisor(**album.look)
    sara.open_board()
    carla.come(capacity=3)
    vera = _enters(people.visitor(**album.look), "ベラ", "学校に行くのがつらいです。")
    _talks(carla, vera)
    _enters(people.visitor(), "ゆき", "ねむれません。", "general").say("こんばんは。ここで合っていますか。")
    _enters(people.visitor(), "", "").say("だれかと話したくて来ました。")
    expect(carla.page.locator(".row .count")).to_have_count(2)
    waiting = people.visitor(**album.look)
    waiting.enter()
    waiting.sees_phase("waiting")
    expect(sara.waiting()).to_have_text("1")
    carla.row("ベラ").click()
    carla.hears("ベラ", "うん、そうかも")
    album.take(vera.page, "talk")
    album.take(waiting.page, "waiting")
    album.take(carla.page, "desk")
    album.take(sara.page, "board", whole=True)
    vera.page.locator("#leave").click()
    vera.page.locator("#leave-form button").first.click()
    vera.sees_phase("closed")
    album.take(vera.page, "end")


def draw_desk(people: People, album: Album) -> None:
    """The desk at work, closer: five talks, a note, an offer of a colleague's, an emergency."""
    carla, chris = people.counselor(**album.look), people.counselor("chris", **album.look)
    carla.come(capacity=5)
    vera = _enters(people.visitor(), "ベラ", "学校に行くのがつらいです。")
    _talks(carla, vera)
    for nickname, note, words in (
        ("ゆき", "もう消えてしまいたい。", "こんばんは。ここで合っていますか。"),
        ("みなと", "仕事のこと", "年が明けるのがこわいです。"),
        ("", "", "だれかと話したくて来ました。"),
        ("そうた", "友だちとけんかした", "きいてほしいことがあります。"),
    ):
        _enters(people.visitor(), nickname, note).say(words)
    expect(carla.page.locator(".row .count")).to_have_count(4)
    carla.row("ベラ").click()
    carla.tab("note")
    carla.page.locator("#memo").fill("先生には話していない。妹と同じ部屋。")
    carla.page.locator(".note-form button").click()
    expect(carla.page.locator(".note-card")).to_have_count(1)
    carla.talk("ベラ").locator("textarea").fill("それは、つらかったで")
    for width, height in ((1920, 1080), (768, 1024)):
        _take_at(carla, album, "desk", width, height)
    chris.come()
    carla.tab("handoff")
    carla.offer_to("あき")
    carla.page.locator("#summary").fill("冬休み明けがこわい。先生には話していない。")
    carla.page.locator(".handoff button[type=submit]").click()
    expect(chris.page.locator(".offer")).to_be_visible()
    album.take(chris.page, "desk-offer")
    carla.row("ゆき").click()
    carla.page.locator(".panel-foot button").click()
    expect(carla.page.locator('.help[data-call="open"]')).to_be_visible()
    album.take(carla.page, "desk-help")
    carla.page.set_viewport_size(album.look["viewport"])


def _take_at(carla: Counselor, album: Album, name: str, width: int, height: int) -> None:
    look = {"viewport": {"width": width, "height": height}}
    carla.page.set_viewport_size(look["viewport"])
    carla.row("ベラ").click()
    expect(carla.talk("ベラ")).to_be_visible()
    Album(FOLDER, look).take(carla.page, name)
    carla.page.set_viewport_size(album.look["viewport"])


def draw_board(people: People, album: Album) -> None:
    """The board when it matters: alarms, the dialog before an act, a call for help."""
    carla, sara = people.counselor(), people.supervisor(**album.look)
    carla.come(capacity=1)
    _enters(people.visitor(), "ベラ", "ねむれません。").say("こんばんは。")
    for _ in range(2):
        people.visitor().enter()
    sara.open_board()
    expect(sara.page.locator(".alarm").first).to_be_visible()
    expect(sara.page.locator(".talk-row")).to_contain_text("返事を待って")
    album.take(sara.page, "board-alarms")
    sara.page.get_by_role("button", name="受付を止める").first.click()
    album.take(sara.page, "board-act")
    sara.page.get_by_role("button", name="やめる").click()
    web = people.service.webs[-1]
    desk = Peer(f"{web.ws}/ws/staff/", Cookie=people.cookies["carla"], Origin=web.url)
    desk.send("hello", v=1, cursors={})
    talk = desk.take("welcome")["conversations"][0]["conversation"]
    desk.send("emergency.call", conversation=talk, id=str(uuid.uuid4()))
    sara.page.get_by_role("button", name="いま入る").click()
    expect(sara.page.locator(".joined")).to_contain_text("こんばんは")
    sara.page.locator('[data-step="danger"] button').click()
    expect(sara.page.locator('[data-step="danger"]')).to_have_attribute("data-asked", "yes")
    sara.page.locator(".call").scroll_into_view_if_needed()
    album.take(sara.page, "board-emergency")
    sara.page.locator('[name="decision"][value="watch"]').check()
    sara.page.locator('.call [name="words"]').fill("落ち着いて話せている")
    sara.page.get_by_role("button", name="決める").click()
    expect(sara.page.locator(".call")).to_have_count(0)
    desk.end()


def _enters(visitor: Visitor, nickname: str, note: str, audience: str = "youth") -> Visitor:
    visitor.enter(audience, nickname=nickname, note=note)
    visitor.sees_phase("paired")
    return visitor


def _talks(carla: Counselor, vera: Visitor) -> None:
    vera.say("こんばんは。")
    carla.hears("ベラ", "こんばんは。")
    carla.say("ベラ", "こんばんは。来てくれてありがとう。ここで ゆっくり聞いています。")
    vera.hears("来てくれてありがとう")
    vera.say("冬休みが終わるのが、こわいです。")
    carla.hears("ベラ", "こわいです")
    carla.say("ベラ", "終わるのがこわいんだね。学校のことを考えると、からだも重くなったりする？")
    vera.hears("からだも重く")
    vera.say("うん、そうかも")
    vera.sees_it_arrived()


def draw_before_the_window(people: People, album: Album) -> None:
    """What a child sees who comes half an hour early."""
    vera = people.visitor(**album.look)
    vera.goto("/ja/chat/youth/")
    album.take(vera.page, "closed", whole=True)


@contextmanager
def stage() -> Iterator[tuple[Browser, Service]]:
    """A browser, and a service of one web process in the youth chat's hours."""
    expect.set_options(timeout=PATIENCE_MS)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        service = Service(Path(folder))
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        try:
            yield browser, service.start()
        finally:
            browser.close()
            service.stop()


def main() -> None:
    """Draw all pictures anew."""
    if shutil.which("pdftoppm") is None:
        sys.exit("The leaflets' pictures need pdftoppm. Debian: apt-get install poppler-utils")
    albums = [Album(FOLDER, look) for look in (PHONE, DESK)]
    with stage() as (browser, service):
        for draw in (draw_pages, draw_evening, draw_board):
            for album in albums:
                _act(draw, People(browser, service, {}), album)
        draw_leaflets(service)
        _act(draw_desk, People(browser, service, {}), albums[1])
        service.set_clock("2024-12-28T15:30:00+09:00")
        for album in albums:
            _act(draw_before_the_window, People(browser, service, {}), album)


def _act(draw: Any, people: People, album: Album) -> None:
    draw(people, album)
    people.leave()
    faults = people.faults()
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
