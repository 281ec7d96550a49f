"""A tenant with records of its own, as the tests of records use it: its plugin is of the shape that tenants' plugins have."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hookline.hookspecs import hookimpl
from hookline.message import ContactData, Record, Reply
from hookline.plugin import Plugin
from hookline.recordcommands import migration
from hookline.records import (
    Choice,
    Data,
    Day,
    Email,
    Field,
    Flag,
    Integer,
    Moment,
    Money,
    Number,
    Phone,
    RecordType,
    Text,
    Texts,
    erase_records,
    export_records,
    move_records,
    own_record,
    own_records,
)
from hookline.tenant import Tenant
from hookline.turn import Turn

metadata = sa.MetaData()

product = RecordType(
    "product",
    metadata,
    "tenant_shop_product",
    title={"en": "Products", "fr": "Produits"},
    key="code",
    sort="code",
    create="supervisor",
    edit="supervisor",
    remove="admin",
    seed="data/products.csv",
    fields=(
        Field(
            "code", Text(20, pattern="[A-Z0-9-]+", hint="capitals, digits and -"), label={"en": "Code", "fr": "Code"}
        ),
        Field("name", Text(80), label={"en": "Name", "fr": "Nom"}, required=True, search=True),
        Field("price", Money("XOF", most=10_000_000), label={"en": "Price", "fr": "Prix"}, required=True, filter=True),
        Field("rate", Number(3, least=0, most=100, unit="%")),
        Field("stock", Integer(least=0), default=0),
        Field("papers", Texts(), label={"en": "Papers", "fr": "Pièces"}),
        Field("active", Flag(), default=True, filter=True),
    ),
)

claim = RecordType(
    "claim",
    metadata,
    "tenant_shop_claim",
    title="Claims",
    key="number",
    owner="account",
    contact=True,
    create="",
    edit="agent",
    remove="",
    fields=(
        Field("number", Text(24), editable=False),
        Field("account", Text(20), editable=False),
        Field("product", Text(20), link="product"),
        Field("status", Choice({"open": {"en": "Open", "fr": "Ouverte"}, "settled": "Settled"}), default="open", filter=True),
        Field("amount", Money("XOF")),
        Field("due", Day()),
        Field("filed_at", Moment(), editable=False),
        Field("phone", Phone(), search=True),
        Field("email", Email(), unique=False),
        Field("note", Text(500, lines=True), search=True),
        Field("details", Data()),
    ),
)  # fmt: skip

note = RecordType("note", metadata, "tenant_shop_note", fields=(Field("text", Text(40)),), view="admin")


class Shop:
    """Files claims and says how they stand, to whom they belong."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        word, _, rest = turn.message.text.partition(" ")
        if word == "as":
            account, _, rest = rest.partition(" ")
            turn.prove(account)
            word, _, rest = rest.partition(" ")
        if word == "claim":
            number = await self.tenant.reference("claim")
            values: Mapping[str, Any] = {"number": number, "account": turn.account, "amount": Decimal(rest or "0")}
            turn.write(claim.insert(turn.started_at, contact=turn.contact.id, **values))
            return Reply(number)
        if word in ("status", "proved"):
            found = await own_record(self.tenant, claim, turn, rest, proved=word == "proved")
            return Reply(f"{found.number}: {found.status}" if found else "There is no such claim.")
        if word == "mine":
            rows = await own_records(self.tenant, claim, turn)
            return Reply(" ".join(row.number for row in rows) or "none")
        if word == "settle":
            turn.write(claim.update(turn.started_at, claim.table.c.number == rest, status="settled"), rows=1)
            return Reply("settled")
        return None

    @hookimpl
    async def export_contact(self, contact: str) -> ContactData:
        return await export_records(self.tenant, (claim,), contact)

    @hookimpl
    async def erase_contact(self, contact: str) -> ContactData:
        return await erase_records(self.tenant, (claim,), contact)

    @hookimpl
    async def turn_finished(self, record: Record) -> None:
        await move_records(self.tenant, (claim,), record)


def make_migrations() -> str:
    """A package with the migration that `hookline records migration` prints."""
    root = Path(tempfile.mkdtemp(prefix="tenant_shop_"))
    versions = root / "tenant_shop_migrations" / "versions"
    versions.mkdir(parents=True)
    (versions.parent / "__init__.py").write_text("")
    body = migration((product, claim, note))
    (versions / "0001_shop.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n\n"
        'revision = "0001"\ndown_revision = None\n\n\n'
        f"def upgrade():\n    {body}\n\n\n"
        "def downgrade():\n    for table in ('product', 'claim', 'note'):\n        op.drop_table('tenant_shop_' + table)\n"
    )
    sys.path.insert(0, str(root))
    return str(root)


plugin = Plugin(
    "tenant_shop", hooks=Shop, metadata=metadata, migrations="tenant_shop_migrations", records=(product, claim, note)
)
