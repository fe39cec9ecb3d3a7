"""Counts over chat, mail and phone, summed up by the database (a database thread's work).

A talk's outcome, referrals and topics are counted on the day it began, a letter's on the day it came. The
number of queries is the same for one day and for a campaign; only topics, which are sealed, are opened one by
one (``staff.report_topics``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce, RowNumber, TruncDate

from chat.actions import minutes
from chat.languages import LANGUAGES, named
from chat.models import Assignment, Conversation, Inquiry, InquiryMessage
from staff.models import PhoneConsultation, Referral
from staff.tally import Counted, Place, Wait, median

OPEN, NOT_NOTED, AT_THE_DOOR = "open", "none", "door"
_LANES = {language.lane for language in LANGUAGES}


@dataclass(frozen=True, slots=True)
class Span:
    """What is counted: a campaign's, ``since <= instant < until``, by the days of ``zone``.
    ``organization``: its consultations alone; None: the whole service's."""

    campaign: str
    since: datetime
    until: datetime
    zone: ZoneInfo
    organization: str | None


def count(span: Span) -> Counted:
    """Count everything but the topics."""
    counted = Counted()
    talks, letters, calls = talks_of(span), letters_of(span), calls_of(span)
    lane = ("ticket__audience", "ticket__language")
    _add_flow(counted, "chat", "answered", _daily(talks, "opened_at", span, lane))
    _add_flow(counted, "mail", "came", _daily(letters, "opened_at", span, ("audience", "language")))
    answers = _daily(_first_answers(span), "sent_at", span, ("inquiry__audience", "inquiry__language"))
    _add_flow(counted, "mail", "answered", answers)
    _add_flow(counted, "phone", "answered", _daily(calls, "started_at", span, ("audience",)))
    _add_codes(counted.outcomes, "chat", _coded(talks, lane, _talk_outcome()))
    _add_codes(counted.outcomes, "mail", _coded(letters, ("audience", "language"), _letter_outcome()))
    _add_codes(counted.outcomes, "phone", _coded(calls, ("audience",), F("outcome")))
    helped = Referral.objects.filter(is_drill=False, conversation__in=talks.values("pk"))
    of_talk = ("conversation__ticket__audience", "conversation__ticket__language")
    _add_codes(counted.referrals, "chat", _coded(helped, of_talk, F("kind")))
    _add_codes(counted.referrals, "phone", _coded(calls.exclude(referral=""), ("audience",), F("referral")))
    counted.waits = _waits(talks)
    if span.organization is None:
        _count_queue(counted, span)
        _count_organizations(counted, talks, letters, calls)
    return counted


def talks_of(span: Span) -> QuerySet[Conversation]:
    """Give the talks that began, each with whose it is (``staff.access.organization_of``)."""
    last = Assignment.objects.filter(conversation=OuterRef("pk")).order_by("-assigned_at", "-pk")
    whose = Subquery(last.values("counselor__user__organization")[:1])
    rows: QuerySet[Any] = minutes.begun(span.since, span.until).filter(ticket__campaign=span.campaign)
    rows = rows.annotate(of=Coalesce(F("counselor__user__organization"), whose, output_field=CharField()))
    return rows if span.organization is None else rows.filter(of=span.organization)


def letters_of(span: Span) -> QuerySet[Inquiry]:
    """Give the letters that came."""
    rows = Inquiry.objects.filter(opened_at__gte=span.since, opened_at__lt=span.until, campaign=span.campaign)
    return rows if span.organization is None else rows.filter(organization=span.organization)


def calls_of(span: Span) -> QuerySet[PhoneConsultation]:
    """Give the calls that began, of those that were written down."""
    rows = PhoneConsultation.objects.filter(
        started_at__gte=span.since, started_at__lt=span.until, campaign=span.campaign
    )
    return rows if span.organization is None else rows.filter(organization=span.organization)


def place_of(channel: str, audience: str, language: str = "") -> Place:
    """Give the place of a row's columns. A language that is none of a lane's is told as another."""
    spoken = named(language)
    lane = spoken.lane if spoken else language
    return Place(channel, audience, lane if not lane or lane in _LANES else "other")


def _first_answers(span: Span) -> QuerySet[InquiryMessage]:
    by_us = InquiryMessage.objects.filter(sender="counselor")
    earlier = by_us.filter(inquiry=OuterRef("inquiry"), seq__lt=OuterRef("seq"))
    rows = by_us.filter(sent_at__gte=span.since, sent_at__lt=span.until, inquiry__campaign=span.campaign)
    if span.organization is not None:
        rows = rows.filter(inquiry__organization=span.organization)
    return rows.filter(~Exists(earlier))


def _count_queue(counted: Counted, span: Span) -> None:
    came = minutes.entered(span.since, span.until).filter(campaign=span.campaign)
    _add_flow(counted, "chat", "came", _daily(came, "opened_at", span, ("audience", "language")))
    unserved = minutes.unserved(span.since, span.until).filter(campaign=span.campaign)
    day = TruncDate("at", tzinfo=span.zone)
    rows = unserved.annotate(day=day).values_list("day", "audience", "language", "asked", "reason")
    for on, audience, language, asked, reason, n in rows.order_by().annotate(n=Sum("count")):
        place = place_of("chat", audience, language)
        if not asked:
            counted.reasons.setdefault(place, Counter())[AT_THE_DOOR] += n
            continue
        measure = "left" if reason == minutes.LEFT else "turned_away"
        counted.flows.setdefault((on, place), Counter())[measure] += n
        if measure == "turned_away":
            counted.reasons.setdefault(place, Counter())[reason] += n


def _count_organizations(
    counted: Counted, talks: QuerySet[Any], letters: QuerySet[Any], calls: QuerySet[Any]
) -> None:
    for channel, rows, of in (
        ("chat", talks, "of"),
        ("mail", letters, "organization"),
        ("phone", calls, "organization"),
    ):
        sums = rows.order_by().values_list(of).annotate(n=Count("pk"))
        found: Counter[str] = Counter()
        for slug, n in sums:
            found[slug or ""] += n
        if found:
            counted.organizations[channel] = found


def _waits(talks: QuerySet[Any]) -> dict[Place, Wait]:
    """Find the middle of each lane's waits among its rows, in one query."""
    lane = [F("ticket__audience"), F("ticket__language")]
    rows = (
        talks.annotate(wait=F("opened_at") - F("ticket__opened_at"))
        .annotate(
            rank=Window(RowNumber(), partition_by=lane, order_by=[F("wait").asc(), F("pk").asc()]),
            n=Window(Count("pk"), partition_by=lane),
            longest=Window(Max("wait"), partition_by=lane),
        )
        .filter(Q(rank__gte=F("n") / 2) & Q(rank__lte=F("n") / 2 + 1))
        .values_list("ticket__audience", "ticket__language", "rank", "n", "wait", "longest")
    )
    middles: dict[Place, list[int]] = {}
    found: dict[Place, tuple[int, int]] = {}
    for audience, language, rank, n, wait, longest in rows:
        place = place_of("chat", audience, language)
        found[place] = (n, int(longest.total_seconds()))
        if rank in {(n + 1) // 2, (n + 2) // 2}:
            middles.setdefault(place, []).append(int(wait.total_seconds()))
    return {place: Wait(median(middles[place]), longest, n) for place, (n, longest) in found.items()}


def _daily(rows: QuerySet[Any], at: str, span: Span, columns: tuple[str, ...]) -> Iterable[tuple[Any, ...]]:
    days = rows.annotate(day=TruncDate(at, tzinfo=span.zone)).values_list("day", *columns)
    sums: QuerySet[Any] = days.order_by().annotate(n=Count("pk"))
    return sums


def _coded(rows: QuerySet[Any], columns: tuple[str, ...], code: Any) -> Iterable[tuple[Any, ...]]:
    codes = rows.annotate(code=code).values_list("code", *columns)
    sums: QuerySet[Any] = codes.order_by().annotate(n=Count("pk"))
    return sums


def _add_flow(counted: Counted, channel: str, measure: str, rows: Iterable[tuple[Any, ...]]) -> None:
    for day, *columns, n in rows:
        key: tuple[date, Place] = (day, place_of(channel, *columns))
        counted.flows.setdefault(key, Counter())[measure] += n


def _add_codes(sums: dict[Place, Counter[str]], channel: str, rows: Iterable[tuple[Any, ...]]) -> None:
    for code, *columns, n in rows:
        sums.setdefault(place_of(channel, *columns), Counter())[code] += n


def _talk_outcome() -> Case:
    return Case(
        When(state=Conversation.OPEN, then=Value(OPEN)),
        When(outcome="", then=Value(NOT_NOTED)),
        default=F("outcome"),
        output_field=CharField(),
    )


def _letter_outcome() -> Case:
    return Case(When(outcome="", then=Value(OPEN)), default=F("outcome"), output_field=CharField())
