"""A tenant's records: declared once, stored exactly, looked after by staff, seen by their owner alone."""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
from decimal import Decimal

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient, TestServer

from hookline import audit, migrate
from hookline.app import KEYS, make_app
from hookline.errors import PluginError
from hookline.message import Record
from hookline.plugin import Plugin
from hookline.records import Data, Field, Integer, Moment, Money, Number, RecordType, Text
from hookline.testing.contract import PluginContract
from hookline.testing.isolation import MARK, IsolationContract

from . import shop

NOW = 1_800_000_000.0
PRODUCTS = "/api/v1/records/tenant_shop/product"
CLAIMS = "/api/v1/records/tenant_shop/claim"
FRENCH = '[locale]\ncurrency = "XOF"\nphone_region = "SN"\nnumber = "french"\n'


@pytest.fixture(scope="session", autouse=True)
def migrations():
    root = shop.make_migrations()
    sys.path.insert(0, root)
    yield
    sys.path.remove(root)


@pytest.fixture
async def make_shop(database_url, make_bot):
    if database_url:
        await asyncio.to_thread(migrate.upgrade, database_url, [shop.plugin])

    async def make(**more):
        more.setdefault("config", FRENCH)
        return await make_bot(plugins=[shop.plugin], database_url=database_url, **more)

    return make


class Staff:
    """The server's API as somebody with a role uses it."""

    def __init__(self, client, tenant, headers):
        self.client = client
        self.base = f"/t/{tenant}"
        self.headers = headers

    async def ask(self, method, path, body=None, **more):
        sent = {"json": body} if body is not None else {}
        answer = await self.client.request(method, self.base + path, headers=self.headers, **sent, **more)
        text = await answer.text()
        return answer.status, (await answer.json(content_type=None) if text and "json" in answer.content_type else text)


@pytest.fixture
async def serve(make_shop):
    """Starts the shop's server; `serve("agent")` is somebody with that role."""
    clients = []

    async def open_(*roles, **more):
        bot = await make_shop(**more)
        app = make_app(bot.runtime)
        client = TestClient(TestServer(app))
        await client.start_server()
        clients.append(client)
        found = []
        for role in roles:
            _, key = await app[KEYS].create("acme", role, role)
            found.append(Staff(client, "acme", {"X-API-Key": key}))
        return bot, *found

    yield open_
    for client in clients:
        await client.close()


def make_product(**more):
    return {"code": "P1", "name": "Prêt auto", "price": "25000", **more}


# -- declaring -------------------------------------------------------------------------------------------------------


def test_a_type_says_what_is_wrong_with_its_declaration():
    def declare(*fields, **more):
        return RecordType("thing", sa.MetaData(), "tenant_x_thing", fields=fields, **more)

    with pytest.raises(ValueError, match="'thing': two fields have the same name"):
        declare(Field("a", Text()), Field("a", Text()))
    with pytest.raises(ValueError, match="'thing': a field can't be called 'version'"):
        declare(Field("version", Text()))
    with pytest.raises(ValueError, match="'thing': owner names 'acount', which is no field; fields are account"):
        declare(Field("account", Text()), owner="acount")
    with pytest.raises(ValueError, match="given 'many'; allowed: an amount"):
        declare(Field("price", Money("INR"), default="many"))


def test_a_plugin_says_what_is_wrong_with_its_types():
    mine, others = sa.MetaData(), sa.MetaData()
    fields = (Field("a", Text()),)
    with pytest.raises(PluginError, match="'thing': its table is not in the plugin's metadata"):
        Plugin("x", hooks=object, metadata=mine, records=(RecordType("thing", others, "x_thing", fields=fields),))
    with pytest.raises(PluginError, match="'thing': its table is called x_…, not 'y_thing'"):
        Plugin("x", hooks=object, metadata=mine, records=(RecordType("thing", mine, "y_thing", fields=fields),))
    with pytest.raises(PluginError, match="'Thing': names are lower case letters"):
        Plugin("x", hooks=object, metadata=mine, records=(RecordType("Thing", mine, "x_thing", fields=fields),))


class TestContract(PluginContract):
    """The printed migration makes exactly the declared tables."""

    plugin = shop.plugin


class TestIsolation(IsolationContract):
    """A claim of one tenant is nowhere in another."""

    plugin = shop.plugin

    async def exercise(self, bot, tenant):
        await bot.say("claim 5000", tenant=tenant)
        records = bot.tenant(tenant=tenant)
        await records.db.write(shop.claim.insert(NOW, number=MARK))


# -- the plugin's own code -------------------------------------------------------------------------------------------


async def test_values_come_back_as_they_were_stored(make_shop):
    bot = await make_shop()
    db = bot.tenant("tenant_shop").db
    due = dt.date(2026, 12, 31)
    values = {
        "number": "C1",
        "amount": Decimal(80_000_000),
        "due": due,
        "details": {"a": [1]},
        "phone": "+221771234567",
    }
    await db.write(shop.claim.insert(NOW, **values))
    await db.write(shop.product.insert(NOW, code="P1", name="Prêt", price=0, rate="12.345", papers=["CNI", "Bulletin"]))
    (row,) = await db.fetch(sa.select(shop.claim.table))
    assert (row.amount, row.due, row.details, row.phone, row.status) == (
        Decimal(80_000_000),
        due,
        {"a": [1]},
        "+221771234567",
        "open",
    )
    (row,) = await db.fetch(sa.select(shop.product.table))
    assert (row.rate, row.papers, row.active, row.stock) == (Decimal("12.345"), ["CNI", "Bulletin"], True, 0)
    (total,) = await db.fetch(sa.select(sa.func.sum(shop.claim.table.c.amount).label("sum")))
    assert total.sum == Decimal(80_000_000)


def test_what_a_field_can_not_hold_is_refused_by_name():
    with pytest.raises(ValueError, match=r"claim\.amount: given '12\.5'; allowed: at most 0 decimal places"):
        shop.claim.insert(NOW, number="C1", amount="12.5")
    with pytest.raises(ValueError, match=r"claim\.number: is missing"):
        shop.claim.insert(NOW)
    with pytest.raises(ValueError, match="claim: no field 'amont'; fields are number, account"):
        shop.claim.insert(NOW, number="C1", amont=1)
    with pytest.raises(ValueError, match=r"update\(\) needs a condition"):
        shop.claim.update(NOW, status="settled")


@pytest.mark.parametrize("kind", [Integer(), Money("INR"), Number(4)])
@pytest.mark.parametrize(
    "digits", ["9" * 19, "9" * 29, "9" * 400, "9" * 5000, "0." + "1" * 40, "1" * 15 + "." + "1" * 40]
)
def test_a_number_of_any_length_is_refused_and_not_more(kind, digits):
    for given in (digits, f"-{digits}"):
        with pytest.raises(ValueError, match="given '"):
            kind.read(given)


def test_there_is_one_nought():
    assert [kind.tell(kind.read("-0")) for kind in (Integer(), Money("XOF"), Money("INR"))] == [0, "0", "0.00"]


@pytest.mark.parametrize("given", [1e300, -1e300, 10**400, float("nan"), float("inf"), 253_402_300_800])
def test_a_moment_that_no_calendar_has_is_refused(given):
    with pytest.raises(ValueError, match="given '"):
        Moment().read(given)


def test_json_that_is_nested_too_deeply_is_refused():
    with pytest.raises(ValueError, match="allowed: JSON"):
        Data().read("[" * 100_000)


# -- whose they are --------------------------------------------------------------------------------------------------


@pytest.mark.row("X30")
async def test_a_customer_sees_the_own_claims_and_no_others(make_shop):
    bot = await make_shop()
    mine = (await bot.say("claim 5000", who="alice")).text
    others = (await bot.say("as C002 claim 7000", who="bob")).text
    assert (await bot.say(f"status {mine}", who="alice")).text == f"{mine}: open"
    assert (await bot.say(f"status {others}", who="alice")).text == "There is no such claim."
    assert (await bot.say(f"status {mine}", who="bob")).text == "There is no such claim."
    assert (await bot.say("mine", who="alice")).text == mine
    assert (await bot.say("mine", who="carol")).text == "none"


@pytest.mark.row("X30")
async def test_an_account_sees_its_claims_from_anywhere_once_it_is_proved(make_shop):
    bot = await make_shop()
    number = (await bot.say("as C002 claim 7000", who="bob")).text
    assert (await bot.say(f"as C002 status {number}", who="bobs-other-phone")).text == f"{number}: open"
    assert (await bot.say(f"as C001 status {number}", who="mallory")).text == "There is no such claim."
    assert (await bot.say(f"proved {number}", who="bob")).text == "There is no such claim."
    assert (await bot.say(f"as C002 proved {number}", who="bob")).text == f"{number}: open"


async def test_whoever_is_nobody_owns_nothing(make_shop):
    bot = await make_shop()
    await bot.tenant().db.write(shop.claim.insert(NOW, number="C1"))  # of no account and no contact
    turn = await bot.ask("status C1")
    assert turn.reply.text == "There is no such claim."
    assert (await bot.say("as status C1")).text != "C1: open"


async def test_a_contacts_claims_are_exported_erased_and_moved(make_shop):
    bot = await make_shop()
    number = (await bot.say("claim 5000", who="alice")).text
    tenant = bot.tenant("tenant_shop")
    (row,) = await tenant.db.fetch(sa.select(shop.claim.table))
    exported = await tenant.hooks.export_contact(row.contact)
    (told,) = [one.rows["claim"] for one in exported if one.plugin == "tenant_shop"]
    assert [(one["number"], one["amount"]) for one in told] == [(number, "5000")]

    async def whose():
        return (await tenant.db.fetch(sa.select(shop.claim.table.c.contact)))[0].contact

    told = {"contact": "other", "from": row.contact}
    for kind, after in (("merged", "other"), ("parted", row.contact), ("merged", "other")) * 2:
        for _ in range(2):  # the log may tell it twice
            await shop.move_records(tenant, (shop.claim,), Record(1, f"contact.{kind}", "", NOW, told))
            assert await whose() == after
    own = shop.claim.insert(NOW, contact="other", number="C9", amount=Decimal(1))
    await tenant.db.write(own)
    await shop.move_records(tenant, (shop.claim,), Record(1, "contact.parted", "", NOW, told))
    assert len(await tenant.db.fetch(sa.select(shop.claim.table).where(shop.claim.table.c.contact == "other"))) == 1
    await shop.move_records(tenant, (shop.claim,), Record(1, "contact.merged", "", NOW, told))
    await tenant.db.write(sa.delete(shop.claim.table).where(shop.claim.table.c.number == "C9"))
    erased = await tenant.hooks.erase_contact("other")
    assert [one.rows for one in erased if one.plugin == "tenant_shop"] == [{"claim": 1}]
    assert list(await tenant.db.fetch(sa.select(shop.claim.table))) == []


# -- the API ---------------------------------------------------------------------------------------------------------


async def test_staff_make_look_at_change_and_remove_records(serve):
    _bot, admin = await serve("admin")
    status, made = await admin.ask("POST", PRODUCTS, make_product(price="25 000 FCFA", rate=12.5, papers=["CNI"]))
    assert status == 201
    expected = {
        "code": "P1",
        "name": "Prêt auto",
        "price": "25000",
        "rate": "12.500",
        "stock": 0,
        "papers": ["CNI"],
        "active": True,
        "version": 1,
    }
    assert {name: made[name] for name in expected} == expected
    assert await admin.ask("GET", f"{PRODUCTS}/{made['id']}") == (200, made)
    status, changed = await admin.ask("PATCH", f"{PRODUCTS}/{made['id']}", {"version": 1, "price": 30000})
    assert (status, changed["price"], changed["version"], changed["name"]) == (200, "30000", 2, "Prêt auto")
    assert (await admin.ask("DELETE", f"{PRODUCTS}/{made['id']}?version=2"))[0] == 204
    assert (await admin.ask("GET", f"{PRODUCTS}/{made['id']}"))[0] == 404


async def test_a_change_of_what_somebody_else_has_changed_is_refused_and_shows_it(serve):
    _bot, one, other = await serve("admin", "supervisor")
    _, made = await one.ask("POST", PRODUCTS, make_product())
    path = f"{PRODUCTS}/{made['id']}"
    answers = await asyncio.gather(
        one.ask("PATCH", path, {"version": 1, "price": 1}), other.ask("PATCH", path, {"version": 1, "price": 2})
    )
    assert sorted(status for status, _ in answers) == [200, 409]
    ((_, won),) = [answer for answer in answers if answer[0] == 200]
    ((_, lost),) = [answer for answer in answers if answer[0] == 409]
    assert lost["detail"] == "somebody has changed this record since you looked at it; nothing was stored"
    assert lost["current"] == won
    assert (await one.ask("DELETE", f"{path}?version=1"))[0] == 409


async def test_all_that_is_wrong_is_said_at_once_field_by_field(serve):
    _bot, admin = await serve("admin")
    status, told = await admin.ask(
        "POST", PRODUCTS, {"code": "p 1", "price": "beaucoup", "rate": 101, "stock": -1, "colour": "red"}
    )
    assert status == 400
    assert {error["field"]: error["detail"] for error in told["errors"]} == {
        "colour": "is no field; fields are code, name, price, rate, stock, papers, active",
        "code": "given 'p 1'; allowed: capitals, digits and -",
        "name": "is missing",
        "price": 'given \'beaucoup\'; allowed: an amount as "1250000.50" or "1 250 000,50"',
        "rate": "given '101'; allowed: 100 or less",
        "stock": "given '-1'; allowed: 0 or more",
    }
    _, made = await admin.ask("POST", PRODUCTS, make_product())
    status, told = await admin.ask("POST", PRODUCTS, make_product())
    assert (status, told["errors"]) == (409, [{"field": "code", "detail": "another record has it already"}])
    assert (await admin.ask("PATCH", f"{PRODUCTS}/{made['id']}", {"price": 1}))[1]["detail"].startswith(
        "version: is missing"
    )


async def test_a_field_that_points_to_another_record_needs_one_to_be_there(serve):
    bot, agent = await serve("agent")
    await bot.tenant().db.write(shop.claim.insert(NOW, id="c1", number="C1"))
    status, told = await agent.ask("PATCH", f"{CLAIMS}/c1", {"version": 1, "product": "P9"})
    assert (status, told["detail"]) == (400, "product: there is no product 'P9'")
    await bot.tenant().db.write(shop.product.insert(NOW, code="P9", name="x", price=1))
    assert (await agent.ask("PATCH", f"{CLAIMS}/c1", {"version": 1, "product": "P9"}))[0] == 200


async def test_what_staff_may_not_set_stays(serve):
    bot, admin = await serve("admin")
    await bot.tenant().db.write(shop.claim.insert(NOW, id="c1", number="C1"))
    status, told = await admin.ask("PATCH", f"{CLAIMS}/c1", {"version": 1, "number": "C2", "status": "Ouverte"})
    assert (status, told["detail"]) == (400, "number: can't be changed")


async def test_each_role_may_what_the_type_says(serve):
    bot, viewer, agent, supervisor, admin = await serve("viewer", "agent", "supervisor", "admin")
    await bot.tenant().db.write(shop.claim.insert(NOW, id="c1", number="C1"))
    await bot.tenant().db.write(shop.product.insert(NOW, id="p1", code="P1", name="x", price=1))
    assert (await viewer.ask("GET", CLAIMS))[0] == 200
    assert (await viewer.ask("PATCH", f"{CLAIMS}/c1", {"version": 1, "status": "settled"}))[0] == 403
    assert (await agent.ask("PATCH", f"{CLAIMS}/c1", {"version": 1, "status": "settled"}))[0] == 200
    status, told = await agent.ask("POST", PRODUCTS, make_product(code="P2"))
    assert (status, told["detail"]) == (
        403,
        "to create records of 'product' takes the role supervisor or a higher one; yours is agent",
    )
    assert (await supervisor.ask("DELETE", f"{PRODUCTS}/p1?version=1"))[0] == 403
    assert (await admin.ask("DELETE", f"{PRODUCTS}/p1?version=1"))[0] == 204
    for what in ("POST", "DELETE"):
        path = CLAIMS if what == "POST" else f"{CLAIMS}/c1?version=2"
        status, told = await admin.ask(what, path, {"number": "C9"} if what == "POST" else None)
        assert status == 403
        assert "takes nobody's role" in told["detail"]
    assert (await supervisor.ask("GET", "/api/v1/records/tenant_shop/note"))[0] == 403
    _, told = await viewer.ask("GET", "/api/v1/records")
    assert [(kind["name"], kind["may"]) for kind in told["types"]] == [("product", ["view"]), ("claim", ["view"])]
    assert (await admin.ask("GET", "/api/v1/records/tenant_shop/clams"))[1]["detail"] == (
        "there are no records tenant_shop/clams here; there are: "
        "tenant_shop/product, tenant_shop/claim, tenant_shop/note"
    )


async def test_a_key_that_may_read_changes_nothing(serve):
    bot, admin = await serve("admin")
    app_keys = admin.client.server.app[KEYS]
    _, key = await app_keys.create("acme", "reader", "admin", scopes=["records:read"])
    reader = Staff(admin.client, "acme", {"X-API-Key": key})
    assert (await reader.ask("GET", PRODUCTS))[0] == 200
    assert (await reader.ask("POST", PRODUCTS, make_product()))[0] == 403
    assert (await reader.ask("POST", f"{PRODUCTS}/import", data=b"code\nX\n"))[0] == 403
    del bot


async def test_records_are_found_narrowed_sorted_and_paged(serve):
    bot, viewer = await serve("viewer")
    rows = [
        shop.claim.insert(NOW + n, number=f"C{n:02}", amount=n * 1000 if n else None, status="settled" if n % 3 else "open",
                          note=["100% sûr", "Élodie a appelé", "rien_du tout"][n % 3], due=dt.date(2026, 1, 1 + n))
        for n in range(12)
    ]  # fmt: skip
    await bot.tenant().db.write(*rows)

    async def numbers(query):
        status, told = await viewer.ask("GET", f"{CLAIMS}?{query}")
        assert status == 200, told
        return told["total"], [one["number"] for one in told["records"]]

    assert await numbers("limit=3") == (12, ["C11", "C10", "C09"])
    assert await numbers("limit=3&offset=3&sort=number") == (12, ["C03", "C04", "C05"])
    assert await numbers("status=open&sort=number") == (4, ["C00", "C03", "C06", "C09"])
    assert await numbers("status=open&status=settled&limit=0") == (12, [])
    assert await numbers("amount.from=10000&sort=-amount") == (2, ["C11", "C10"])
    assert await numbers("due.from=2026-01-02&due.to=03/01/2026&sort=due") == (2, ["C01", "C02"])
    assert await numbers("amount=&limit=5") == (1, ["C00"])
    assert (await numbers("sort=amount&limit=1"))[1] == ["C01"], "what has none comes last"
    assert (await numbers("sort=-amount&limit=1"))[1] == ["C11"]
    assert await numbers("q=élodie&sort=number") == (4, ["C01", "C04", "C07", "C10"])
    assert (await numbers("q=100%25"))[0] == 4
    assert (await numbers("q=%25"))[0] == 4, "% and _ stand for themselves"
    assert (await numbers("q=c07"))[1] == ["C07"]


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("stat=open", "stat: is unknown; allowed: q, sort, limit, offset, number"),
        ("status=closed", "status: given 'closed'; allowed: open, settled"),
        ("status.from=open", "status.from: status can't be narrowed in that way"),
        ("details=1", "details: details can't be narrowed in that way"),
        ("sort=details", "sort: given 'details'; allowed: number, account"),
        ("limit=1000", "limit: given '1000'; allowed: 0 to 200"),
        ("due=soon", "due: given 'soon'; allowed: \"2026-12-31\""),
    ],
)
async def test_a_query_that_can_not_be_is_refused_by_name(serve, query, why):
    _bot, viewer = await serve("viewer")
    status, told = await viewer.ask("GET", f"{CLAIMS}?{query}")
    assert status == 400
    assert told["detail"].startswith(why)


async def test_every_change_is_in_the_audit_log_and_personal_values_are_not(serve):
    bot, admin = await serve("admin")
    _, made = await admin.ask("POST", PRODUCTS, make_product())
    await admin.ask("PATCH", f"{PRODUCTS}/{made['id']}", {"version": 1, "price": 30000})
    await bot.tenant().db.write(shop.claim.insert(NOW, id="c1", number="C1", note="Xanadu"))
    await admin.ask("PATCH", f"{CLAIMS}/c1", {"version": 1, "note": "Kubla", "status": "settled"})
    await admin.ask("DELETE", f"{PRODUCTS}/{made['id']}?version=2")
    found = {entry.what + " " + entry.subject: entry for entry in await audit.entries(bot.runtime.database, "acme")}
    product = f"tenant_shop/product/{made['id']}"
    assert found[f"records.change {product}"].detail == {"before": {"price": "25000"}, "values": {"price": "30000"}}
    assert found[f"records.create {product}"].detail["values"]["code"] == "P1"
    assert found[f"records.remove {product}"].detail["before"]["price"] == "30000"
    assert found["records.change tenant_shop/claim/c1"].detail == {"fields": ["note", "status"]}
    assert all(entry.who.startswith("key:") for name, entry in found.items() if name.startswith("records."))
    assert (await audit.verify(bot.runtime.database, "acme")).broken == 0


async def test_the_records_of_another_tenant_are_not_there(serve):
    bot, admin = await serve("admin", tenants={"acme": FRENCH, "globex": FRENCH})
    await bot.tenant(tenant="globex").db.write(shop.claim.insert(NOW, id="c1", number="C1"))
    assert (await admin.ask("GET", CLAIMS))[1]["total"] == 0
    assert (await admin.ask("GET", f"{CLAIMS}/c1"))[0] == 404
    assert (await admin.ask("PATCH", f"{CLAIMS}/c1", {"version": 1, "status": "settled"}))[0] == 404
    globex = Staff(admin.client, "globex", admin.headers)
    assert (await globex.ask("GET", CLAIMS))[0] == 401
