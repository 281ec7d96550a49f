"""Reference ids: how they look, when numbers begin again, and that no two are ever the same."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import sys

import pytest

from hookline.catalogue import Catalogue
from hookline.config import load_tenant
from hookline.errors import ConfigError
from hookline.hookspecs import hookimpl
from hookline.message import Reply
from hookline.plugin import Plugin
from hookline.referenceformat import IdFormat
from hookline.testing import FrozenClock

CONFIG = """
[locale]
timezone = "Asia/Kolkata"

[ids.prospect]
format = "PROS_{date:%Y%m%d}_{n:03}"

[ids.claim]
format = "CLAIM_{date:%Y%m%d}_{n:03}"

[ids.booking]
format = "BK-{date:%y%m}-{n:04}"
per = "month"

[ids.customer]
format = "CUST{n}"
per = "ever"
"""


class Desk:
    """Gives each message a claim's id."""

    def __init__(self, tenant):
        self.tenant = tenant

    @hookimpl
    async def respond(self, turn) -> Reply:
        ids = [await self.tenant.reference(kind) for kind in turn.message.text.split()]
        return Reply(" ".join(ids))


DESK = Plugin("desk", hooks=Desk)


def at(*moment: int) -> float:
    return dt.datetime(*moment, tzinfo=dt.UTC).timestamp()


@pytest.fixture
def make_desk(database_url, make_bot):
    async def make(config: str = CONFIG, clock: FrozenClock | None = None, url: str = database_url):
        return await make_bot(
            plugins=[DESK], config=config, clock=clock or FrozenClock(at(2025, 12, 10, 9)), database_url=url
        )

    return make


# -- how they look ---------------------------------------------------------------------------------------------------


@pytest.mark.row("K40")
@pytest.mark.row("X30")
async def test_an_id_has_the_kinds_format_and_the_day_of_its_making(make_desk):
    bot = await make_desk()
    assert (await bot.say("prospect prospect")).text == "PROS_20251210_001 PROS_20251210_002"
    assert (await bot.say("claim")).text == "CLAIM_20251210_001"
    assert (await bot.say("booking customer")).text == "BK-2512-0001 CUST1"


async def test_a_kind_that_is_not_configured_has_its_own_name_in_capitals(make_desk):
    bot = await make_desk()
    assert (await bot.say("service_request")).text == "SERVICE_REQUEST_20251210_001"


@pytest.mark.row("K40")
async def test_the_day_is_that_of_the_tenants_time_zone(make_desk):
    clock = FrozenClock(at(2025, 12, 10, 18, 29))
    bot = await make_desk(clock=clock)
    assert (await bot.say("prospect")).text == "PROS_20251210_001"
    clock.advance(60)  # midnight in Kolkata
    assert (await bot.say("prospect")).text == "PROS_20251211_001"


async def test_numbers_begin_again_with_the_period_and_never_where_there_is_none(make_desk):
    bot = await make_desk()
    tenant = bot.tenant("desk")
    days = [at(2025, 12, 10), at(2025, 12, 31), at(2026, 1, 1), at(2027, 1, 1)]
    assert [await tenant.reference("booking", now) for now in days] == [
        "BK-2512-0001",
        "BK-2512-0002",
        "BK-2601-0001",
        "BK-2701-0001",
    ]
    assert [await tenant.reference("customer", now) for now in days] == ["CUST1", "CUST2", "CUST3", "CUST4"]


@pytest.mark.row("K40")
async def test_numbers_go_on_past_999(make_desk):
    bot = await make_desk()
    taken = await asyncio.gather(*(bot.tenant("desk").reference("prospect") for _ in range(1002)))
    assert len(set(taken)) == 1002
    assert sorted(taken, key=lambda ident: int(ident[14:]))[-4:] == [
        "PROS_20251210_999",
        "PROS_20251210_1000",
        "PROS_20251210_1001",
        "PROS_20251210_1002",
    ]
    assert all(re.fullmatch(r"PROS_\d{8}_\d{3,}", ident) for ident in taken)


async def test_a_kind_is_a_name(make_desk):
    bot = await make_desk()
    with pytest.raises(ValueError, match=r"is a name in lower case \(prospect, service_request\), not 'No 1'"):
        await bot.tenant("desk").reference("No 1")


# -- no two are the same ---------------------------------------------------------------------------------------------


@pytest.mark.row("K49")
@pytest.mark.row("X30")
async def test_fifty_claims_at_once_have_fifty_ids(make_desk):
    bot = await make_desk()
    replies = await asyncio.gather(*(bot.say("claim", who=f"c{n}", timeout=120) for n in range(50)))
    ids = [reply.text for reply in replies]
    assert sorted(ids) == [f"CLAIM_20251210_{n:03}" for n in range(1, 51)]


TAKER = """
import asyncio, sys
from hookline.db import open_database
from hookline.references import take
from hookline.settings import Settings

async def main(url, count):
    database = await open_database(url)
    print("ready", flush=True)
    sys.stdin.readline()
    settings = Settings(plugins=())
    taken = await asyncio.gather(*(take(database, "acme", settings, "claim", 1.8e9) for _ in range(count)))
    print(*taken, flush=True)
    await database.close()

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


@pytest.mark.service("postgresql")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.row("K49")
async def test_two_processes_never_give_the_same_id(database_url):
    pipe = asyncio.subprocess.PIPE
    takers = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", TAKER, database_url, "200", stdin=pipe, stdout=pipe)
        for _ in range(2)
    ]
    for taker in takers:
        assert await taker.stdout.readline() == b"ready\n"
    told = await asyncio.gather(*(taker.communicate(b"go\n") for taker in takers))
    ids = [ident for out, _ in told for ident in out.decode().split()]
    assert sorted(ids, key=lambda ident: int(ident.rpartition("_")[2])) == [
        f"CLAIM_20270115_{n:03}" for n in range(1, 401)
    ]


async def test_kinds_that_share_a_format_share_their_numbers(make_desk):
    bot = await make_desk("[ids.home]\nformat = 'A{n}'\nper = 'ever'\n[ids.car]\nformat = 'A{n:02}'\nper = 'ever'\n")
    assert (await bot.say("home car home")).text == "A1 A02 A3"


async def test_numbers_of_one_tenant_say_nothing_of_anothers(database_url, make_bot):
    bot = await make_bot(
        plugins=[DESK], tenants={"acme": CONFIG, "globex": CONFIG}, clock=FrozenClock(at(2025, 12, 10)),
        database_url=database_url,
    )  # fmt: skip
    assert (await bot.tenant("desk", "acme").reference("claim")) == "CLAIM_20251210_001"
    assert (await bot.tenant("desk", "globex").reference("claim")) == "CLAIM_20251210_001"


async def test_numbers_survive_a_restart(database_url, make_bot, tmp_path):
    for n in (1, 2):
        bot = await make_bot(
            plugins=[DESK], config=CONFIG, clock=FrozenClock(at(2025, 12, 10)), folder=tmp_path / "same",
            database_url=database_url,
        )  # fmt: skip
        assert (await bot.say("claim")).text == f"CLAIM_20251210_00{n}"
        await bot.close()


# -- dry turns -------------------------------------------------------------------------------------------------------


async def test_a_dry_turn_shows_what_would_come_next_and_uses_nothing_up(make_desk):
    bot = await make_desk()
    await bot.say("claim")
    for _ in range(3):
        turn = await bot.tenant("desk").ask("claim claim prospect")
        assert turn.reply.text == "CLAIM_20251210_002 CLAIM_20251210_003 PROS_20251210_001"
    assert (await bot.say("claim prospect")).text == "CLAIM_20251210_002 PROS_20251210_001"


# -- the config ------------------------------------------------------------------------------------------------------


def problem(tmp_path, text: str) -> str:
    folder = tmp_path / "acme"
    folder.mkdir()
    (folder / "tenant.toml").write_text(f"plugins = []\n{text}", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_tenant(folder, Catalogue([]), {})
    return str(caught.value)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("CLAIM", "{n}, the number, has to stand in it once"),
        ("{n}{n}", "{n}, the number, has to stand in it once"),
        ("C{number}", "{number} is unknown; allowed: {n} and {date}"),
        ("C{n.real}", "{n.real} is unknown; allowed: {n} and {date}"),
        ("C{n!r}", "{n!r} is unknown; allowed: {n} and {date}"),
        ("C{n:c}", "{n:c}; allowed: {n}, or its digits as in {n:03}"),
        ("C{n", "expected '}' before end of string"),
        ("C{date:%B}{n}", "{date:%B}; allowed: %Y, %y, %m, %d, %j"),
        ("C{date}{n}", "{date:}; allowed: %Y, %y, %m, %d, %j"),
        ("C{n}", "numbers begin again each day (per), so ids would repeat; put the day into it"),
        ("C{date:%Y%m}_{n}", "numbers begin again each day (per), so ids would repeat; put the day into it"),
        ("C{date:%m%d}_{n}", "numbers begin again each day (per), so ids would repeat; put the day into it"),
    ],
)
def test_a_format_that_can_not_be_is_refused_with_its_key(tmp_path, written, why):
    told = problem(tmp_path, f"[ids.claim]\nformat = {written!r}\n")
    assert "acme/tenant.toml" in told
    assert "ids.claim" in told
    assert why in told


def test_other_mistakes_name_their_key_too(tmp_path):
    assert "ids.No-1" in problem(tmp_path, '[ids.No-1]\nformat = "A{n}"\nper = "ever"\n')


def test_a_period_is_one_of_four(tmp_path):
    told = problem(tmp_path, '[ids.claim]\nper = "week"\n')
    assert "ids.claim.per" in told
    assert "day" in told


def test_two_kinds_whose_ids_could_be_equal_are_refused(tmp_path):
    told = problem(
        tmp_path,
        '[ids.home]\nformat = "A{date:%Y%m%d}_{n}"\n[ids.car]\nformat = "A{date:%Y%m%d}_{n:02}"\nper = "ever"\n',
    )
    assert "ids.car.format: its ids look like those of 'home' and begin again at another time" in told


@pytest.mark.parametrize("per", ["day", "month", "year", "ever"])
def test_without_a_format_the_date_is_as_exact_as_the_period(per):
    shown = {"day": "20251210_", "month": "202512_", "year": "2025_", "ever": ""}
    ids = IdFormat(per=per)
    assert ids.render("task", dt.date(2025, 12, 10), 7) == f"TASK_{shown[per]}007"
