"""``manage.py seed_demo``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.test import Client

from chat.models import Campaign, Counselor, CounselorLane
from staff.models import Organization, User

pytestmark = pytest.mark.django_db


def seed(**options: int) -> list[dict[str, str]]:
    out, err = StringIO(), StringIO()
    call_command("seed_demo", stdout=out, stderr=err, **options)
    assert err.getvalue() == ""
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_prints_one_line_each_and_nothing_else():
    accounts = seed(counselors=3, supervisors=2)
    assert [(a["username"], a["role"]) for a in accounts] == [
        ("carla", "counselor"),
        ("chris", "counselor"),
        ("counselor3", "counselor"),
        ("sara", "supervisor"),
        ("supervisor2", "supervisor"),
    ]
    assert all(set(a) == {"username", "password", "role", "organization"} for a in accounts)


def test_counselors_belong_to_different_organizations():
    accounts = seed(counselors=2, supervisors=0)
    assert len({a["organization"] for a in accounts}) == 2
    assert Organization.objects.count() == 2


def test_passwords_work_after_each_run():
    for _ in range(2):
        for account in seed(counselors=2, supervisors=1):
            assert authenticate(None, username=account["username"], password=account["password"])


def test_changed_password_works_again_after_a_run():
    seed(counselors=1)
    carla = User.objects.get(username="carla")
    carla.set_password("something else altogether")
    carla.save()
    account = seed(counselors=1)[0]
    assert authenticate(None, username="carla", password=account["password"])


def test_second_run_changes_nothing():
    def rows():
        tables = (User, Organization, Counselor, CounselorLane)
        return [list(table.objects.order_by("pk").values()) for table in tables]

    first = seed(counselors=3, supervisors=1)
    before = rows()
    assert seed(counselors=3, supervisors=1) == first
    assert rows() == before


def test_more_counselors_are_added_to_those_there():
    seed(counselors=2, supervisors=1)
    seed(counselors=4, supervisors=1)
    assert Counselor.objects.count() == 4


def test_counselors_serve_every_lane():
    seed(counselors=2)
    lanes = set(CounselorLane.objects.values_list("audience", "language"))
    assert lanes == {("youth", "ja"), ("general", "ja")}
    assert CounselorLane.objects.count() == 4


def test_counselors_serve_every_language_of_the_campaigns(campaign_rows):
    seed(counselors=1)
    lanes = set(CounselorLane.objects.values_list("audience", "language"))
    assert lanes == {(audience, language) for audience in ("youth", "general") for language in ("ja", "en")}


@pytest.fixture
def campaign_rows():
    return Campaign.objects.create(
        slug="two-languages",
        name="two languages",
        zone="Asia/Tokyo",
        starts_at=datetime(2024, 12, 25, 1, tzinfo=UTC),
        ends_at=datetime(2025, 1, 4, 1, tzinfo=UTC),
        languages=["ja", "en"],
    )


def test_capacity_is_set_at_each_run():
    seed(counselors=1, capacity=2)
    seed(counselors=1, capacity=5)
    assert Counselor.objects.get().capacity == 5


def test_run_keeps_the_availability():
    seed(counselors=1)
    Counselor.objects.update(state="available")
    seed(counselors=1)
    assert Counselor.objects.get().state == "available"


def test_supervisors_are_no_counselors():
    seed(counselors=0, supervisors=2)
    assert not Counselor.objects.exists()


def test_is_refused_outside_demo_mode(settings):
    settings.NOTALONE_DEMO = False
    with pytest.raises(CommandError, match="NOTALONE_DEMO=1"):
        seed(counselors=1)
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "options", [{"capacity": 0}, {"capacity": 6}, {"counselors": -1}, {"supervisors": -1}]
)
def test_senseless_numbers_are_refused(options):
    with pytest.raises(CommandError):
        seed(**options)


def test_the_desk_calls_a_counselor_as_visitors_do():
    seed(counselors=1)
    carla = User.objects.get(username="carla")
    browser = Client()
    browser.force_login(carla)
    name = Counselor.objects.get(user=carla).name
    assert f"<b>{name}</b>" in browser.get("/staff/desk/").content.decode()
