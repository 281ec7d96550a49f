"""A tenant's own records (customers, products, claims): declared once by its plugin, looked after by staff.

In the plugin's `models`:

    metadata = sa.MetaData()
    claim = RecordType(
        "claim", metadata, "tenant_tokosel_claim",
        title="Claims", key="number", owner="account", contact=True,
        fields=(
            Field("number", Text(20), label="Number", editable=False),
            Field("account", Text(40), label="Customer"),
            Field("category", Choice({"card": "Card", "fees": "Fees"}), label="Category", filter=True),
            Field("amount", Money("XOF"), label="Amount"),
            Field("description", Text(2000, lines=True), label="What happened"),
            Field("status", Choice(("open", "settled")), label="Status", default="open", filter=True),
        ),
        create="", edit="agent", remove="",
    )

and in its `__init__`: `Plugin(…, metadata=metadata, records=(claim,))`.  That gives `/api/v1/records/tenant_tokosel/claim`,
the page `/records`, CSV in and out and `hookline records`.  `claim.table` is the SQLAlchemy table, with the columns
`tenant`, `id`, those of the fields, `contact` where asked for, `version`, `created_at` and `updated_at`; the plugin's
migration makes it (`hookline records migration tenant_tokosel` prints one).

In a turn: `turn.write(claim.insert(turn.started_at, contact=turn.contact.id, number=…, amount=Decimal("50000")))`, and
`await own_record(tenant, claim, turn, "CLAIM_20261121_001")`, which finds what belongs to who is asking, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import attrs
import sqlalchemy as sa

from .ledger import new_id
from .message import ContactData
from .recordkinds import (
    PLAIN,
    Choice,
    Data,
    Day,
    Email,
    Flag,
    Kind,
    Label,
    Moment,
    Phone,
    Text,
    Texts,
    Writing,
)
from .recordnumbers import Integer, Money, Number

if TYPE_CHECKING:
    from .message import Record
    from .tenant import Tenant
    from .turn import Turn

__all__ = [
    "Choice",
    "Data",
    "Day",
    "Email",
    "Field",
    "Flag",
    "Integer",
    "Label",
    "Moment",
    "Money",
    "Number",
    "Phone",
    "RecordType",
    "Text",
    "Texts",
    "Writing",
    "erase_records",
    "export_records",
    "move_records",
    "own_record",
    "own_records",
]

Access = Literal["", "viewer", "agent", "supervisor", "admin"]

_COLUMNS = ("tenant", "id", "contact", "version", "created_at", "updated_at")
_ASKED = ("q", "sort", "limit", "offset")  # what a list is asked by


@attrs.frozen(eq=False)
class Field:
    """One field of a record; `name` is its column, its key in JSON and its heading in CSV.

    required   may not be left empty; the key always is
    default    what it is where nothing was given
    unique     no two records of a tenant have the same
    editable   staff may change it; else it is set once, when the record is made
    search     the search on the page and `q` of the API look into it (texts, unless said otherwise)
    filter     the list can be narrowed to its values; such a field has an index
    listed     it is a column of the list on the page
    link       the name of another type of the plugin, whose key it holds; it has to be there
    """

    name: str
    kind: Kind
    label: Label = ""
    required: bool = False
    default: Any = None
    unique: bool = False
    editable: bool = True
    search: bool = False
    filter: bool = False
    listed: bool = True
    link: str = ""
    help: Label = ""

    @property
    def empty(self) -> Any:
        """What it is where nothing was given."""
        value = self.kind.empty if self.default is None else self.default
        return list(value) if isinstance(value, tuple) else value

    def same(self, one: Any, other: Any) -> bool:
        """Whether two values are told in the same way: moments by the second."""
        return bool(self.kind.tell(one) == self.kind.tell(other))

    def read(self, given: Any, writing: Writing = PLAIN) -> Any:
        """The value; raises ValueError without the field's name.  "" and None mean that nothing was given."""
        if given is None or (isinstance(given, str) and not given.strip()):
            if self.required:
                raise ValueError("is missing")
            return self.empty
        return self.kind.read(given, writing)

    def column(self) -> sa.Column[Any]:
        """Its column."""
        bare = self.empty is None and not self.required
        return sa.Column(self.name, self.kind.column(), nullable=bare)


@attrs.frozen(eq=False)
class RecordType:
    """A kind of record of one plugin, and its table; see the module.

    name      with the plugin's name its address: /api/v1/records/<plugin>/<name>
    table     made of the fields and `extra`: further columns, constraints and indexes that staff do not see
    key       the field by which people and imports know a record; unique and required
    owner     the field with the account's id: who may see it through `own_record`
    contact   True: a column `contact` with the contact's id, for the same and for `export_records`, `erase_records`
    sort      the field that lists are ordered by; "-name" the other way round (default: newest first)
    view, create, edit, remove   the least role that may ("": nobody, by API, page and import)
    seed      a file in the tenant's folder with the records to begin with: CSV, "data/products.csv", or JSON of all types
    """

    name: str
    metadata: sa.MetaData
    table_name: str
    fields: tuple[Field, ...]
    title: Label = ""
    key: str = ""
    owner: str = ""
    contact: bool = False
    sort: str = ""
    view: Access = "viewer"
    create: Access = "agent"
    edit: Access = "agent"
    remove: Access = "supervisor"
    seed: str = ""
    extra: tuple[sa.schema.SchemaItem, ...] = ()
    table: sa.Table = attrs.field(init=False)
    by_name: Mapping[str, Field] = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Make the table; raises ValueError for a declaration that can't be."""
        fields = tuple(
            attrs.evolve(field, required=True, unique=True) if field.name == self.key else field
            for field in self.fields
        )
        by_name = {field.name: field for field in fields}
        _check(self, by_name)
        object.__setattr__(self, "fields", fields)
        object.__setattr__(self, "by_name", by_name)
        object.__setattr__(self, "table", _table(self, fields))

    @property
    def personal(self) -> bool:
        """Whether it is about people: then the audit log names the fields that changed, and no values."""
        return self.contact or bool(self.owner)

    # -- statements for the plugin's own code --------------------------------------------------------------------------

    def insert(self, now: float, *, id: str = "", contact: str = "", **values: Any) -> sa.Insert:  # noqa: A002  the column
        """A new record, as a statement for `turn.write`, `action.write` or `tenant.db.write`.

        What is left out takes its default.  Raises ValueError naming the field.
        """
        self._known(values)
        row = {field.name: self._read(field, values.get(field.name)) for field in self.fields}
        if self.contact:
            row["contact"] = contact
        elif contact:
            raise ValueError(f"{self.name}: declared without contact=True")
        return sa.insert(self.table).values(id=id or new_id(), version=1, created_at=now, updated_at=now, **row)

    def update(self, now: float, *conditions: sa.ColumnElement[bool], **values: Any) -> sa.Update:
        """A change of the records that meet the conditions, at least one; the statement is for the same as `insert`'s.

        Raises ValueError naming the field.
        """
        if not conditions:
            raise ValueError(
                f"{self.name}: update() needs a condition, e.g. {self.name}.table.c.{self.key or 'id'} == …"
            )
        self._known(values)
        row = {name: self._read(self.by_name[name], value) for name, value in values.items()}
        columns = self.table.c
        return sa.update(self.table).where(*conditions).values(**row, version=columns.version + 1, updated_at=now)

    def _known(self, values: Mapping[str, Any]) -> None:
        for name in values:
            if name not in self.by_name:
                raise ValueError(f"{self.name}: no field {name!r}; fields are {', '.join(self.by_name)}")

    def _read(self, field: Field, given: Any) -> Any:
        try:
            return field.read(given)
        except ValueError as error:
            raise ValueError(f"{self.name}.{field.name}: {error}") from None


def _check(kind: RecordType, by_name: Mapping[str, Field]) -> None:
    where, taken = f"record type {kind.name!r}", ", ".join((*_COLUMNS, *_ASKED))
    if len(by_name) < len(kind.fields):
        raise ValueError(f"{where}: two fields have the same name")
    for name in by_name:
        if name in (*_COLUMNS, *_ASKED) or not name.isidentifier() or name != name.lower():
            raise ValueError(f"{where}: a field can't be called {name!r}; it is a lower case name, none of {taken}")
    for what, name in (("key", kind.key), ("owner", kind.owner), ("sort", kind.sort.removeprefix("-"))):
        if name and name not in by_name:
            raise ValueError(f"{where}: {what} names {name!r}, which is no field; fields are {', '.join(by_name)}")
    for field in by_name.values():
        if field.default is not None:
            field.kind.read(field.default)


def _table(kind: RecordType, fields: Sequence[Field]) -> sa.Table:
    table = kind.table_name
    parts: list[Any] = [sa.Column("tenant", sa.Text, nullable=False), sa.Column("id", sa.Text, nullable=False)]
    parts += [field.column() for field in fields]
    if kind.contact:
        parts.append(sa.Column("contact", sa.Text, nullable=False, server_default=""))
        parts.append(sa.Index(f"ix_{table}_contact", "tenant", "contact"))
    parts.append(sa.Column("version", sa.Integer, nullable=False, server_default="1"))
    parts.append(sa.Column("created_at", sa.Double, nullable=False))
    parts.append(sa.Column("updated_at", sa.Double, nullable=False))
    parts.append(sa.PrimaryKeyConstraint("tenant", "id", name=f"pk_{table}"))
    for field in fields:
        if field.unique:
            parts.append(sa.UniqueConstraint("tenant", field.name, name=f"uq_{table}_{field.name}"))
        elif field.filter or field.link or field.name == kind.owner:
            parts.append(sa.Index(f"ix_{table}_{field.name}", "tenant", field.name))
    return sa.Table(table, kind.metadata, *parts, *kind.extra)


# -- what belongs to who is asking -----------------------------------------------------------------------------------------


async def own_records(
    tenant: Tenant,
    kind: RecordType,
    turn: Turn,
    *conditions: sa.ColumnElement[bool],
    proved: bool = False,
    limit: int = 20,
) -> Sequence[Any]:
    """The records of the customer of the turn that meet the conditions, newest first, as rows (`row.amount`).

    Theirs are those of the account that they have proved to be theirs, and those that their contact made; with `proved`
    the account's alone.  Whoever is neither gets none.
    """
    columns, whose = kind.table.c, []
    if kind.owner and turn.account:
        whose.append(columns[kind.owner] == turn.account)
    if kind.contact and turn.contact.id and not proved:
        whose.append(columns.contact == turn.contact.id)
    if not whose:
        return []
    asked = sa.select(kind.table).where(sa.or_(*whose), *conditions)
    return await tenant.db.fetch(asked.order_by(columns.created_at.desc(), columns.id).limit(limit))


async def own_record(tenant: Tenant, kind: RecordType, turn: Turn, key: str, *, proved: bool = False) -> Any | None:
    """The record with that key, if it is the customer's own (see `own_records`); else None, as if it did not exist."""
    if not kind.key:
        raise ValueError(f"record type {kind.name!r} has no key")
    rows = await own_records(tenant, kind, turn, kind.table.c[kind.key] == key.strip(), proved=proved, limit=1)
    return rows[0] if rows else None


# -- for the data hooks of the plugin ----------------------------------------------------------------------------------------


async def export_records(tenant: Tenant, kinds: Sequence[RecordType], contact: str) -> ContactData:
    """The answer to `export_contact`: the contact's records of these types (declared with `contact=True`)."""
    rows: dict[str, Any] = {}
    for kind in kinds:
        found = await tenant.db.fetch(sa.select(kind.table).where(kind.table.c.contact == contact))
        rows[kind.name] = [
            {field.name: field.kind.tell(getattr(row, field.name)) for field in kind.fields} for row in found
        ]
    return ContactData(tenant.plugin, rows)


async def erase_records(tenant: Tenant, kinds: Sequence[RecordType], contact: str) -> ContactData:
    """The answer to `erase_contact`: they are deleted, and how many there were; safe to repeat."""
    statements = [sa.delete(kind.table).where(kind.table.c.contact == contact) for kind in kinds]
    results = await tenant.db.write(*statements)
    return ContactData(tenant.plugin, {kind.name: done.rowcount for kind, done in zip(kinds, results, strict=True)})


async def move_records(tenant: Tenant, kinds: Sequence[RecordType], record: Record) -> None:
    """For `turn_finished`: where two contacts became one their records do, and where that is undone they go back; any other
    record is left alone.  The audit log says which ones were moved."""
    if record.kind in ("contact.merged", "contact.parted"):
        from .recordmoves import move  # it needs the types that are made here

        await move(tenant, kinds, record)
