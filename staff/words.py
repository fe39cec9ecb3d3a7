"""What the service itself says in a talk when staff come and go: short, and in the visitor's language."""

from __future__ import annotations

_CAME = {
    "ja": "{name}さんも、この相談に加わりました。",
    "en": "{name} has joined this talk, too.",
}
_TOOK_OVER = {
    "ja": "ここからは、{name}さんがお話をうかがいます。これまでの内容は伝わっています。",
    "en": "From here on {name} is listening. What you have said so far is known.",
}


def came(language: str, name: str) -> str:
    """Say that a second person is here."""
    return _CAME.get(language, _CAME["en"]).format(name=name)


def took_over(language: str, name: str) -> str:
    """Say that somebody else listens now."""
    return _TOOK_OVER.get(language, _TOOK_OVER["en"]).format(name=name)
