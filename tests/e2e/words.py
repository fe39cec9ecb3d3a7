"""Match Japanese as it is read, whether readings stand over its kanji or not."""

import re


def said(words: str) -> re.Pattern[str]:
    """Match these words; a kanji, or a run of them, may carry its reading in parentheses."""
    return re.compile(
        "".join(re.escape(ch) + (r"(?:（[ぁ-んァ-ヶー]+）)?" if "一" <= ch <= "鿿" else "") for ch in words)
    )
