import pytest

from chat.rules.conversation import BODY_MAX, body_fault, is_fit


@pytest.mark.parametrize(
    "body",
    [
        "こんにちは",
        "a",
        "…",
        "line\nline\r\n\tindented",
        "x" * BODY_MAX,
        "😀" * BODY_MAX,
        "👩‍👧",
        "\u2028.",
        "　はい　",
        "\ue000",
    ],
)
def test_a_body_that_may_be_sent(body: str) -> None:
    assert body_fault(body) is None


@pytest.mark.parametrize("body", ["", " ", "\n\t\r\n", "　", "\u200b", "\ufeff \u200d", "\u2028"])
def test_a_body_that_shows_nothing_is_empty(body: str) -> None:
    assert body_fault(body) == "body_empty"


@pytest.mark.parametrize("body", ["x" * (BODY_MAX + 1), " " * (BODY_MAX + 1), "😀" * (BODY_MAX + 1)])
def test_a_body_over_the_limit_is_too_long(body: str) -> None:
    assert body_fault(body) == "body_too_long"


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x0b", "\x1b", "\x7f", "\x85", "\ud800"])
def test_characters_that_can_not_be_kept_are_refused(character: str) -> None:
    assert body_fault(f"a{character}b") == "bad_frame"
    assert body_fault(character) == "bad_frame"
    assert not is_fit(f"nick{character}")


@pytest.mark.parametrize("text", ["", "ゆき", "a\tb\r\n", "😀"])
def test_text_that_is_fit(text: str) -> None:
    assert is_fit(text)
