"""One-time codes as an authenticator app makes them (RFC 6238: SHA-1, 30 s, six digits)."""

from __future__ import annotations

import base64
import hmac
import re
import struct
import time

from django.test import Client


def totp(secret: str, *, steps: int = 0) -> str:
    """Give the code of now, or of ``steps`` half minutes later."""
    counter = int(time.time()) // 30 + steps
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", counter), "sha1").digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def set_up(browser: Client) -> str:
    """Set up an authenticator app in a session that may; give its secret. Needs transactions: only when
    one is committed does the session know."""
    page = browser.get("/staff/mfa/totp/add/").content.decode()
    secret = re.search(r'<code id="secret">(\w+)</code>', page)
    assert secret, page
    answer = browser.post("/staff/mfa/totp/add/", {"code": totp(secret[1], steps=-1)})
    assert answer.headers["Location"] == "/staff/mfa/codes/", answer.content.decode()
    return secret[1]


def recovery_codes(browser: Client) -> list[str]:
    """Read one's recovery codes off their page."""
    return re.findall(r"<code>(\d+)</code>", browser.get("/staff/mfa/codes/").content.decode())
