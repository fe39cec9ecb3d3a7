"""Match Japanese as it is read, whether readings stand over its kanji or not."""

import re

READING = r"(?:（[ぁ-んァ-ヶー]+）)?"


def said(words: str) -> re.Pattern[str]:
    """Match these words; a kanji, or a run of them, may carry its reading in parentheses."""
    return re.compile("".join(re.escape(char) + (READING if "一" <= char <= "鿿" else "") for char in words))
