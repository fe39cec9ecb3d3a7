"""What may be said: the form of words, never their content."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

BODY_MAX = 2000

# NUL crashes psycopg and lone surrogates can not be encoded; no keyboard writes the other controls.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_UNSEEN = {"Cc", "Cf", "Zs", "Zl", "Zp"}


def is_fit(text: str) -> bool:
    """Tell whether a text can be stored and shown: no control characters but tab and line ends, and
    no lone surrogates."""
    return _UNFIT.search(text) is None


def body_fault(body: str) -> Literal["body_empty", "body_too_long", "bad_frame"] | None:
    """Name what is wrong with a message's body.

    Its length counts code points, so a browser's ``maxlength`` (UTF-16 units) is never laxer. A body
    of nothing but spaces and characters that can not be seen is empty.
    """
    if len(body) > BODY_MAX:
        return "body_too_long"
    if not is_fit(body):
        return "bad_frame"
    if not body[:1].isalnum() and all(unicodedata.category(character) in _UNSEEN for character in body):
        return "body_empty"
    return None
