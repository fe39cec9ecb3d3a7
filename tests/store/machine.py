"""Random evenings on a real Redis, beside rows that play the database.

Callers stop wherever a process may die: between row and queue, between claim and commit, between commit and
confirm. What the rows say is the truth; what the queue says is checked against it after every step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from redis.asyncio import Redis

from chat.rules.types import Lane
from chat.store.connection import connect
from chat.store.presence import CounselorState, Presence
from chat.store.queue import Claim, Queue
from chat.store.rebuild import Snapshot, Waiting
from tests.store.people import GENERAL, NOW_MS, YOUTH

LANES = (YOUTH, GENERAL)
LEASE_MS, CLAIM_MS, MARGIN_MS = 30_000, 10_000, 15_000
T = TypeVar("T")


@dataclass
class Row:
    """A ticket's row. ``counselor`` is set while it is paired."""

    place: Waiting
    state: str = "waiting"
    counselor: str | None = None


class QueueMachine(RuleBasedStateMachine):
    """See the module. ``url`` is set by the test."""

    url = ""

    @initialize()
    def open_the_evening(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.redis: Redis = connect(self.url)
        self.queue = Queue(self.redis)
        self.presence = Presence(self.redis)
        self.now = NOW_MS
        self.rows: dict[str, Row] = {}
        self.staff: dict[str, CounselorState] = {}
        self.calls: dict[Claim, tuple[str, Lane, int]] = {}  # claims whose callers live, and how they called
        self.done(self.redis.flushall())
        self.rebuild()

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self.end_the_evening()
            self.done(self.redis.aclose())
            self.loop.close()

    def done(self, work: Awaitable[T]) -> T:
        async def wait() -> T:
            return await work

        return self.loop.run_until_complete(wait())

    # Visitors

    def _row(self, data: st.DataObject, state: str) -> Row:
        names = [ticket for ticket, row in self.rows.items() if row.state == state]
        return self.rows[data.draw(st.sampled_from(names), label="ticket")]

    def _some(self, state: str) -> bool:
        return any(row.state == state for row in self.rows.values())

    @rule(lane=st.sampled_from(LANES), boost_s=st.sampled_from((0, 0, 300, 1200)), dies=st.booleans())
    def enter(self, lane: Lane, boost_s: int, dies: bool) -> None:
        self.now += 1
        place = Waiting(f"t{len(self.rows):03}", lane, self.now - boost_s * 1000, self.now)
        self.rows[place.ticket] = Row(place)
        if not dies:
            self.enqueue(place)

    def enqueue(self, place: Waiting) -> None:
        before = self.done(self.queue.members(place.lane))
        position, is_alone = self.done(
            self.queue.enqueue(
                place.ticket,
                place.lane,
                score_ms=place.score_ms,
                opened_ms=place.opened_ms,
                now_ms=self.now,
            )
        )
        if position:
            assert is_alone == (before <= {place.ticket})
            assert self.done(self.queue.front(place.lane, position))[-1] == place.ticket
        else:
            assert not is_alone
            assert place.ticket not in before

    @precondition(lambda self: self.rows)
    @rule(data=st.data())
    def enqueue_arrives_twice(self, data: st.DataObject) -> None:
        """The answer was lost and the call sent again, while the ticket went on."""
        row = self.rows[data.draw(st.sampled_from(sorted(self.rows)))]
        if row.state in {"waiting", "paired"} and self._is_recent(row):
            self.enqueue(row.place)

    def _is_recent(self, row: Row) -> bool:
        """A call sent again comes within seconds: for a paired ticket, before 15 s are over."""
        if row.state == "waiting":
            return True
        since = self.done(self.redis.zscore(f"{{na}}:held:{row.counselor}", row.place.ticket))
        return since is not None and since > self.now - MARGIN_MS

    @precondition(lambda self: self._some("waiting"))
    @rule(data=st.data(), dies=st.booleans())
    def leave(self, data: st.DataObject, dies: bool) -> None:
        row = self._row(data, "waiting")
        row.state = "left"
        if not dies:
            self.done(self.queue.leave(row.place.ticket, row.place.lane))

    @precondition(lambda self: self._some("paired"))
    @rule(data=st.data(), dies=st.booleans())
    def close(self, data: st.DataObject, dies: bool) -> None:
        row = self._row(data, "paired")
        counselor, row.counselor, row.state = row.counselor, None, "closed"
        if not dies and counselor:
            self.done(self.presence.release(counselor, row.place.ticket))

    @precondition(lambda self: self._some("paired"))
    @rule(data=st.data(), dies=st.booleans())
    def requeue(self, data: st.DataObject, dies: bool) -> None:
        row = self._row(data, "paired")
        counselor, row.counselor, row.state = row.counselor, None, "waiting"
        if not dies and counselor:
            self.done(self.queue.requeue(row.place, counselor=counselor, now_ms=self.now))

    # Counselors

    @rule(
        name=st.sampled_from(("c1", "c2", "c3")),
        capacity=st.integers(1, 3),
        lanes=st.sampled_from(((YOUTH,), (GENERAL,), LANES)),
        is_here=st.booleans(),
    )
    def set_counselor(self, name: str, capacity: int, lanes: tuple[Lane, ...], is_here: bool) -> None:
        state = CounselorState(name, "available", capacity, lanes)
        self.staff[name] = state if is_here else replace(state, state="away")
        self.done(self.presence.set_counselor(self.staff[name], now_ms=self.now))

    @precondition(lambda self: self.staff)
    @rule(data=st.data())
    def renew(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.staff)))
        self.done(self.presence.renew(name, now_ms=self.now))

    @precondition(lambda self: self.staff)
    @rule(data=st.data())
    def lapse(self, data: st.DataObject) -> None:
        self.done(self.presence.lapse(data.draw(st.sampled_from(sorted(self.staff)))))

    # Pairing

    def held_by_row(self, counselor: str) -> list[str]:
        return [ticket for ticket, row in self.rows.items() if row.counselor == counselor]

    @rule(lane=st.sampled_from(LANES))
    def pair(self, lane: Lane) -> None:
        front = self.done(self.queue.front(lane, None))
        taken = {claim.ticket for claim in self.done(self.queue.claims())}
        free = [
            (seen.load, self._assigned(seen.id), seen.id)
            for seen in self.done(self.presence.counselors(self.now))
            if seen.state == "available"
            and seen.load < seen.capacity
            and lane in seen.lanes
            and seen.lease_until_ms
        ]
        call = f"call{len(self.calls)}-{self.now}"
        claim = self.done(self.queue.pair_as(call, lane, now_ms=self.now))
        self.now += 1
        if claim is None:
            assert not front or not free
            return
        assert claim.counselor == min(free)[2]  # freest, then longest idle
        assert claim.ticket == front[0]  # first come, first served
        assert claim.ticket not in taken
        self.calls[claim] = (call, lane, self.now - 1)

    def _assigned(self, counselor: str) -> int:
        return int(self.done(self.redis.hget(f"{{na}}:counselor:{counselor}", "assigned_ms")) or 0)

    def _claim(self, data: st.DataObject) -> Claim:
        return data.draw(st.sampled_from(sorted(self.calls, key=lambda claim: claim.id)), label="claim")

    @precondition(lambda self: self.calls)
    @rule(data=st.data())
    def pair_arrives_twice(self, data: st.DataObject) -> None:
        claim = self._claim(data)
        stands = claim in self.done(self.queue.claims())
        call, lane, at_ms = self.calls[claim]
        again = self.done(self.queue.pair_as(call, lane, now_ms=at_ms))
        assert again == (claim if stands else None) or call not in self._calls_known()

    def _calls_known(self) -> set[str]:
        return {key.removeprefix("{na}:call:") for key in self.done(self.redis.keys("{na}:call:*"))}

    def commit(self, claim: Claim) -> bool:
        """The conditional UPDATE: the ticket must wait; again, it is already ours."""
        row = self.rows[claim.ticket]
        if row.state == "waiting":
            row.state, row.counselor = "paired", claim.counselor
        return row.counselor == claim.counselor

    @precondition(lambda self: self.calls)
    @rule(
        data=st.data(), fate=st.sampled_from(("lives", "dies", "dies committed", "fails", "confirms twice"))
    )
    def caller_goes_on(self, data: st.DataObject, fate: str) -> None:
        claim = self._claim(data)
        del self.calls[claim]
        if fate == "dies":
            return
        if fate == "fails":
            self.done(self.queue.put_back(claim))
            return
        is_ours = self.commit(claim)
        if fate == "dies committed":
            return
        for _ in range(2 if fate == "confirms twice" else 1):
            self.done(self.queue.confirm(claim) if is_ours else self.queue.drop(claim))

    # Time, the sweeper, and loss

    @rule(seconds=st.sampled_from((1, 5, 11, 20, 40)))
    def wait(self, seconds: int) -> None:
        self.now += seconds * 1000

    @rule()
    def sweep(self) -> None:
        for claim in self.done(self.queue.expired_claims(self.now)):
            assert claim.at_ms + CLAIM_MS <= self.now
            row = self.rows[claim.ticket]
            if row.counselor == claim.counselor:
                self.done(self.queue.confirm(claim))
            elif row.state == "waiting":
                self.done(self.queue.put_back(claim))
            else:
                self.done(self.queue.drop(claim))

    @rule()
    def reconcile(self) -> None:
        for name, state in self.staff.items():
            held = tuple(self.held_by_row(name))
            self.done(self.presence.set_counselor(replace(state, held=held), now_ms=self.now))
        claimed = {claim.ticket for claim in self.done(self.queue.claims())}
        for lane in LANES:
            members = self.done(self.queue.members(lane))
            for ticket, row in self.rows.items():
                is_due = row.state == "waiting" and row.place.lane == lane
                if is_due and ticket not in members | claimed:
                    self.enqueue(row.place)
                if not is_due and ticket in members:
                    self.done(self.queue.leave(ticket, lane))

    @rule()
    def flush_scripts(self) -> None:
        self.done(self.redis.script_flush())

    @rule(everything=st.booleans())
    def lose(self, everything: bool) -> None:
        self.done(self.redis.flushall() if everything else self.queue.invalidate())
        self.rebuild()

    def rebuild(self) -> None:
        waiting = [row.place for row in self.rows.values() if row.state == "waiting"]
        staff = [replace(s, held=tuple(self.held_by_row(name))) for name, s in self.staff.items()]
        assert self.done(self.queue.rebuild(Snapshot(waiting, staff), now_ms=self.now))

    # What always holds

    @invariant()
    def no_ticket_is_in_two_places(self) -> None:
        if not hasattr(self, "loop"):
            return
        seen: list[str] = []
        for lane in LANES:
            seen += self.done(self.queue.front(lane, None))
        held = [(ticket, name) for name in self.staff for ticket in self.done(self.presence.held(name))]
        claims = {claim.ticket: claim for claim in self.done(self.queue.claims())}
        assert len(seen) == len(set(seen))
        assert not set(seen) & set(claims)
        for ticket, name in held:
            if self.done(self.presence.holder(ticket)) == name:
                assert ticket not in seen
            else:  # the row went to another while this claim was under way: it counts until it is dropped
                assert claims[ticket].counselor == name

    @invariant()
    def a_free_set_names_just_those_with_room(self) -> None:
        if not hasattr(self, "loop"):
            return
        for lane in LANES:
            free = set(self.done(self.redis.zrange(f"{{na}}:free:{lane}", 0, -1)))
            able = {
                seen.id
                for seen in self.done(self.presence.counselors(self.now))
                if seen.state == "available" and seen.load < seen.capacity and lane in seen.lanes
            }
            here = {s.id for s in self.done(self.presence.counselors(self.now)) if s.lease_until_ms}
            assert free <= able
            assert able & here <= free

    @invariant()
    def lanes_are_in_order(self) -> None:
        if not hasattr(self, "loop"):
            return
        for lane in LANES:
            order = self.done(self.queue.front(lane, None))
            assert order == sorted(order, key=lambda ticket: (self.rows[ticket].place.score_ms, ticket))

    def end_the_evening(self) -> None:
        """All callers die; when the nets have run, the queue says just what the rows say."""
        self.calls.clear()
        self.now += 60_000
        self.sweep()
        self.reconcile()
        self.reconcile()
        assert self.done(self.queue.claims()) == []
        for lane in LANES:
            due = {t for t, row in self.rows.items() if row.state == "waiting" and row.place.lane == lane}
            assert self.done(self.queue.members(lane)) == due
        self.lanes_are_in_order()
        for name in self.staff:
            assert self.done(self.presence.held(name)) == set(self.held_by_row(name))
