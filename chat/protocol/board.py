"""What a supervisor sees of the whole service: the queue, alarms, open talks and referrals."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from chat.protocol.base import (
    AlarmKind,
    Body,
    ClientFrame,
    FrameId,
    JoinMode,
    ReferralKind,
    Sender,
    ServerFrame,
)
from chat.protocol.desk import VisitorEntry
from chat.protocol.talk import ReadMarks
from chat.protocol.visitor import Estimate


class BoardWatch(ClientFrame, tag="board.watch"):
    """This page is a board: from now on it gets `alarms`, `talks`, `referrals` and `board.curves`, each at
    once and whenever it changes, and in `queue.stats` the day's numbers. Supervisors only."""


class AlarmAcknowledge(ClientFrame, tag="alarm.acknowledge"):
    """Say that one has seen an alarm and sees to it, on record."""

    alarm: FrameId
    id: FrameId


class AlarmSet(ClientFrame, tag="alarm.set"):
    """Set from when on an alarm rises, on record; null turns it off. Supervisors of the whole service."""

    kind: AlarmKind
    threshold: Annotated[int, msgspec.Meta(ge=1, le=10_000)] | None
    id: FrameId


BoardFrame = BoardWatch | AlarmAcknowledge | AlarmSet


class LaneToday(Body):
    """A lane's day since midnight: how many came, were answered, left by themselves, and were turned away or
    waited in vain."""

    arrived: int
    answered: int
    left: int
    turned_away: int


class LaneStats(Body):
    """One lane: how many wait, and how long the first has waited. `closes_at` is its window's end, null while
    it is shut; `expected` is the range for somebody who came now."""

    audience: str
    language: str
    waiting: int
    oldest_wait_s: int
    accepting: bool = True
    closes_at: datetime | None = None
    expected: Estimate | None = None
    today: LaneToday | None = None


class CounselorCounts(Body):
    """`busy`: available, and holding as many conversations as they take."""

    available: int
    busy: int
    away: int


class CounselorLoad(Body):
    """One counselor, for the supervisor's board. `state`: available, busy or away; `seen_at`: the last sign
    of life, null where there was none lately."""

    id: str
    name: str
    organization: str
    state: str
    load: int
    capacity: int
    online: bool
    seen_at: datetime | None = None


class QueueStats(ServerFrame, tag="queue.stats"):
    """The queue now; at most once a second. Supervisors also get `people`, a board only where they are others
    than before, or five seconds old."""

    lanes: list[LaneStats]
    counselors: CounselorCounts
    free_slots: int
    people: list[CounselorLoad] | None = None


class WaitingEntry(Body):
    """Somebody who waits. `urgency` is what they said, `precedence` by what they stand in the lane."""

    ticket: str
    position: int
    opened_at: datetime
    urgency: int
    precedence: int
    check_words: list[str]
    online: bool


class QueueTickets(ServerFrame, tag="queue.tickets"):
    """Who waits in a lane, next one first: the answer to `queue.look`, and after `ticket.boost`."""

    audience: str
    language: str
    tickets: list[WaitingEntry]


class TalkRow(Body):
    """One open conversation as the board shows it: no word of it. `counselor` is null while the visitor waits
    again, `silent_s` since the last message, which was `said_by`'s at `said_at`. `reach`: `own`, or
    `with_reason`."""

    conversation: str
    counselor: str | None
    name: str
    organization: str
    audience: str
    language: str
    urgency: int
    opened_at: datetime
    silent_s: int
    reach: str
    said_at: datetime | None = None
    said_by: Sender | None = None


class Talks(ServerFrame, tag="talks"):
    """The open conversations within one's reach, the oldest first."""

    talks: list[TalkRow]


class Joined(ServerFrame, tag="joined"):
    """The conversation that one has come to. Then its notes, and every message."""

    conversation: str
    mode: JoinMode
    counselor: str
    visitor: VisitorEntry
    last_seq: int
    read: ReadMarks
    opened_at: datetime


class Parted(ServerFrame, tag="parted"):
    """One is not in the conversation any more."""

    conversation: str
    reason: str


class Done(ServerFrame, tag="done"):
    """What a supervisor asked for is done and on record. `id` is that of the frame."""

    id: str | None


class AlarmThreshold(Body):
    """From when on an alarm rises; null: never."""

    kind: AlarmKind
    threshold: int | None


class AlarmEntry(Body):
    """An alarm that rose. `audience` and `language` or `counselor` (a name) say what it is about, `value` how
    bad it was at its worst. It is shown until it is acknowledged, and until it has ended."""

    alarm: str
    kind: AlarmKind
    value: int
    raised_at: datetime
    ended_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    audience: str = ""
    language: str = ""
    counselor: str = ""


class Alarms(ServerFrame, tag="alarms"):
    """The alarms to be seen to, the newest first, and what makes them rise: the whole list each time."""

    alarms: list[AlarmEntry]
    thresholds: list[AlarmThreshold]
    may_set: bool


class LaneCurve(Body):
    """A lane's last two hours: an SVG document, and the same in words."""

    audience: str
    language: str
    svg: str
    waiting_most: int
    waiting_now: int


class Curves(ServerFrame, tag="board.curves"):
    """The last two hours of each lane, drawn anew each minute."""

    curves: list[LaneCurve]


class ReferralRow(Body):
    """An open referral within one's reach: never the facts that were passed on."""

    referral: str
    conversation: str
    kind: ReferralKind
    service: str
    opened_at: datetime
    opened_by: str
    called_at: datetime | None
    drill: bool


class Referrals(ServerFrame, tag="referrals"):
    """The referrals that are not closed, within one's reach, the oldest first."""

    referrals: list[ReferralRow]
