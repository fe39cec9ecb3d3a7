"""The people of the browser tests, each in a browser context of their own, and what they do."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, WebError, expect

from tests.e2e.words import said
from tests.processes import until
from tests.service import Service, sign_in

PHONE: dict[str, Any] = {
    "viewport": {"width": 375, "height": 740},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}


@dataclass
class Watch:
    """What went wrong in one context: anything on the console, any error, any request to elsewhere."""

    hosts: set[str]
    allowed: list[re.Pattern[str]] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", self._weberror)
        context.on("request", lambda request: self._address(request.url))
        context.on("page", lambda page: page.on("websocket", lambda socket: self._address(socket.url)))

    def allow(self, pattern: str) -> None:
        """Expect this on the console."""
        self.allowed.append(re.compile(pattern))

    def faults(self) -> list[str]:
        return [words for words in self.seen if not any(allowed.search(words) for allowed in self.allowed)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning", "assert"}:
            self.seen.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _weberror(self, error: WebError) -> None:
        self.seen.append(f"page error: {error.error}")

    def _address(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob"} and parts.netloc not in self.hosts:
            self.seen.append(f"request to {url}")


@dataclass
class Person:
    """Somebody before a browser. ``url``: of the web process that they came to."""

    context: BrowserContext
    page: Page
    url: str
    watch: Watch

    def goto(self, path: str) -> None:
        self.page.goto(self.url + path)

    def second_tab(self) -> Page:
        return self.context.new_page()


class Visitor(Person):
    @property
    def talk(self) -> Locator:
        return self.page.locator("#talk")

    @property
    def draft(self) -> Locator:
        return self.page.locator("#draft")

    @property
    def own_marks(self) -> Locator:
        return self.page.locator(".bubble.own .meta")

    def enter(self, audience: str = "youth", *, nickname: str = "", note: str = "") -> None:
        """Go through the entry form; wait until the place in the lane is known."""
        self.goto(f"/ja/chat/{audience}/")
        self.fill_in(nickname=nickname, note=note)
        self.begin()

    def fill_in(self, *, nickname: str = "", note: str = "") -> None:
        self.page.locator("#nickname").fill(nickname)
        self.page.locator("#note").fill(note)
        self.page.locator("#consent").check()

    def begin(self) -> None:
        self.page.locator("#begin").click()
        self.page.wait_for_url("**/ja/talk/")
        self.sees_phase("waiting", "paired")

    def sees_phase(self, *phases: str) -> None:
        expect(self.talk).to_have_attribute("data-phase", re.compile(f"^({'|'.join(phases)})$"))

    def say(self, words: str) -> None:
        self.draft.fill(words)
        self.page.locator("#send").click()

    def transcript(self) -> Locator:
        return self.page.locator("#log .words")

    def sees(self, *lines: str) -> None:
        """See exactly these lines, in this order, each once."""
        expect(self.transcript()).to_have_text(list(lines))

    def hears(self, words: str) -> None:
        expect(self.page.locator(".bubble:not(.own) .words").filter(has_text=words)).to_have_count(1)

    def sees_mark(self, words: str) -> None:
        expect(self.own_marks.last).to_contain_text(said(words))

    def sees_it_arrived(self) -> None:
        """See under the last own words that they are stored; a quick counselor has read them already."""
        stored = f"{said('届きました').pattern}|{said('読まれました').pattern}"
        expect(self.own_marks.last).to_contain_text(re.compile(stored))


class Staff(Person):
    pass


class Counselor(Staff):
    def open_desk(self) -> None:
        self.goto("/staff/desk/")
        expect(self.page.locator(".desk")).to_be_visible()

    def come(self, capacity: int = 3) -> None:
        """Open the desk and take talks."""
        self.open_desk()
        self.page.locator(".capacity select").select_option(str(capacity))
        self.page.locator(".choice-available").click()
        expect(self.page.locator(".choice-available")).to_have_attribute("aria-pressed", "true")

    def go_away(self) -> None:
        self.page.locator(".choice-away").click()
        expect(self.page.locator(".choice-away")).to_have_attribute("aria-pressed", "true")

    def talks(self) -> Locator:
        return self.page.locator(".talk[data-talk]")

    def talk(self, nickname: str) -> Locator:
        return self.talks().filter(has=self.page.get_by_role("heading", name=nickname, exact=True))

    def row(self, nickname: str) -> Locator:
        return self.page.locator(".row[data-talk]").filter(has_text=nickname)

    def say(self, nickname: str, words: str) -> None:
        self.talk(nickname).locator(".composer textarea").fill(words)
        self.talk(nickname).locator(".composer .send").click()

    def hears(self, nickname: str, words: str) -> None:
        lines = self.talk(nickname).locator('.line[data-sender="visitor"] .bubble')
        expect(lines.filter(has_text=words)).to_have_count(1)

    def sees(self, nickname: str, *lines: str) -> None:
        """See exactly these lines in the talk, in this order, each once."""
        expect(self.talk(nickname).locator(".line .bubble")).to_have_text(list(lines))

    def close(self, nickname: str, outcome: str = "listened", note: str = "") -> None:
        self.row(nickname).click()
        closing = self.page.locator(".closing")
        expect(self.page.locator(".about h2")).to_have_text(nickname)
        self.tab("end")
        closing.locator("#outcome").select_option(outcome)
        closing.locator("#note").fill(note)
        closing.locator('button[value="end"]').click()
        expect(self.talk(nickname)).to_have_attribute("data-ended", "yes")

    def tab(self, name: str) -> None:
        """Open a tab of the panel, which stands beside the talk (or, on a narrow screen, behind a button)."""
        switch = self.page.locator('.talk[data-focus="true"] .about-switch[aria-expanded]')
        if switch.is_visible():
            switch.click()
        self.page.locator(f'[role="tab"][data-tab="{name}"]').click()

    def offer_to(self, name: str) -> None:
        """Choose a colleague to hand over to. Their desk shows at once that they are there, the rows a moment
        later: whoever is not in the list yet is looked for again."""
        choice = self.page.get_by_role("radio", name=name)

        def is_listed() -> bool:
            if not choice.count():
                self.page.get_by_role("button", name="もう一度さがす").click()
                self.page.wait_for_timeout(200)  # the desk's frames are counted
            return bool(choice.count())

        until(is_listed, f"{name} can be chosen")
        choice.check()

    def clear(self, nickname: str) -> None:
        self.talk(nickname).locator(".ended button").last.click()
        expect(self.talk(nickname)).to_have_count(0)


class Supervisor(Staff):
    def open_board(self) -> None:
        self.goto("/staff/board/")
        expect(self.page.locator("#sentence")).to_be_visible()

    def waiting(self, lane: str = "youth:ja") -> Locator:
        return self.page.locator(f'[data-lane="{lane}"] .lane-waiting b')


P = TypeVar("P", bound=Person)
S = TypeVar("S", bound=Staff)


@dataclass
class People:
    """Everybody who comes in one test. Visitors come to the first web process, staff to the last."""

    browser: Browser
    service: Service
    cookies: dict[str, str]
    here: list[Person] = field(default_factory=list)

    def visitor(self, **options: Any) -> Visitor:
        return self._come(Visitor, self.service.webs[0].url, options)

    def counselor(self, username: str = "carla", **options: Any) -> Counselor:
        return self._sign_in(Counselor, username, options)

    def supervisor(self, username: str = "sara", **options: Any) -> Supervisor:
        return self._sign_in(Supervisor, username, options)

    def anybody(self, **options: Any) -> Staff:
        """Come to the staff's pages without signing in."""
        return self._come(Staff, self.service.webs[-1].url, options)

    def leave(self) -> None:
        """End every talk and wait, and close the browsers; the service is as it was."""
        for person in self.here:
            if isinstance(person, Visitor):
                person.context.request.get(f"{person.url}/close/")
        for person in self.here:
            if isinstance(person, Counselor) and "/staff/desk/" in person.page.url:
                person.go_away()
        for person in self.here:
            person.context.close()

    def faults(self) -> list[str]:
        return [fault for person in self.here for fault in person.watch.faults()]

    def _come(self, kind: type[P], url: str, options: dict[str, Any]) -> P:
        context = self.browser.new_context(locale="ja-JP", timezone_id="Asia/Tokyo", **options)
        watch = Watch({urlsplit(web.url).netloc for web in self.service.webs})
        watch.over(context)
        person = kind(context, context.new_page(), url, watch)
        self.here.append(person)
        return person

    def _sign_in(self, kind: type[S], username: str, options: dict[str, Any]) -> S:
        web = self.service.webs[-1]
        if username not in self.cookies:
            self.cookies[username] = sign_in(web, self.service.member(username))
        person = self._come(kind, web.url, options)
        pairs = (pair.split("=", 1) for pair in self.cookies[username].split("; "))
        person.context.add_cookies([{"name": name, "value": value, "url": web.url} for name, value in pairs])
        return person
