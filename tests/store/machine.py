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
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from redis.asyncio import Redis

from chat.rules.types import Lane
from chat.store.connection import connect
from chat.store.presence import CounselorState, Presence
from chat.store.queue import Claim, Queue
from chat.store.rebuild import Snapshot, Waiting, Wishes
from chat.store.scripts import run
from tests.store.people import GENERAL, NOW_MS, YOUTH

LANES = (YOUTH, GENERAL)
MOST_BOOST_MS = 20 * 60_000
LEASE_MS, CLAIM_MS, MARGIN_MS = 30_000, 10_000, 15_000
T = TypeVar("T")


class Tally:
    """What the evenings came to, so that the test can tell that they were not idle."""

    claims = 0


@dataclass
class Row:
    """A ticket's row. ``counselor`` is set while it is paired."""

    place: Waiting
    state: str = "waiting"
    counselor: str | None = None


class QueueMachine(RuleBasedStateMachine):
    """See the module. ``url`` is set by the test."""

    url = ""

    @initialize(capacity=st.integers(1, 3))
    def open_the_evening(self, capacity: int) -> None:
        self.loop = asyncio.new_event_loop()
        self.redis: Redis = connect(self.url)
        self.queue = Queue(self.redis)
        self.presence = Presence(self.redis)
        self.now = NOW_MS
        self.rows: dict[str, Row] = {}
        self.staff: dict[str, CounselorState] = {}
        self.calls: dict[Claim, tuple[str, Lane, int]] = {}  # claims whose callers live, and how they called
        self.pairs = 0
        self.done(self.redis.flushall())
        self.rebuild()
        self.write_counselor(CounselorState("c1", "available", capacity, LANES))
        self.write_counselor(CounselorState("c2", "available", 2, (YOUTH,)))
        self.write_counselor(CounselorState("c3", "available", 2, LANES))
        for _ in range(4):
            self.enqueue(self.come(YOUTH, boost_s=0))

    def teardown(self) -> None:
        if not hasattr(self, "loop"):
            return
        try:
            self.end_the_evening()
        finally:
            self.done(self.redis.aclose())
            self.loop.close()
            Tally.claims += self.pairs

    def done(self, work: Awaitable[T]) -> T:
        async def wait() -> T:
            return await work

        return self.loop.run_until_complete(wait())

    # One rule draws what happens: with a rule for each, hypothesis switches most of them off in most runs

    @rule(data=st.data())
    def something_happens(self, data: st.DataObject) -> None:
        possible = ["pair"] * 4 + ["enter"] * 4 + ["everyone_renews"] * 3
        possible += ["set_counselor", "lapse", "wait", "wait", "sweep", "reconcile", "lose"]
        if self.calls:
            possible += ["caller_goes_on"] * 6 + ["pair_arrives_twice"]
        if self.rows:
            possible.append("enqueue_arrives_twice")
        if self._some("waiting"):
            possible += ["leave", "boost", "boost", "block"]
        if self._some("paired"):
            possible += ["close"] * 5 + ["requeue"] * 2
        getattr(self, data.draw(st.sampled_from(possible), label="what"))(data)

    # Visitors

    def _row(self, data: st.DataObject, state: str) -> Row:
        names = [ticket for ticket, row in self.rows.items() if row.state == state]
        return self.rows[data.draw(st.sampled_from(names), label="ticket")]

    def _some(self, state: str) -> bool:
        return any(row.state == state for row in self.rows.values())

    def enter(self, data: st.DataObject) -> None:
        lane = data.draw(st.sampled_from((YOUTH, *LANES)), label="lane")
        boost_s = data.draw(st.sampled_from((0, 0, 300, 1200)), label="boost")
        knows = data.draw(st.sampled_from(("", "", "c1", "c2", "gone")), label="knows")
        place = self.come(lane, boost_s, knows)
        if not self._dies(data):
            self.enqueue(place)

    def come(self, lane: Lane, boost_s: int, knows: str = "") -> Waiting:
        self.now += 1
        ticket = f"t{len(self.rows):03}"
        place = Waiting(ticket, lane, self.now - boost_s * 1000, self.now, Wishes(knows))
        self.rows[place.ticket] = Row(place)
        return place

    def _dies(self, data: st.DataObject) -> bool:
        """Whether the caller ends between row and queue."""
        return data.draw(st.sampled_from((False, False, False, True)), label="dies")

    def enqueue(self, place: Waiting) -> None:
        before = self.done(self.queue.members(place.lane))
        position, is_alone = self.done(self.queue.stand(place, now_ms=self.now))
        if position:
            assert is_alone == (before <= {place.ticket})
            assert self.done(self.queue.front(place.lane, position))[-1] == place.ticket
        else:
            assert not is_alone
            assert place.ticket not in before

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

    def boost(self, data: st.DataObject) -> None:
        """A supervisor raises or lowers a ticket; the call to the queue may be lost."""
        row = self._row(data, "waiting")
        boost_s = data.draw(st.sampled_from((0, 300, 600, 1200)), label="boost")
        row.place = row.place._replace(score_ms=row.place.opened_ms - boost_s * 1000)
        self.move(row, data)

    def block(self, data: st.DataObject) -> None:
        """A supervisor keeps a visitor from a counselor; the call to the queue may be lost."""
        row = self._row(data, "waiting")
        name = data.draw(st.sampled_from(sorted(self.staff)), label="kept from")
        knows, avoids = row.place.wishes
        wishes = Wishes(knows if knows != name else "", tuple(sorted({*avoids, name})))
        row.place = row.place._replace(wishes=wishes)
        self.move(row, data)

    def move(self, row: Row, data: st.DataObject) -> None:
        if not self._dies(data):
            self.done(self.queue.move(row.place))

    def leave(self, data: st.DataObject) -> None:
        row = self._row(data, "waiting")
        row.state = "left"
        if not self._dies(data):
            self.done(self.queue.leave(row.place.ticket, row.place.lane))

    def close(self, data: st.DataObject) -> None:
        row = self._row(data, "paired")
        counselor, row.counselor, row.state = row.counselor, None, "closed"
        if counselor and not self._dies(data):
            self.done(self.presence.release(counselor, row.place.ticket))

    def requeue(self, data: st.DataObject) -> None:
        row = self._row(data, "paired")
        counselor, row.counselor, row.state = row.counselor, None, "waiting"
        if counselor and not self._dies(data):
            self.done(self.queue.requeue(row.place, counselor=counselor, now_ms=self.now))

    # Counselors

    def set_counselor(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(("c1", "c2", "c3")), label="counselor")
        capacity = data.draw(st.integers(1, 3), label="capacity")
        lanes = data.draw(st.sampled_from((LANES, (YOUTH,), (GENERAL,))), label="lanes")
        is_here = data.draw(st.sampled_from((True, True, False)), label="here")
        self.write_counselor(CounselorState(name, "available" if is_here else "away", capacity, lanes))

    def write_counselor(self, state: CounselorState) -> None:
        self.staff[state.id] = state
        self.done(self.presence.set_counselor(state, now_ms=self.now))
        self.done(self.presence.renew(state.id, now_ms=self.now))

    def everyone_renews(self, _: object) -> None:
        for name in self.staff:
            self.done(self.presence.renew(name, now_ms=self.now))

    def lapse(self, data: st.DataObject) -> None:
        self.done(self.presence.lapse(data.draw(st.sampled_from(sorted(self.staff)))))

    # Pairing

    def held_by_row(self, counselor: str) -> list[str]:
        return [ticket for ticket, row in self.rows.items() if row.counselor == counselor]

    def pair(self, data: st.DataObject) -> None:
        lane = data.draw(st.sampled_from((YOUTH, *LANES)), label="lane")
        for _ in range(data.draw(st.integers(1, 4), label="times")):
            self.pair_once(lane)

    def pair_once(self, lane: Lane) -> None:
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
        expected = self._best_pair(front, [name for *_, name in sorted(free)])
        call = f"call{len(self.calls)}-{self.now}"
        claim = self.done(self.queue.pair_as(call, lane, now_ms=self.now))
        self.now += 1
        if claim is None:
            assert expected is None
            return
        assert (claim.ticket, claim.counselor) == expected
        assert claim.ticket not in taken
        self.calls[claim] = (call, lane, self.now - 1)
        self.pairs += 1

    def _best_pair(self, front: list[str], free: list[str]) -> tuple[str, str] | None:
        """First come, first served, by who knows them, else the freest, then the longest idle; nobody who is
        kept from the one free is in anybody's way. By what Redis has been told."""
        told = {}
        for lane in LANES:
            told |= self.done(self.queue.standing(lane))
        for ticket in front:
            knows, _, avoids = told[ticket][1].partition(";")
            able = [name for name in free if name not in avoids.split(",")]
            if able:
                return ticket, knows if knows in able else able[0]
        return None

    def _assigned(self, counselor: str) -> int:
        return int(self.done(self.redis.hget(f"{{na}}:counselor:{counselor}", "assigned_ms")) or 0)

    def _claim(self, data: st.DataObject) -> Claim:
        return data.draw(st.sampled_from(sorted(self.calls, key=lambda claim: claim.id)), label="claim")

    def pair_arrives_twice(self, data: st.DataObject) -> None:
        claim = self._claim(data)
        call, lane, at_ms = self.calls[claim]
        if not self.done(self.redis.exists(f"{{na}}:call:{call}:1")):
            return  # Redis lost everything in between: a call like any other
        stands = claim.id in {one.id for one in self.done(self.queue.claims())}
        again = self.done(self.queue.pair_as(call, lane, now_ms=at_ms))
        assert (again and again.id) == (claim.id if stands else None)  # its score may have been moved

    def commit(self, claim: Claim) -> bool:
        """The conditional UPDATE: the ticket must wait; again, it is already ours."""
        row = self.rows[claim.ticket]
        if claim.counselor in row.place.wishes.avoids:
            return False
        if row.state == "waiting":
            row.state, row.counselor = "paired", claim.counselor
        return row.counselor == claim.counselor

    def caller_goes_on(self, data: st.DataObject) -> None:
        fates = ("lives", "lives", "dies", "dies committed", "fails", "confirms twice")
        fate = data.draw(st.sampled_from(fates), label="fate")
        claim = self._claim(data)
        del self.calls[claim]
        if fate == "dies":
            return
        if fate == "fails":
            self.done(self.queue.put_back(claim))
            return
        is_ours = self.commit(claim)
        row = self.rows[claim.ticket]
        if not is_ours and row.state == "waiting":
            self.done(self.queue.move(row.place))
            self.done(self.queue.put_back(claim))
            return
        if fate == "dies committed":
            return
        for _ in range(2 if fate == "confirms twice" else 1):
            self.done(self.queue.confirm(claim) if is_ours else self.queue.drop(claim))

    # Time, the sweeper, and loss

    def wait(self, data: st.DataObject) -> None:
        """Let time pass, and sometimes let Redis forget its scripts."""
        self.now += data.draw(st.sampled_from((1, 5, 11, 40)), label="seconds") * 1000
        if data.draw(st.booleans(), label="scripts flushed"):
            self.done(self.redis.script_flush())

    def sweep(self, _: object = None) -> None:
        for claim in self.done(self.queue.expired_claims(self.now)):
            assert claim.at_ms + CLAIM_MS <= self.now
            row = self.rows[claim.ticket]
            if row.counselor == claim.counselor:
                self.done(self.queue.confirm(claim))
            elif row.state == "waiting":
                self.done(self.queue.put_back(claim))
            else:
                self.done(self.queue.drop(claim))

    def reconcile(self, _: object = None) -> None:
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
                elif is_due and ticket in members:
                    self.done(self.queue.move(row.place))
                if not is_due and ticket in members:
                    self.done(self.queue.leave(ticket, lane))

    def lose(self, data: st.DataObject) -> None:
        """Redis is emptied, or invalidated, or restarted from its file; and who rebuilds may die of it."""
        how = data.draw(st.sampled_from(("emptied", "invalidated", "restarted")), label="how")
        if how == "emptied":
            self.done(self.redis.flushall())
        elif how == "invalidated":
            self.done(self.queue.invalidate())
        else:
            self.done(self.redis.set("{na}:epoch", "before@0ddba11"))
        if data.draw(st.booleans(), label="the first rebuilder dies"):
            self.done(self._die_rebuilding())
        self.rebuild()

    async def _die_rebuilding(self) -> None:
        """Take the lock, write the first who waits, and end; after a while the lock does, too."""
        lock = ("dead", 10_000)
        assert await run(self.redis, "rebuild_begin", "{na}", *lock) == "mine"
        for row in [row for row in self.rows.values() if row.state == "waiting"][:1]:
            ticket, lane, score_ms, opened_ms, wishes = row.place
            words = (ticket, str(lane), score_ms, opened_ms, wishes.text())
            await run(self.redis, "rebuild_waiting", "{na}", *lock, self.now, *words)
        await self.redis.delete("{na}:rebuild")

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
            standing = self.done(self.queue.standing(lane))
            assert list(standing) == sorted(standing, key=lambda ticket: (standing[ticket][0], ticket))
            for ticket, (score_ms, _) in standing.items():
                opened_ms = self.rows[ticket].place.opened_ms
                assert opened_ms - MOST_BOOST_MS <= score_ms <= opened_ms  # so nobody is overtaken for ever

    @invariant()
    def nobody_holds_whom_they_are_kept_from(self) -> None:
        if not hasattr(self, "loop"):
            return
        for row in self.rows.values():
            if row.state == "paired":
                assert row.counselor not in row.place.wishes.avoids

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
            standing = self.done(self.queue.standing(lane))
            assert standing == {
                t: (row.place.score_ms, row.place.wishes.text()) for t, row in self.rows.items() if t in due
            }
        self.lanes_are_in_order()
        for name in self.staff:
            assert self.done(self.presence.held(name)) == set(self.held_by_row(name))
