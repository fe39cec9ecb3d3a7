"""``python -m bench estimates``: how often the true wait fell into the range that was told.

Evenings are played (bench/evenings.py). At entry, and every quarter of an hour later, each rule says how long
it will take, from what the service knows at that moment. Those who were served in the end are counted.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench.evenings import Evening, Moment, Visitor
from chat.rules.estimate import LaneNow, look_ahead

MINUTE_S = 60
LATER_S = 900
FITTED = range(90)  # the evenings by which the rule's constants were found
FIRST = 1000  # those that are judged come after them

Told = tuple[float, float] | None
Rule = Callable[[Moment], Callable[[int], Told]]


@dataclass(frozen=True)
class Case:
    """One person at one moment: what was told, and what came."""

    rule: str
    at_s: float  # since the opening
    is_entry: bool
    place: int
    wait_s: float
    told: Told


def ours(moment: Moment) -> Callable[[int], Told]:
    """Notalone's rule, as the service calls it."""
    outlook = look_ahead(
        LaneNow(
            slots=moment.slots,
            running_s=moment.running_s,
            ended_s=moment.ended_s,
            away_slots=moment.away_slots,
            left=moment.left,
            waited_s=moment.waited_s,
            open_s=moment.at,
        )
    )

    def tell(place: int) -> Told:
        if outlook is None:
            return None
        found = outlook.wait(place, None)
        return found.low_s, found.high_s

    return tell


def one_after_the_other(moment: Moment) -> Callable[[int], Told]:
    """The place times the mean talk by the slots, give or take a Poisson spread (1.28 deviations)."""
    if not moment.slots or len(moment.ended_s) < 3:
        return lambda _: None
    step_s = statistics.mean(moment.ended_s[-20:]) / moment.slots
    return lambda place: (
        max(0.0, place - 1.28 * place**0.5) * step_s,
        (place + 1.28 * place**0.5) * step_s,
    )


def half_and_double(moment: Moment) -> Callable[[int], Told]:
    """The place times the mean talk by the slots, from half of it to its double."""
    if not moment.slots or len(moment.ended_s) < 3:
        return lambda _: None
    step_s = statistics.mean(moment.ended_s[-20:]) / moment.slots
    return lambda place: (0.5 * place * step_s, 2 * place * step_s)


def as_the_last_ones(moment: Moment) -> Callable[[int], Told]:
    """The shortest and the longest wait of the last ten who were taken, whatever the place."""
    waits = [wait for _, wait in moment.paired_waits[-10:]]
    return lambda _: (min(waits), max(*waits, MINUTE_S)) if len(waits) >= 3 else None


RULES: dict[str, Rule] = {
    "Notalone": ours,
    "place × mean talk ÷ slots, Poisson": one_after_the_other,
    "the same, half to double": half_and_double,
    "waits of the last ten": as_the_last_ones,
}


def cases(evening: Evening, rules: dict[str, Rule]) -> list[Case]:
    """Play an evening and ask the rules; the waits are known when it is over."""
    asked: list[tuple[str, bool, int, float, Visitor, Told]] = []
    for moment in evening:
        people = list(_to_tell(moment))
        for name, rule in rules.items():
            tell = rule(moment) if people else None
            if tell is not None:
                asked += [(name, new, place, moment.at, one, tell(place)) for place, one, new in people]
    return [
        Case(name, at, new, place, one.taken_at - at, told)
        for name, new, place, at, one, told in asked
        if one.taken_at is not None
    ]


def _to_tell(moment: Moment) -> Iterator[tuple[int, Visitor, bool]]:
    is_later = moment.at % LATER_S == 0
    for place, one in enumerate(moment.line, 1):
        is_new = one.came_at > moment.at - MINUTE_S
        if is_new or is_later:
            yield place, one, is_new


def hits(evening: Evening) -> list[bool]:
    """Tell of each range that our rule gave whether it held the true wait."""
    return [case.told[0] <= case.wait_s <= case.told[1] for case in cases(evening, {"": ours}) if case.told]


def line(name: str, found: Sequence[Case]) -> str:
    """Give one row of the table."""
    told = [(case.told, case.wait_s) for case in found if case.told]
    if not told:
        return f"| {name} | – | – | – | – | – |"
    held = sum(low <= wait <= high for (low, high), wait in told) / len(told)
    widths = [(high - low) / MINUTE_S for (low, high), _ in told]
    waits = [wait / MINUTE_S for _, wait in told]
    silent = 1 - len(told) / len(found)
    width = f"{statistics.median(widths):.0f} ({statistics.mean(widths):.0f})"
    wait = f"{statistics.median(waits):.0f}"
    return f"| {name} | {len(told):,} | {held:.1%} | {width} | {wait} | {silent:.1%} |"


COLUMNS = ("", "told", "wait in the range", "width (mean), min", "wait, min", "nothing told")
HEAD = f"| {' | '.join(COLUMNS)} |\n" + "|---" * len(COLUMNS) + "|"
MINUTES = ((0, 10), (10, 30), (30, 60), (60, 120), (120, 360))
PLACES = ((1, 3), (4, 10), (11, 30), (31, 100), (101, 10_000))


def main(arguments: Sequence[str]) -> int:
    """Play the evenings and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench estimates", description=__doc__)
    parser.add_argument("--evenings", type=int, default=100)
    parser.add_argument("--first", type=int, default=FIRST, help="the first evening's seed")
    options = parser.parse_args(arguments)
    found: list[Case] = []
    for seed in range(options.first, options.first + options.evenings):
        found += cases(Evening(seed), RULES)
    print(f"{options.evenings} evenings, seeds {options.first} and on. At entry:\n\n{HEAD}")
    for rule in RULES:
        print(line(rule, [case for case in found if case.rule == rule and case.is_entry]))
    print(f"\nEvery quarter of an hour later:\n\n{HEAD}")
    for rule in RULES:
        print(line(rule, [case for case in found if case.rule == rule and not case.is_entry]))
    print(f"\nNotalone's rule at entry, by the place:\n\n{HEAD}")
    mine = [case for case in found if case.rule == "Notalone" and case.is_entry]
    for first, last in PLACES:
        name = f"{first}–{last}" if last < PLACES[-1][1] else f"{first} and more"
        print(line(name, [case for case in mine if first <= case.place <= last]))
    print(f"\nNotalone's rule at entry, by the minutes since the opening:\n\n{HEAD}")
    for first, last in MINUTES:
        print(
            line(
                f"{first}–{last}", [case for case in mine if first * MINUTE_S <= case.at_s < last * MINUTE_S]
            )
        )
    return 0
