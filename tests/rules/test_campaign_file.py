"""A campaign file is read whole or refused with the line at fault, marked here by ``# <<<``."""

from datetime import time

import pytest

from chat.rules.campaigns import CampaignFault, parse_campaign
from chat.rules.types import DailyWindow, LaneLimits
from notalone.env import ROOT
from tests.rules.campaign_makers import SEED, jst, windows

HEAD = """\
slug = "spring"
name = "春の相談"
zone = "Asia/Tokyo"
starts_at = 2025-03-01T10:00:00
ends_at = 2025-03-08T10:00:00
"""
SERVICE = """
[[services]]
channel = "chat"
audience = "youth"
windows = ["16:00-22:00"]
"""
GOOD = HEAD + SERVICE


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new)


def fault_of(text: str) -> CampaignFault:
    with pytest.raises(CampaignFault) as caught:
        parse_campaign(text)
    return caught.value


def test_the_seed() -> None:
    assert SEED.slug == "2024-new-year"
    assert SEED.name == "孤独・孤立相談ダイヤル #9999（年末年始）"
    assert SEED.zone.key == "Asia/Tokyo"
    assert (SEED.starts_at, SEED.ends_at) == (jst("2024-12-25 10:00"), jst("2025-01-04 10:00"))
    assert SEED.languages == ("ja",)
    assert SEED.talk_grace_s == 30 * 60


@pytest.mark.parametrize("audience", ["youth", "general"])
def test_the_seed_has_the_published_numbers(audience: str) -> None:
    phones = [each.phones for each in SEED.services if (each.channel, each.audience) == ("phone", audience)]
    assert phones == [("#9999", "0120-494949")]


def test_what_may_be_left_out_has_defaults() -> None:
    campaign = parse_campaign(GOOD)
    assert (campaign.languages, campaign.talk_grace_s) == (("ja",), 1800)
    assert (campaign.services[0].exceptions, campaign.services[0].phones, campaign.services[0].url) == (
        (),
        (),
        "",
    )


def test_everything_set() -> None:
    campaign = parse_campaign(
        HEAD
        + 'languages = ["ja", "en"]\ntalk_grace_minutes = 0\n'
        + SERVICE
        + 'phones = ["0120-494949"]\nurl = "/ja/mail/"\n'
        + '[[services.exceptions]]\non = 2025-03-03\nwindows = ["22:00-02:00", "10:00-12:00"]\n'
        + "[[services.exceptions]]\non = 2025-03-04\nwindows = []\n"
    )
    (service,) = campaign.services
    assert (campaign.languages, campaign.talk_grace_s) == (("ja", "en"), 0)
    assert (service.phones, service.url) == (("0120-494949",), "/ja/mail/")
    assert [(str(each.on), each.windows) for each in service.exceptions] == [
        ("2025-03-03", windows("10:00-12:00", "22:00-02:00")),
        ("2025-03-04", ()),
    ]


@pytest.mark.parametrize(
    ("written", "opens", "closes"),
    [
        ("00:00-24:00", "00:00", "00:00"),
        ("16:00-24:00", "16:00", "00:00"),
        ("16:00-00:00", "16:00", "00:00"),
        ("22:00-02:00", "22:00", "02:00"),
        ("09:05-23:59", "09:05", "23:59"),
    ],
)
def test_a_window_as_it_is_written(written: str, opens: str, closes: str) -> None:
    (service,) = parse_campaign(changed("16:00-22:00", written)).services
    assert service.windows == (DailyWindow(time.fromisoformat(opens), time.fromisoformat(closes)),)


def test_windows_may_touch() -> None:
    (service,) = parse_campaign(changed('"16:00-22:00"', '"16:00-22:00", "22:00-16:00"')).services
    assert service.windows == windows("16:00-22:00", "22:00-16:00")


def test_instants_may_have_their_own_offset() -> None:
    campaign = parse_campaign(changed("2025-03-01T10:00:00", "2025-03-01T01:00:00Z"))
    assert campaign.starts_at == jst("2025-03-01 10:00")


@pytest.mark.parametrize("text", ["\ufeff" + GOOD, GOOD.replace("\n", "\r\n")])
def test_files_of_other_systems_are_read_alike(text: str) -> None:
    assert parse_campaign(text) == parse_campaign(GOOD)


def test_tables_may_be_written_in_line() -> None:
    inline = HEAD + 'services = [{channel = "chat", audience = "youth", windows = ["16:00-22:00"]}]\n'
    assert parse_campaign(inline) == parse_campaign(GOOD)


EXCEPTION = "[[services.exceptions]]\n"
ON_MARCH_3 = EXCEPTION + "on = 2025-03-03\nwindows = []\n"
FAULTS = {
    "overlap": (
        changed('["16:00-22:00"]', '["16:00-22:00", "21:00-23:00"]  # <<<'),
        "“16:00-22:00” and “21:00-23:00” overlap: write windows that touch at most",
    ),
    "overlap over several lines": (
        changed('["16:00-22:00"]', '[\n  "16:00-22:00",\n  "10:00-12:00",\n  "11:59-13:00",  # <<<\n]'),
        "“10:00-12:00” and “11:59-13:00” overlap",
    ),
    "overlap across midnight": (
        changed('["16:00-22:00"]', '["22:00-02:00", "01:00-05:00"]  # <<<'),
        "“22:00-02:00” and “01:00-05:00” overlap",
    ),
    "overlap in an exception": (
        GOOD + EXCEPTION + 'on = 2025-03-03\nwindows = ["10:00-12:00", "11:00-13:00"]  # <<<\n',
        "“10:00-12:00” and “11:00-13:00” overlap",
    ),
    "the same window twice": (
        changed('["16:00-22:00"]', '["16:00-22:00", "16:00-22:00"]  # <<<'),
        "“16:00-22:00” and “16:00-22:00” overlap",
    ),
    "end before start": (
        changed("2025-03-08T10:00:00", "2025-02-08T10:00:00  # <<<"),
        "the campaign ends before it starts: write a later ends_at",
    ),
    "end at start": (
        changed("2025-03-08T10:00:00", "2025-03-01T10:00:00  # <<<"),
        "the campaign ends before it starts",
    ),
    "window that ends when it starts": (
        changed('["16:00-22:00"]', '["16:00-16:00"]  # <<<'),
        "“16:00-16:00” ends when it starts: write “00:00-24:00” for the whole day",
    ),
    "unknown zone": (
        changed('"Asia/Tokyo"', '"Asia/Tokio"  # <<<'),
        "unknown zone “Asia/Tokio”: write a name from the IANA list",
    ),
    "zone that is a folder": (changed('"Asia/Tokyo"', '"Asia"  # <<<'), "unknown zone “Asia”"),
    "zone that leads elsewhere": (changed('"Asia/Tokyo"', '"../zone"  # <<<'), "unknown zone “../zone”"),
    "unknown key": ("color = 1  # <<<\n" + GOOD, "unknown key “color”: known here are slug, name"),
    "misspelled key": (GOOD + 'phone = ["#9999"]  # <<<\n', "unknown key “phone”: write “phones”"),
    "unknown key of an exception": (
        GOOD + ON_MARCH_3 + "open = false  # <<<\n",
        "unknown key “open”: known here are on, windows",
    ),
    "unknown table": (GOOD + "[mail]  # <<<\n", "unknown key “mail”"),
    "missing key": (
        changed('[[services]]\nchannel = "chat"', "[[services]]  # <<<"),
        '“channel” is missing: write "phone" or "chat" or "mail"',
    ),
    "missing key of the campaign": (
        "# <<<\n" + changed('slug = "spring"\n', ""),
        "“slug” is missing: write small letters",
    ),
    "bad time": (changed('["16:00-22:00"]', '["16:00-25:00"]  # <<<'), "bad time '16:00-25:00': write win"),
    "bad minute": (changed('["16:00-22:00"]', '["16:60-22:00"]  # <<<'), "bad time '16:60-22:00'"),
    "time after the end of the day": (
        changed('["16:00-22:00"]', '["16:00-24:01"]  # <<<'),
        "no day is longer than 24:00",
    ),
    "time of one digit": (changed('["16:00-22:00"]', '["9:00-16:00"]  # <<<'), "bad time '9:00-16:00'"),
    "digits of another script": (changed('["16:00-22:00"]', '["１６:00-22:00"]  # <<<'), "bad time"),
    "time that is no text": (changed('["16:00-22:00"]', "[16:00:00]  # <<<"), "bad time"),
    "windows that are no list": (
        changed('["16:00-22:00"]', '"16:00-22:00"  # <<<'),
        "“windows” is of the wrong kind: write windows",
    ),
    "date in quotes": (
        changed("2025-03-01T10:00:00", '"2025-03-01T10:00:00"  # <<<'),
        "“starts_at” is of the wrong kind: write a date and time without quotes",
    ),
    "date without time": (
        changed("2025-03-01T10:00:00", "2025-03-01  # <<<"),
        "“starts_at” is of the wrong kind",
    ),
    "year beyond reason": (changed("2025-03-08T", "9999-03-08T"), "the year 9999 can not be meant"),
    "duplicate service": (
        GOOD + '\n[[services]]\naudience = "youth"\nchannel = "chat"  # <<<\nwindows = []\n',
        "duplicate service chat for youth: write it once",
    ),
    "duplicate exception": (
        GOOD + ON_MARCH_3 + ON_MARCH_3.replace("-03\n", "-03  # <<<\n"),
        "duplicate exception on 2025-03-03: write it once",
    ),
    "exception before the campaign": (
        GOOD + EXCEPTION + "on = 2025-02-28  # <<<\nwindows = []\n",
        "2025-02-28 is outside the campaign: write a date from 2025-03-01 to 2025-03-08",
    ),
    "exception after the campaign": (
        GOOD + ON_MARCH_3.replace("-03\n", "-09  # <<<\n"),
        "2025-03-09 is outside the campaign",
    ),
    "exception on the midnight at which it ends": (
        changed("08T10:00:00", "08T00:00:00") + ON_MARCH_3.replace("-03\n", "-08  # <<<\n"),
        "2025-03-08 is outside the campaign: write a date from 2025-03-01 to 2025-03-07",
    ),
    "exception as one table": (
        GOOD + "[services.exceptions]  # <<<\non = 2025-03-03\nwindows = []\n",
        "“exceptions” is of the wrong kind: write each as a table [[services.exceptions]]",
    ),
    "exceptions that are no tables": (
        GOOD + "exceptions = [2025-03-03]  # <<<\n",
        "“exceptions” is of the wrong kind",
    ),
    "unknown channel": (changed('"chat"', '"fax"  # <<<'), 'unknown channel “fax”: write "phone" or'),
    "unknown audience": (
        changed('"youth"', '"adults"  # <<<'),
        'unknown audience “adults”: write "youth" or "general"',
    ),
    "no service": ("# <<<\n" + HEAD, "no service: write each as a table [[services]]"),
    "grace out of range": ("talk_grace_minutes = -1  # <<<\n" + GOOD, "-1 minutes of grace: write 0 to 1440"),
    "grace that is no number": ("talk_grace_minutes = true  # <<<\n" + GOOD, "of the wrong kind"),
    "no language": ("languages = []  # <<<\n" + GOOD, "no language: write codes such as"),
    "bad language": ('languages = ["ja", "日本語"]  # <<<\n' + GOOD, "'日本語' can not stand in languages"),
    "language twice": ('languages = [\n  "en",\n  "ja",\n  "en",\n]\n' + GOOD, "“en” stands twice"),
    "bad slug": (changed('"spring"', '"Spring 2025"  # <<<'), "“Spring 2025” can not be the slug"),
    "empty name": (changed('"春の相談"', '"　"  # <<<'), "can not be the name"),
    "bad phone": (GOOD + 'phones = [\n  "#9999",\n  "call us",  # <<<\n]\n', "'call us' can not stand in"),
    "url that runs a script": (GOOD + 'url = "javascript:alert(1)"  # <<<\n', "can not be the url: write"),
    "url of another host without scheme": (GOOD + 'url = "//example.org/"  # <<<\n', "can not be the url"),
    "not TOML": (changed('"youth"', "youth  # <<<"), "not valid TOML"),
    "key twice": (GOOD + 'channel = "mail"  # <<<\n', "not valid TOML"),
    "text that does not end": (HEAD + '[[services]]\nchannel = """chat\n# <<<', "not valid TOML"),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_named_with_what_to_write_instead(kind: str) -> None:
    text, words = FAULTS[kind]
    assert words in fault_of(text).message


@pytest.mark.parametrize("kind", [kind for kind, (text, _) in FAULTS.items() if "# <<<" in text])
def test_a_fault_names_its_line(kind: str) -> None:
    text, _ = FAULTS[kind]
    fault = fault_of(text)
    marked = next(number for number, line in enumerate(text.split("\n"), 1) if "# <<<" in line)
    assert fault.line == marked
    assert str(fault).startswith(f"line {marked}: ")


def test_words_that_look_like_keys_do_not_mislead() -> None:
    text = changed('"春の相談"', '"""[[services]]\\\nwindows = 1"""').replace('"16:00-22:00"', '"bad"  # <<<')
    assert fault_of(text).line == 1 + text[: text.index("# <<<")].count("\n")


# --- limits of a lane ---

SEED_TEXT = (ROOT / "notalone" / "campaigns" / "2024-new-year.toml").read_text("utf-8")


def with_limits(lines: str, channel: str = "chat") -> str:
    return SEED_TEXT.replace(
        'channel = "chat"\naudience = "youth"', f'channel = "{channel}"\naudience = "youth"\n{lines}', 1
    )


def test_a_lane_s_limits_are_read() -> None:
    text = with_limits("max_waiting = 200\nmax_wait_minutes = 90\nstops_late = true")
    service = parse_campaign(text).service("chat", "youth")
    assert service is not None
    assert service.limits == LaneLimits(200, 5400, stops_late=True)


@pytest.mark.parametrize(
    "line",
    [
        "max_waiting = 0",
        "max_waiting = -1",
        "max_waiting = 100001",
        'max_waiting = "200"',
        "max_waiting = true",
        "max_wait_minutes = 0",
        "max_wait_minutes = 1441",
        "stops_late = 1",
    ],
)
def test_a_limit_that_can_not_be_meant_is_named(line: str) -> None:
    with pytest.raises(CampaignFault) as fault:
        parse_campaign(with_limits(line))
    assert line.split(" ", maxsplit=1)[0] in fault.value.message


def test_only_a_chat_has_limits() -> None:
    text = SEED_TEXT.replace('channel = "phone"', 'channel = "phone"\nmax_waiting = 3', 1)
    with pytest.raises(CampaignFault):
        parse_campaign(text)
