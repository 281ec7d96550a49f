"""Records as CSV: what comes in is looked at whole and stored once; what goes out comes in again as it was."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import io
import json
import random
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlencode

import phonenumbers
import pytest
import sqlalchemy as sa

from hookline import audit, spreadsheet
from hookline.db import ConstraintViolated
from hookline.errors import BadRequest
from hookline.fixtures import as_csv
from hookline.recordcommands import seeded

from . import shop
from .test_records import CLAIMS, FRENCH, NOW, PRODUCTS, make_shop, migrations, serve  # noqa: F401  fixtures

HEAD = "code,name,price,rate,papers,active\n"


async def take(staff, text, query="", path=PRODUCTS):
    body = text if isinstance(text, bytes) else text.encode()
    return await staff.ask("POST", f"{path}/import?{query}", data=body)


def counts(report):
    return {key: report[key] for key in ("created", "changed", "unchanged", "wrong")}


async def names(bot):
    rows = await bot.tenant().db.fetch(sa.select(shop.product.table).order_by(shop.product.table.c.code))
    return {row.code: row.name for row in rows}


# -- in --------------------------------------------------------------------------------------------------------------


async def test_a_file_twice_changes_nothing_the_second_time(serve):  # noqa: F811
    bot, staff = await serve("supervisor")
    text = HEAD + 'P1,Prêt auto,"25 000",12.5,CNI | Bulletin,oui\nP2,Prêt immo,1000000,,,\n'
    status, report = await take(staff, text)
    assert (status, counts(report)) == (200, {"created": 2, "changed": 0, "unchanged": 0, "wrong": 0})
    status, report = await take(staff, text)
    assert (status, counts(report)) == (200, {"created": 0, "changed": 0, "unchanged": 2, "wrong": 0})
    status, report = await take(staff, text.replace("Prêt auto", "Crédit auto"))
    assert (status, counts(report)) == (200, {"created": 0, "changed": 1, "unchanged": 1, "wrong": 0})
    rows = {row.code: row for row in await bot.tenant().db.fetch(sa.select(shop.product.table))}
    assert (rows["P1"].name, rows["P1"].version, rows["P1"].papers) == ("Crédit auto", 2, ["CNI", "Bulletin"])
    assert (rows["P1"].price, rows["P1"].rate, rows["P2"].active) == (Decimal(25000), Decimal("12.500"), True)


async def test_a_column_that_is_left_out_stays_as_it_is(serve):  # noqa: F811
    bot, staff = await serve("supervisor")
    await take(staff, HEAD + "P1,Prêt auto,25000,12.5,CNI,non\n")
    await take(staff, "price,code\n30000,P1\n")
    (row,) = await bot.tenant().db.fetch(sa.select(shop.product.table))
    assert (row.name, row.price, row.papers, row.active) == ("Prêt auto", Decimal(30000), ["CNI"], False)


async def test_a_dry_run_tells_what_would_happen_and_stores_nothing(serve):  # noqa: F811
    bot, staff = await serve("supervisor")
    status, report = await take(staff, HEAD + "P1,Prêt auto,25000,,,\n", "dry_run=1")
    assert (status, report["stored"], report["dry_run"], counts(report)["created"]) == (200, False, True, 1)
    assert await names(bot) == {}


async def test_each_mistake_is_told_with_line_and_column_and_nothing_is_stored(serve):  # noqa: F811
    bot, staff = await serve("supervisor")
    text = (
        HEAD
        + 'P1,"two\nlines",25000,,,\n'
        + "p 2,x,cher,101,,\n"
        + "P3,,1,,,peut-être\n"
        + "\n"
        + "P1,again,1,,,\n"
        + "P4,x,1,,,,more\n"
        + "P5,x\n"
    )
    status, report = await take(staff, text)
    assert (status, counts(report), report["lines"]) == (
        422,
        {"created": 1, "changed": 0, "unchanged": 0, "wrong": 5},
        6,
    )
    told = [(one["line"], one["column"], one["field"]) for one in report["mistakes"]]
    assert told == [
        (4, 1, "code"),
        (4, 3, "price"),
        (4, 4, "rate"),
        (5, 2, "name"),
        (5, 6, "active"),
        (7, 0, "code"),
        (8, 0, ""),
        (9, 3, "price"),
    ]
    details = [one["detail"] for one in report["mistakes"]]
    assert details[1] == 'given \'cher\'; allowed: an amount as "1250000.50" or "1 250 000,50"'
    assert details[3] == "is missing"
    assert details[5] == "code 'P1' stands in line 2 already"
    assert details[6] == "has 7 cells, and the first line has 6"
    assert await names(bot) == {}

    status, report = await take(staff, text, "skip=1")
    assert (status, report["stored"], counts(report)["created"]) == (200, True, 1)
    assert await names(bot) == {"P1": "two lines"}


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("code,prise\nP1,1\n", "line 1, column 2: 'prise' is no field of product; did you mean 'price'?"),
        ("name,price\nx,1\n", "line 1: the column code, by which records are recognised, is missing"),
        ("code,name,Nom\nP1,x,y\n", "line 1, column 3: name stands there twice"),
        ("", "line 1: the column code, by which records are recognised, is missing"),
    ],
)
async def test_a_first_line_that_can_not_be_is_refused(serve, head, why):  # noqa: F811
    _bot, staff = await serve("supervisor")
    status, told = await take(staff, head)
    assert status == 400
    assert told["detail"].startswith(why)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("code;Nom;Prix\nP1;Crédit à la consommation;25 000\n".encode("cp1252"), id="Excel in French"),
        pytest.param("code\tname\tprice\nP1\tCrédit à la consommation\t25000\n".encode("utf-16"), id="Unicode text"),
        pytest.param("\ufeffcode,name,price\r\nP1,Crédit à la consommation,25000\r\n".encode(), id="with a mark"),
        pytest.param("CODE | Name | Price\nP1 | Crédit à la consommation | 25000".encode(), id="with bars"),
    ],
)
async def test_files_as_programs_write_them_are_understood(serve, body):  # noqa: F811
    bot, staff = await serve("supervisor")
    status, report = await take(staff, body)
    assert (status, counts(report)["created"]) == (200, 1), report
    assert await names(bot) == {"P1": "Crédit à la consommation"}


async def test_a_file_in_another_encoding_than_is_said_is_refused(serve):  # noqa: F811
    _bot, staff = await serve("supervisor")
    status, told = await take(staff, "code,name,price\nP1,é,1\n".encode("cp1252"), "encoding=utf-8")
    assert (status, told["detail"]) == (400, "the file is not in utf-8 (byte 19); name the encoding, e.g. cp1252")
    status, told = await take(staff, "code\n", "encoding=klingon")
    assert (status, told["detail"]) == (
        400,
        "encoding: given 'klingon'; allowed: utf-8, utf-16, cp1252, latin-1, …",
    )


async def test_a_file_that_is_no_csv_stores_nothing(serve):  # noqa: F811
    bot, staff = await serve("supervisor")
    status, report = await take(staff, 'code,name,price\nP1,x,1\nP2,"never ends,1\n')
    assert status == 422
    assert [(one["line"], one["detail"]) for one in report["mistakes"]] == [
        (3, "can't be read as CSV: unexpected end of data")
    ]
    assert await names(bot) == {}


async def test_lines_are_left_out_only_where_the_rest_of_the_file_can_be_read(serve):  # noqa: F811
    """Behind a quotation mark that is never closed there may be a thousand lines: to leave those out would lose them."""
    bot, staff = await serve("supervisor")
    text = 'code,name,price\nP1,x,1\nP2,"never ends,1\nP3,y,1\nP4,z,1\n'
    status, report = await take(staff, text, "skip=1")
    assert (status, report["stored"], report["wrong"]) == (422, False, 1)
    assert await names(bot) == {}


async def test_keys_of_other_records_have_to_be_there_and_what_is_fixed_stays(serve):  # noqa: F811
    bot, staff = await serve("agent")
    await bot.tenant().db.write(shop.claim.insert(NOW, number="C1", account="A1"))
    text = "number,account,product,status\nC1,A2,,settled\nC1b,,P9,open\n"
    _, report = await take(staff, text, path=CLAIMS)
    assert [one["detail"] for one in report["mistakes"]] == [
        "account of a record that is there can't be changed",
        "product: there is no product 'P9'",
    ]
    _, report = await take(staff, "number,status\nC2,open\nC1,Ouverte\n", "skip=1", path=CLAIMS)
    assert [one["detail"] for one in report["mistakes"]] == ["there is no record 'C2' to be changed"]


async def test_only_those_who_may_take_files_in(serve):  # noqa: F811
    _bot, agent = await serve("agent")
    status, told = await take(agent, HEAD + "P1,x,1,,,\n")
    assert (status, "takes the role supervisor" in told["detail"]) == (403, True)


async def test_a_file_that_is_too_large_is_refused(serve):  # noqa: F811
    _bot, staff = await serve("supervisor", config=f"{FRENCH}\n[limits]\nbody_bytes = 1000\n")

    async def endless():
        for _ in range(1000):
            yield b"P1,x,1,,,\n"

    status, told = await staff.ask("POST", f"{PRODUCTS}/import", data=endless())
    assert (status, told["detail"]) == (
        413,
        "the file is too large; at most 1000 bytes (limits.body_bytes) are allowed",
    )


async def test_thousands_of_lines_are_taken_in_and_the_log_names_each(serve):  # noqa: F811
    bot, staff = await serve("supervisor")
    lines = "".join(f"P{n},Produit {n},{n},,,\n" for n in range(2500))
    status, report = await take(staff, HEAD + lines)
    assert (status, counts(report)["created"]) == (200, 2500)
    found = [one for one in await audit.entries(bot.runtime.database, "acme") if one.what == "records.import"]
    assert len({ident for one in found for ident in one.detail["ids"]}) == 2500
    status, report = await take(staff, HEAD + lines)
    assert counts(report) == {"created": 0, "changed": 0, "unchanged": 2500, "wrong": 0}


async def test_two_who_take_the_same_file_in_at_once_store_it_once(serve):  # noqa: F811
    bot, staff = await serve("supervisor")
    text = HEAD + "".join(f"P{n},Produit {n},{n},,,\n" for n in range(50))
    answers = await asyncio.gather(*(take(staff, text) for _ in range(4)))
    assert {status for status, _ in answers} <= {200, 409}
    assert len(await names(bot)) == 50


async def test_what_fails_half_way_leaves_nothing(serve):  # noqa: F811
    bot, staff = await serve("supervisor")
    text = HEAD + "".join(f"P{n},Produit {n},{n},,,\n" for n in range(900))
    done = asyncio.ensure_future(take(staff, text))
    db = bot.tenant().db
    for n in range(899, 0, -1):  # somebody makes the last ones by hand meanwhile, until the import has come that far
        if done.done():
            break
        with contextlib.suppress(ConstraintViolated):
            await db.write(shop.product.insert(NOW, code=f"P{n}", name="by hand", price=1))
    status, told = await done
    found = await names(bot)
    assert {name for name in found.values() if name != "by hand"} == set(), "all or nothing"
    assert (status, told["detail"]) == (
        409,
        "somebody changed these records during the import; nothing was stored: import the file again",
    )
    log = [one.what for one in await audit.entries(bot.runtime.database, "acme")]
    assert "records.import" not in log


@pytest.mark.parametrize("name", ["hex", "rot13", "zlib", "idna", "undefined", "a\0b", "utf-7", "x" * 5000])
async def test_an_encoding_that_is_none_is_refused(serve, name):  # noqa: F811
    bot, staff = await serve("supervisor")
    status, told = await take(staff, b"code,name,price\nP1,+\xe9\xff,1\n", urlencode({"encoding": name}))
    assert status == 400, told
    assert "encoding" in told["detail"]
    assert await names(bot) == {}


async def test_whatever_bytes_come_nothing_breaks_and_nothing_half_is_stored(serve):  # noqa: F811
    bot, staff = await serve("supervisor", config=f"{FRENCH}\n[ratelimit]\nrequests = 0\n")
    chance = random.Random(20261121)
    right = (HEAD + "P1,Prêt auto,25000,12.5,CNI,oui\nP2,Prêt immo,1000000,,,\n").encode()
    pieces = [
        b'"',
        b",",
        b";",
        b"\n",
        b"\r",
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\xff\xfe\0\0",
        b"=cmd|' /C calc'!A0",
        b"x" * 140_000,
    ]
    for _ in range(150):
        body = bytearray(right)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(body) + 1)
            body[at : at + chance.choice((0, 0, 3))] = chance.choice(pieces)
        status, told = await take(staff, bytes(body))
        assert status in (200, 400, 422), (status, told, bytes(body)[:300])
        stored = await names(bot)
        assert len(stored) == (told["created"] if status == 200 else 0), (told, bytes(body)[:300])
        await bot.tenant().db.write(sa.delete(shop.product.table))


@pytest.mark.parametrize("encoding", ["utf-8", "UTF8", "utf-8-sig", "utf-16-le", "utf-16"])
async def test_a_file_with_a_mark_is_read_whichever_encoding_is_named(serve, encoding):  # noqa: F811
    bot, staff = await serve("supervisor")
    mark = "" if encoding in ("utf-8-sig", "utf-16") else "\ufeff"
    body = f"{mark}code,name,price\nP1,été,1\n".encode(encoding)
    status, report = await take(staff, body, f"encoding={encoding}")
    assert (status, await names(bot)) == (200, {"P1": "été"}), report


@pytest.mark.parametrize("breaks", ["\n", "\r\n", "\r", "\n\r\n"])
async def test_lines_may_end_as_any_program_ends_them(serve, breaks):  # noqa: F811
    bot, staff = await serve("supervisor")
    text = breaks.join(["code,name,price", "P1,x,1", 'P2,"a, b",2', "", "   , ,", "P3,z,3"])
    status, report = await take(staff, text)
    assert (status, await names(bot)) == (200, {"P1": "x", "P2": "a, b", "P3": "z"}), report


async def test_a_long_file_does_not_hold_up_the_customers(serve, monkeypatch):  # noqa: F811
    """Lines are read and checked beside the loop: a number or an address takes its time to be understood."""
    bot, staff = await serve("agent")
    await bot.tenant().db.write(shop.claim.insert(NOW, number="C1"))
    parse, threads = phonenumbers.parse, set()

    def noted(*given):
        threads.add(threading.current_thread())
        return parse(*given)

    monkeypatch.setattr(phonenumbers, "parse", noted)
    lines = "".join(f"C1,+22177123{n:04}\n" for n in range(1500))
    _, report = await take(staff, f"number,phone\n{lines}", "dry_run=1", path=CLAIMS)
    assert (report["lines"], report["wrong"]) == (1500, 1499), "the same claim again and again"
    assert threads
    assert threading.main_thread() not in threads


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "cp1252"])
async def test_what_spreadsheets_write_is_read_whatever_the_mark(serve, encoding):  # noqa: F811
    bot, staff = await serve("supervisor")
    status, report = await take(staff, "code;name;price\r\nP1;Crédit « été »;1\r\n".encode(encoding))
    assert (status, counts(report)["created"]) == (200, 1), report
    assert await names(bot) == {"P1": "Crédit « été »"}


# -- out -------------------------------------------------------------------------------------------------------------

TRICKY = ["=1+1", "+1", "-1", "@SUM(A1)", "'=quoted", "''twice", "＝full", "plain", 'a "b", c', "é;ü|x", "–",
          "x;=1+1", "x; '=1", "x\t-1", " =1", "\ufeff=1", "a, -1", "−1"]  # fmt: skip


async def test_what_goes_out_is_no_formula_and_comes_in_again_as_it_was(serve):  # noqa: F811
    bot, staff = await serve("admin")
    db = bot.tenant().db
    products = [shop.product.insert(NOW + n, code=f"P{n:02}", name=name, price=n, rate="-0" if n else "1.5",
                                    papers=["=x", "y"]) for n, name in enumerate(TRICKY)]  # fmt: skip
    await db.write(*products)
    before = [tuple(row) for row in await db.fetch(sa.select(shop.product.table).order_by(shop.product.table.c.code))]
    status, text = await staff.ask("GET", f"{PRODUCTS}/export")
    assert (status, text[0]) == (200, "\ufeff")
    rows = sorted(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))), key=lambda row: row["code"])
    assert [row["name"] for row in rows][:5] == ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "''=quoted"]
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    status, report = await take(staff, text)
    assert counts(report) == {"created": 0, "changed": 0, "unchanged": len(TRICKY), "wrong": 0}
    await db.write(sa.delete(shop.product.table))
    await take(staff, text)
    after = [tuple(row) for row in await db.fetch(sa.select(shop.product.table).order_by(shop.product.table.c.code))]
    stamps = {"id", "version", "created_at", "updated_at"}
    kept = [n for n, column in enumerate(shop.product.table.c) if column.name not in stamps]
    assert [[row[n] for n in kept] for row in after] == [[row[n] for n in kept] for row in before]


LISTS = [
    ["a|b"],
    ["a", "b | c"],
    ["two\nlines", "x"],
    ["[a]"],
    ['["a"]'],
    ["[]", "|"],
    ["=1|+1"],
    ["plain", "[a] b"],
    [],
]


async def test_a_list_of_any_texts_goes_out_and_comes_in_again_as_it_was(serve):  # noqa: F811
    bot, staff = await serve("admin")
    for n, papers in enumerate(LISTS):
        await bot.tenant().db.write(shop.product.insert(NOW, code=f"P{n}", name="x", price=n, papers=papers))
    _, text = await staff.ask("GET", f"{PRODUCTS}/export")
    _, report = await take(staff, text)
    assert counts(report) == {"created": 0, "changed": 0, "unchanged": len(LISTS), "wrong": 0}
    rows = await bot.tenant().db.fetch(sa.select(shop.product.table).order_by(shop.product.table.c.code))
    assert [row.papers for row in rows] == LISTS


async def test_an_export_is_narrowed_as_the_list_is(serve):  # noqa: F811
    bot, staff = await serve("viewer")
    await bot.tenant().db.write(
        shop.claim.insert(NOW, number="C1", phone="+221771234567", amount=5, filed_at=NOW),
        shop.claim.insert(NOW, number="C2", status="settled", details={"a": 1}),
    )
    _, text = await staff.ask("GET", f"{CLAIMS}/export?status=open")
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert (row["number"], row["phone"], row["amount"]) == ("C1", "'+221771234567", "5")
    assert row["filed_at"] == "2027-01-15T08:00:00+00:00"


# -- what a tenant begins with, and the command line -----------------------------------------------------------------


def make_tenant(folder, products):
    home = folder / "tenants" / "acme"
    (home / "data").mkdir(parents=True)
    (home / "data" / "products.csv").write_text(products, encoding="utf-8")
    (home / "tenant.toml").write_text(FRENCH)
    return home


async def test_the_first_records_are_added_once_and_what_staff_changed_stays(make_shop, tmp_path):  # noqa: F811
    make_tenant(tmp_path / "own", HEAD + "P1,Prêt auto,25000,,,\nP2,Prêt immo,1000000,,,\n")
    bot = await make_shop(folder=tmp_path / "own")
    reports = await seeded(bot.tenant())
    assert {name: (one.created, one.unchanged) for name, one in reports.items()} == {"tenant_shop/product": (2, 0)}
    await bot.tenant().db.write(
        shop.product.update(NOW, shop.product.table.c.code == "P1", name="Ours"),
        sa.delete(shop.product.table).where(shop.product.table.c.code == "P2"),
    )
    reports = await seeded(bot.tenant())
    assert (reports["tenant_shop/product"].created, reports["tenant_shop/product"].unchanged) == (1, 1)
    assert await names(bot) == {"P1": "Ours", "P2": "Prêt immo"}


def test_first_records_in_json_come_in_as_they_stand_there(tmp_path):
    seed = tmp_path / "first.json"
    values = {"name": "'=not a formula", "rate": 0.00001, "price": "-5"}
    records = [{"model": "product", "pk": "P1", "fields": values}]
    seed.write_text(json.dumps(records), encoding="utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(as_csv(seed, shop.product)))
    assert {name: spreadsheet.read(cell) for name, cell in row.items()} == {
        "code": "P1", "name": "'=not a formula", "rate": "0.00001", "price": "-5",
    }  # fmt: skip


def test_first_records_may_stand_in_json_as_django_dumps_them(tmp_path):
    seed = tmp_path / "first.json"

    def given(*records):
        seed.write_text(json.dumps(records), encoding="utf-8")
        return as_csv(seed, shop.product)

    dumped = given(
        {"model": "shop.product", "pk": "P1", "fields": {"name": "Prêt, auto", "price": 25000}},
        {"model": "shop.order", "pk": 1, "fields": {"paid": True}},
        {"model": "product", "fields": {"code": "P2", "name": None}},
    )
    assert dumped == 'code,name,price\nP1,"Prêt, auto",25000\nP2,,\n'
    for wrong in ('{"model": "product"}', '[{"pk": 1}]', "[", '[{"model": "product", "fields": {"name": [1]}}]'):
        seed.write_text(wrong, encoding="utf-8")
        with pytest.raises(BadRequest, match=r"first\.json: .*allowed: a list of"):
            as_csv(seed, shop.product)
    with pytest.raises(BadRequest, match="no file that can be read"):
        as_csv(tmp_path / "none.json", shop.product)


SITE = """
import importlib.metadata, sys
from hookline.catalogue import Catalogue
from hookline.testing.channel import Loopback
sys.path[:0] = [{migrations!r}, {tests!r}]
import shop
Catalogue.load = classmethod(lambda cls: Catalogue.of([shop.plugin, Loopback().plugin(resends=True)]))
from hookline.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def hookline(tmp_path):
    """`hookline …` in a process of its own, with the shop's plugin installed."""
    home = make_tenant(tmp_path, HEAD + "P1,Prêt auto,25000,,,\n")
    (home / "tenant.toml").write_text(f'{FRENCH}\n[plugins]\nenabled = ["tenant_shop", "loopback"]\n')
    script = SITE.format(
        migrations=next(path for path in sys.path if "tenant_shop_" in path), tests=str(Path(shop.__file__).parent)
    )

    def run(*arguments):
        where = ["--tenants", str(tmp_path / "tenants"), "--data", str(tmp_path / "data")]
        command = [sys.executable, "-c", script, *arguments, *where]
        return subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")

    return run


@pytest.mark.slow
@pytest.mark.row("F68")
def test_the_command_line_seeds_lists_takes_in_and_gives_out(hookline, tmp_path):
    for line in ("tenant_shop/product: 1 added, 0 there already", "tenant_shop/product: 0 added, 1 there already"):
        done = hookline("tenant", "seed", "acme")
        assert (done.returncode, done.stdout.strip()) == (0, line), done.stderr
    assert hookline("records", "seed").stdout.strip() == "tenant_shop/product: 0 added, 1 there already"
    listed = hookline("records", "list").stdout.split()
    assert listed[:4] == ["tenant_shop/product", "1", "key:", "code"]

    file = tmp_path / "more.csv"
    file.write_text("code;nom;prix\nP1;Prêt auto;30 000\nP2;Prêt;cher\n", encoding="cp1252")
    done = hookline("records", "import", "product", str(file))
    assert done.returncode == 1
    assert done.stderr.startswith(f"{file}: line 3, column 3 (price): given 'cher'; allowed: an amount")
    assert done.stdout == "2 lines: 0 new, 1 changed, 0 unchanged, 1 with mistakes; nothing was stored\n"
    done = hookline("records", "import", "product", str(file), "--skip")
    assert done.stdout == "2 lines: 0 new, 1 changed, 0 unchanged, 1 with mistakes\n"

    out = tmp_path / "out.csv"
    assert hookline("records", "export", "tenant_shop/product", "-o", str(out)).returncode == 0
    (row,) = csv.DictReader(io.StringIO(out.read_text(encoding="utf-8")))
    assert (row["code"], row["name"], row["price"]) == ("P1", "Prêt auto", "30000")

    wrong = hookline("records", "export", "clams")
    assert wrong.returncode == 2
    assert "'clams' names no kinds of records here; there are: tenant_shop/product, tenant_shop/claim" in wrong.stderr


def test_a_migration_is_printed_for_new_types():
    done = shop.migration((shop.note,))
    assert "op.create_table('tenant_shop_note'" in done
    assert "sa.Column('text', sa.Text(), nullable=False)" in done
