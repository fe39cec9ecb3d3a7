"""When answers are due and mails are tried again."""

from datetime import UTC, datetime, timedelta

import pytest

from chat.rules.inquiries import GIVE_UP_AFTER, due_at, looks_like_advertising, retry_at

NOW = datetime(2024, 12, 28, 7, tzinfo=UTC)


@pytest.mark.parametrize(("urgency", "hours"), [(-1, 24), (0, 24), (1, 12), (2, 6), (3, 2), (9, 2)])
def test_an_urgent_one_is_due_sooner(urgency: int, hours: int) -> None:
    assert due_at(NOW, urgency) == NOW + timedelta(hours=hours)


@pytest.mark.parametrize(("attempts", "minutes"), [(0, 1), (1, 1), (2, 5), (3, 15), (4, 60), (50, 60)])
def test_a_mail_is_tried_again_later_and_later(attempts: int, minutes: int) -> None:
    assert retry_at(NOW, attempts, NOW) == NOW + timedelta(minutes=minutes)


def test_a_mail_is_given_up_after_three_days() -> None:
    assert retry_at(NOW, 70, NOW + GIVE_UP_AFTER - timedelta(seconds=1)) is not None
    assert retry_at(NOW, 70, NOW + GIVE_UP_AFTER) is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [("つらいです", False), ("https://a.jp を見ました", False), ("http://a http://b https://c www.d", True)],
)
def test_many_links_look_like_advertising(body: str, expected: bool) -> None:
    assert looks_like_advertising(body) is expected
