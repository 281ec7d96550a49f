"""When the bot writes again."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from hookline.errors import BadRequest
from hookline.recordcommands import seeded
from tenant_property_loans.config import Config, FollowUp
from tenant_property_loans.followup import TooFar, TooLate, plan
from tenant_property_loans.lending import ltv, most_lent
from tenant_property_loans.models import customer, enquiry, property_

TENANTS = Path(__file__).parents[2]
CONFIG = FollowUp()
NOW = dt.datetime(2026, 11, 21, 16, 0, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30)))  # a Saturday


def when(interest="medium", **facts):
    found = plan(CONFIG, facts, interest, NOW)
    return found.at.strftime("%Y-%m-%d %H:%M"), found.by


@pytest.mark.row("L05")
@pytest.mark.parametrize(
    ("facts", "at"),
    [
        ({"date": "2026-11-28"}, "2026-11-28 10:00"),
        ({"date": "2026-11-22", "part_of_day": "evening"}, "2026-11-22 18:00"),
        ({"date": "2026-11-23", "time": "17:30"}, "2026-11-23 17:30"),
        ({"period": {"from": "2026-11-23", "to": "2026-11-29"}}, "2026-11-23 10:00"),
        ({"period": {"from": "2026-11-16", "to": "2026-11-22"}}, "2026-11-22 10:00"),
        ({"part_of_day": "evening"}, "2026-11-21 18:00"),
        ({"part_of_day": "morning"}, "2026-11-22 10:00"),
        ({"time": "15:00"}, "2026-11-22 15:00"),
        ({"date": "2026-11-21"}, "2026-11-21 17:00"),
    ],
)
def test_the_day_and_hour_that_the_customer_named_count(facts, at):
    assert when(**facts) == (at, "named")


def test_where_no_day_is_named_the_interest_decides_and_more_of_it_means_sooner():
    assert when("high") == ("2026-11-24 10:00", "high")
    assert when("medium") == ("2026-11-28 10:00", "medium")
    assert when("low") == ("2026-12-05 10:00", "low")
    assert when("")[1] == "medium"


def test_a_festival_without_a_day_is_waited_for():
    assert when(festival="Diwali") == ("2026-12-21 10:00", "festival")
    assert when(festival="Diwali", date="2026-12-01") == ("2026-12-01 10:00", "named")


def test_a_day_that_is_over_or_too_far_away_is_refused():
    with pytest.raises(TooLate):
        when(date="2026-11-20")
    with pytest.raises(TooLate):
        when(date="2026-11-21", time="09:00")
    with pytest.raises(TooFar):
        when(date="2027-06-30")


async def test_the_sample_records_are_taken_in_once_and_hang_together(lender):
    first = await seeded(lender.tenant)
    again = await seeded(lender.tenant)

    assert [report.created for report in first.values()] == [3, 3, 3]
    assert [report.created for report in again.values()] == [0, 0, 0]
    people = {row.number for row in await lender.rows(customer)}
    homes = {row.number: row for row in await lender.rows(property_)}
    for wish in await lender.rows(enquiry):
        home = homes[wish.property]
        assert wish.customer == home.customer
        assert wish.customer in people
        assert wish.ltv == ltv(home.value, wish.amount)


@pytest.mark.slow
@pytest.mark.row("L59")
def test_the_initial_data_is_loaded_from_its_json_file_with_the_counts_printed_and_again_adds_none(tmp_path):
    def seed():
        command = [
            sys.executable,
            "-m",
            "hookline",
            "tenant",
            "seed",
            "property_loans",
            "--tenants",
            str(TENANTS),
            "--data",
            str(tmp_path),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    kinds = Counter(
        one["model"] for one in json.loads((TENANTS / "property_loans" / "initial_data.json").read_text("utf-8"))
    )

    assert seed() == [f"tenant_property_loans/{kind}: {count} added, 0 there already" for kind, count in kinds.items()]
    assert seed() == [f"tenant_property_loans/{kind}: 0 added, {count} there already" for kind, count in kinds.items()]


async def test_a_mistake_in_the_initial_data_names_the_record(make_lender):
    def change(folder):
        file = folder / "initial_data.json"
        data = json.loads(file.read_text("utf-8"))
        data[4]["fields"]["value"] = "dear"
        file.write_text(json.dumps(data), encoding="utf-8")

    lender = await make_lender(change=change)

    with pytest.raises(BadRequest, match=r"initial_data\.json: property no\. 2, value: given 'dear'"):
        await seeded(lender.tenant)
    assert len(await lender.rows(customer)) == 3
    assert not await lender.rows(property_)


@pytest.mark.parametrize(
    ("kind", "worth", "most"),
    [("house", 12_000_000, 7_200_000), ("house", 7_777_777, 4_660_000), ("house", 400_000_000, 100_000_000)],
)
def test_the_most_that_is_lent_is_what_would_be_offered(kind, worth, most):
    assert most_lent(Config(), kind, worth) == most
