"""``python -m bench [PART] [options]``: every part, or one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from bench import boards, estimates, landing, messages, pairing, rush, scrolling, smooth

PARTS: dict[str, Callable[[Sequence[str]], int]] = {
    "messages": messages.main,
    "rush": rush.main,
    "pairing": pairing.main,
    "boards": boards.main,
    "landing": landing.main,
    "scrolling": scrolling.main,
    "smooth": smooth.main,
    "estimates": estimates.main,
}


def main(arguments: Sequence[str]) -> int:
    """Run the part that is named, else all of them."""
    if arguments and arguments[0] in PARTS:
        return PARTS[arguments[0]](arguments[1:])
    if arguments and not arguments[0].startswith("-"):
        print(f"There is no part {arguments[0]!r}: {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    return max(part(arguments) for part in PARTS.values())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
