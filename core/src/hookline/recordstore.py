"""What staff do with a tenant's records: look, make, change, remove; each change audited, none made on what was not seen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import attrs
import sqlalchemy as sa

from .db import ConstraintViolated
from .errors import BadRequest, Conflict
from .ledger import new_id
from .problems import Problem
from .recordkinds import Kind, Text, Texts, Writing
from .records import Field, RecordType
from .wire import shown_time

if TYPE_CHECKING:
    from .action import Action
    from .roles import Caller
    from .tenant import Tenant

PAGE = 500
_MOST = 200
_ASKED = ("q", "sort", "limit", "offset")
_TEXTS = ("text", "phone", "email", "choice")


@attrs.frozen
class Asked:
    """What of a list is wanted: `conditions` on the table, `order`, and the part of it."""

    conditions: Sequence[sa.ColumnElement[bool]] = ()
    order: Sequence[sa.ColumnElement[Any]] = ()
    limit: int = 50
    offset: int = 0


def find_type(tenant: Tenant, plugin: str, name: str) -> RecordType:
    """The type of that address; raises `Problem` 404."""
    for owner, kind in tenant.records:
        if owner == plugin and kind.name == name:
            return kind
    known = ", ".join(f"{owner}/{kind.name}" for owner, kind in tenant.records) or "none"
    raise Problem(404, f"there are no records {plugin}/{name} here; there are: {known}")


class Records:
    """The records of one type of one tenant; `by` is who acts, for the audit log."""

    def __init__(self, tenant: Tenant, plugin: str, kind: RecordType, by: str = "") -> None:
        self.tenant = tenant
        self.plugin = plugin
        self.kind = kind
        self.by = by
        self.writing = Writing.of(tenant.settings)

    @property
    def address(self) -> str:
        """As the audit log names the type."""
        return f"{self.plugin}/{self.kind.name}"

    # -- looking -------------------------------------------------------------------------------------------------------

    def asked(self, query: Mapping[str, Sequence[str]]) -> Asked:
        """What a query string asks for; raises `BadRequest` naming the parameter.

        `q` is looked for in the texts; `status=open` (also several) narrows to values, `amount.from=` and `amount.to=`
        to a range; `sort=-amount` orders; `limit` and `offset` choose the part.
        """
        conditions: list[sa.ColumnElement[bool]] = []
        for name, given in query.items():
            if name in _ASKED:
                continue
            field_name, _, bound = name.partition(".")
            field = self.kind.by_name.get(field_name)
            if field is None or bound not in ("", "from", "to") or not given:
                allowed = [*_ASKED, *self.kind.by_name]
                raise BadRequest(f"{name}: is unknown; allowed: {', '.join(allowed)}", name)
            conditions.append(self._condition(field, name, bound, given))
        text = (query.get("q") or [""])[0].strip()
        if text:
            conditions.append(self._search(text[:200]))
        limit, offset = self._size(query, "limit", 50, _MOST), self._size(query, "offset", 0, 2**31)
        return Asked(conditions, self._order((query.get("sort") or [""])[0]), limit, offset)

    def _condition(self, field: Field, name: str, bound: str, given: Sequence[str]) -> sa.ColumnElement[bool]:
        column: sa.Column[Any] = self.kind.table.c[field.name]
        if not field.kind.sorts or (bound and not field.kind.ranges):
            raise BadRequest(f"{name}: {field.name} can't be narrowed in that way", name)
        try:
            values = [field.kind.read(one, self.writing) if one else field.kind.empty for one in given]
        except ValueError as error:
            raise BadRequest(f"{name}: {error}", name) from None
        if bound:
            edge: sa.ColumnElement[bool] = column >= values[0] if bound == "from" else column <= values[0]
            return edge
        set_ = [value for value in values if value is not None]
        parts = [column.in_(set_)] if set_ else []
        return sa.or_(*parts, *([column.is_(None)] if None in values else []))

    def _search(self, text: str) -> sa.ColumnElement[bool]:
        fields = [field for field in self.kind.fields if field.search or field.name in (self.kind.key, self.kind.owner)]
        looked = [field for field in fields if field.kind.name in _TEXTS] or [
            field for field in self.kind.fields if isinstance(field.kind, Text)
        ]
        spelled = {text, text.lower(), text.upper(), text.title()}  # SQLite knows the case of ASCII letters alone
        columns = self.kind.table.c
        found = [columns[field.name].icontains(one, autoescape=True) for field in looked for one in sorted(spelled)]
        return sa.or_(sa.false(), *found)

    def _order(self, sort: str) -> list[sa.ColumnElement[Any]]:
        wanted, columns = sort or self.kind.sort or "-created_at", self.kind.table.c
        name = wanted.removeprefix("-")
        field = self.kind.by_name.get(name)
        if name not in ("created_at", "updated_at") and (field is None or not field.kind.sorts):
            allowed = [one.name for one in self.kind.fields if one.kind.sorts]
            raise BadRequest(
                f"sort: given {sort[:40]!r}; allowed: {', '.join([*allowed, 'created_at', 'updated_at'])}, "
                f"with a - before it for the other way round",
                "sort",
            )
        column = columns[name]
        down = wanted.startswith("-")
        return [column.is_(None), column.desc() if down else column.asc(), columns.id.desc() if down else columns.id]

    def _size(self, query: Mapping[str, Sequence[str]], name: str, default: int, most: int) -> int:
        given = (query.get(name) or [""])[0]
        if not given:
            return default
        if not given.isascii() or not given.isdigit() or len(given) > 12 or int(given) > most:
            raise BadRequest(f"{name}: given {given[:40]!r}; allowed: 0 to {most}", name)
        return int(given)

    async def page(self, asked: Asked) -> tuple[Sequence[Any], int]:
        """The rows of that part, and how many there are in all."""
        table = self.kind.table
        counted = await self.tenant.db.fetch(
            sa.select(sa.func.count().label("n")).select_from(table).where(*asked.conditions)
        )
        rows = await self.tenant.db.fetch(
            sa.select(table).where(*asked.conditions).order_by(*asked.order).limit(asked.limit).offset(asked.offset)
        )
        return rows, counted[0].n

    async def every(self, asked: Asked) -> AsyncIterator[Sequence[Any]]:
        """All rows that meet the conditions, the oldest first, some at a time."""
        table, last = self.kind.table, ""
        while True:
            rows = await self.tenant.db.fetch(
                sa.select(table).where(*asked.conditions, table.c.id > last).order_by(table.c.id).limit(PAGE)
            )
            if rows:
                yield rows
            if len(rows) < PAGE:
                return
            last = rows[-1].id

    async def get(self, ident: str) -> Any:
        """The row; raises `Problem` 404."""
        rows = await self.tenant.db.fetch(sa.select(self.kind.table).where(self.kind.table.c.id == ident))
        if not rows:
            raise Problem(404, f"there is no such record in {self.address}")
        return rows[0]

    async def linked(self, field: Field, values: Sequence[Any]) -> set[Any]:
        """Those of the values that are keys of the records that the field points to."""
        target = find_type(self.tenant, self.plugin, field.link)
        column = target.table.c[target.key]
        found: set[Any] = set()
        for start in range(0, len(values), PAGE):
            part = list(values[start : start + PAGE])
            rows = await self.tenant.db.fetch(sa.select(column.label("key")).where(column.in_(part)))
            found.update(row.key for row in rows)
        return found

    def view(self, row: Any) -> dict[str, Any]:
        """The record as JSON."""
        told = {field.name: field.kind.tell(getattr(row, field.name)) for field in self.kind.fields}
        whose = {"contact": row.contact} if self.kind.contact else {}
        times = {"created_at": shown_time(row.created_at), "updated_at": shown_time(row.updated_at)}
        return {"id": row.id, **told, **whose, "version": row.version, **times}

    # -- changing ------------------------------------------------------------------------------------------------------

    async def create(self, given: Mapping[str, Any]) -> Any:
        """A new record of JSON values; raises `Problem` 400 with every field that is wrong, and 409 for one taken."""
        row = self._read(given, self.kind.fields)
        await self._check_links(row)
        ident, now = new_id(), self.tenant.clock.now()
        own = {"contact": ""} if self.kind.contact else {}
        async with self._storing(row, "") as act:
            values = {"id": ident, **row, **own, "version": 1, "created_at": now, "updated_at": now}
            act.write(sa.insert(self.kind.table).values(**values))
            act.audit("records.create", f"{self.address}/{ident}", self.noted(row))
        return await self.get(ident)

    async def change(self, ident: str, version: int, given: Mapping[str, Any]) -> Any:
        """Change fields of the record that was seen in that version.

        Raises `Problem` 404, 400 with every field that is wrong, and 409 with the record as it is now.
        """
        before = await self.get(ident)
        if before.version != version:
            raise self._stale(before)
        fields = [field for field in self.kind.fields if field.name in given]
        row = self._read(given, fields)
        changed = self.different(row, before)
        fixed = [name for name in changed if not self.kind.by_name[name].editable]
        if fixed:
            raise _wrong([(name, "can't be changed") for name in fixed])
        if not changed:
            return before
        await self._check_links(changed)
        columns = self.kind.table.c
        async with self._storing(changed, ident) as act:
            act.write(
                sa.update(self.kind.table)
                .where(columns.id == ident, columns.version == version)
                .values(**changed, version=version + 1, updated_at=self.tenant.clock.now()),
                rows=1,
            )
            act.audit("records.change", f"{self.address}/{ident}", self.noted(changed, before))
        return await self.get(ident)

    async def remove(self, ident: str, version: int) -> None:
        """Remove the record that was seen in that version; raises `Problem` 404 and 409."""
        before = await self.get(ident)
        if before.version != version:
            raise self._stale(before)
        columns = self.kind.table.c
        async with self._storing({}, ident) as act:
            act.write(sa.delete(self.kind.table).where(columns.id == ident, columns.version == version), rows=1)
            act.audit("records.remove", f"{self.address}/{ident}", self.noted({}, before))

    def different(self, values: Mapping[str, Any], row: Any) -> dict[str, Any]:
        """Those of the values that the row does not have."""
        fields = self.kind.by_name
        return {name: value for name, value in values.items() if not fields[name].same(value, getattr(row, name))}

    def noted(self, values: Mapping[str, Any], before: Any = None) -> dict[str, Any]:
        """What the audit log keeps of a change: of records about people the fields alone, for it is never erased."""
        if self.kind.personal:
            return {"fields": sorted(values)}

        def told(name: str, value: Any) -> Any:
            return self.kind.by_name[name].kind.tell(value)

        if before is None:
            return {"values": {name: told(name, value) for name, value in values.items()}}
        names = values or self.kind.by_name
        old = {name: told(name, getattr(before, name)) for name in names}
        return {"before": old, **({"values": {n: told(n, v) for n, v in values.items()}} if values else {})}

    def _read(self, given: Mapping[str, Any], fields: Sequence[Field]) -> dict[str, Any]:
        problems = [(name, _unknown(name, self.kind)) for name in given if name not in self.kind.by_name]
        row: dict[str, Any] = {}
        for field in fields:
            try:
                row[field.name] = field.read(given.get(field.name), self.writing)
            except ValueError as error:
                problems.append((field.name, str(error)))
        if problems:
            raise _wrong(problems)
        return row

    async def _check_links(self, row: Mapping[str, Any]) -> None:
        problems = []
        for field in self.kind.fields:
            value = row.get(field.name)
            if field.link and value and not await self.linked(field, [value]):
                problems.append((field.name, f"there is no {field.link} {str(value)[:60]!r}"))
        if problems:
            raise _wrong(problems)

    @asynccontextmanager
    async def _storing(self, row: Mapping[str, Any], ident: str) -> AsyncIterator[Action]:
        """The action in which a change is stored; what the database refuses becomes a `Problem` of the right field."""
        try:
            async with self.tenant.action(by=self.by) as act:
                yield act
        except Conflict:
            raise self._stale(await self.get(ident)) from None
        except ConstraintViolated:
            taken = await self._taken(row, ident)
            if not taken:
                raise
            raise _wrong([(name, "another record has it already") for name in taken], 409) from None

    async def _taken(self, row: Mapping[str, Any], ident: str) -> list[str]:
        table, found = self.kind.table, []
        for field in self.kind.fields:
            value = row.get(field.name)
            if field.unique and value is not None:
                asked = sa.select(table.c.id).where(table.c[field.name] == value, table.c.id != ident)
                if await self.tenant.db.fetch(asked):
                    found.append(field.name)
        return found

    def _stale(self, now: Any) -> Problem:
        text = "somebody has changed this record since you looked at it; nothing was stored"
        return Problem(409, text, more={"current": self.view(now)})


def _unknown(name: str, kind: RecordType) -> str:
    return f"is no field; fields are {', '.join(kind.by_name)}"


def _wrong(problems: Sequence[tuple[str, str]], status: int = 400) -> Problem:
    text = "; ".join(f"{name}: {detail}" for name, detail in problems)
    return Problem(status, text, more={"errors": [{"field": name, "detail": detail} for name, detail in problems]})


def may(caller: Caller, kind: RecordType, what: str) -> bool:
    """Whether the caller may "view", "create", "edit" or "remove" records of the type."""
    role: str = getattr(kind, what)
    return bool(role) and caller.has(role)


def check_may(caller: Caller, kind: RecordType, what: str) -> None:
    """Raise `Problem` 403 unless the caller may."""
    if may(caller, kind, what):
        return
    role: str = getattr(kind, what)
    needed = f"the role {role} or a higher one" if role else "nobody's role"
    raise Problem(403, f"to {what} records of {kind.name!r} takes {needed}; yours is {caller.role}")


def describe(plugin: str, kind: RecordType, caller: Caller) -> dict[str, Any]:
    """What a page has to know of the type, and what the caller may do."""
    return {
        "plugin": plugin,
        "name": kind.name,
        "title": kind.title or kind.name.replace("_", " ").capitalize(),
        "key": kind.key,
        "owner": kind.owner,
        "contact": kind.contact,
        "sort": kind.sort or "-created_at",
        "may": [what for what in ("view", "create", "edit", "remove") if may(caller, kind, what)],
        "fields": [_described(field) for field in kind.fields],
    }


def _described(field: Field) -> dict[str, Any]:
    of: Kind = field.kind
    return {
        "name": field.name,
        "kind": of.name,
        "label": field.label or field.name.replace("_", " ").capitalize(),
        "help": field.help,
        "required": field.required,
        "editable": field.editable,
        "filter": field.filter,
        "listed": field.listed and not isinstance(of, Texts),
        "sorts": of.sorts,
        "ranges": of.ranges,
        "link": field.link,
        "default": None if field.default is None else of.tell(of.read(field.default)),
        **of.describe(),
    }
