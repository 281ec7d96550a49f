"""Statements of SQLAlchemy Core rendered to SQL text once and run on the raw driver.

A `Statements` serves one dialect.  A statement object that is used again (a module's constant) is found by its
identity; one that was made anew but has the same shape is found by SQLAlchemy's cache key, and only its values are
taken from it.  Plugins' statements are rendered by the confined dialect of `tenancy`, which leaves one private bind
parameter, the tenant, to be filled in here.
"""

from __future__ import annotations

import weakref
from collections import OrderedDict, namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.compiler import SQLCompiler

from .confine import confined_dialect, verify_claims
from .errors import CrossTenantStatement, StorageError
from .vetting import TENANT_BIND, register

_KEPT = 1000  # rendered shapes, as many as a large set of plugins has

# What PostgreSQL calls `numeric`: types that convert by what the driver reports are told the widest, once.
_NUMERIC = 1700

Params = Mapping[str, Any]
_Processor = Callable[[Any], Any]


class Rendered:
    """A statement's shape as SQL text, shared by all statements that differ in their values only."""

    __slots__ = (
        "_dialect",
        "_processors",
        "_row",
        "calls",
        "claims",
        "compiled",
        "expanding",
        "names",
        "plain_insert",
        "processors",
        "returns_rows",
        "sql",
        "tenant_slots",
        "writes",
    )

    def __init__(self, compiled: Any, dialect: sa.Dialect) -> None:
        self.compiled = compiled
        self.sql: str = str(compiled)
        self._dialect = dialect
        self._row: Any = None
        self._processors: tuple[tuple[int, _Processor], ...] = ()
        is_sql = isinstance(compiled, SQLCompiler)
        self.names: tuple[str, ...] = tuple(compiled.positiontup or ()) if is_sql else ()
        self.expanding = is_sql and bool(compiled.post_compile_params or compiled.literal_execute_params)
        self.processors = tuple(
            (slot, processor) for slot, name in enumerate(self.names) if (processor := self._bind_processor(name))
        )
        self.tenant_slots = tuple(slot for slot, name in enumerate(self.names) if name == TENANT_BIND)
        self.claims = bool(getattr(compiled, "tenant_claims", ()))
        # the tables that a confined statement may write, for the guard beneath
        self.writes: AbstractSet[str] = getattr(compiled, "writes", frozenset())
        self.calls = self._python_defaults() if is_sql else ()
        self.plain_insert = is_sql and compiled.isinsert and compiled.statement._post_values_clause is None
        # None: a text(), of which only the database knows
        self.returns_rows: bool | None = None if is_sql and compiled.isplaintext else bool(_columns(compiled))

    def _bind_processor(self, name: str) -> _Processor | None:
        if self.expanding:
            return None  # the expanded parameters bring their own
        processor: _Processor | None = (
            self.compiled.binds[name].type.dialect_impl(self._dialect).bind_processor(self._dialect)
        )
        return processor

    def _python_defaults(self) -> tuple[tuple[str, Callable[[], Any]], ...]:
        """Values that columns ask Python for: `default=` of an INSERT, `onupdate=` of an UPDATE."""
        wanted = [(column.key, column.default) for column in self.compiled.insert_prefetch]
        wanted += [(column.key, column.onupdate) for column in self.compiled.update_prefetch]
        return tuple((key, _default_call(default)) for key, default in wanted)

    @property
    def learnt(self) -> bool:
        """Whether `rows` knows the names already."""
        return self._row is not None

    def rows(self, raw: Iterable[Any], names: Sequence[str]) -> list[Any]:
        """Named tuples of the driver's rows; `names` are the column names that the driver reports, not needed again."""
        if self._row is None:
            self._learn_rows(names)
        new, row, processors = tuple.__new__, self._row, self._processors
        if not processors:
            return [new(row, values) for values in raw]
        done = []
        for values in raw:
            cells = list(values)
            for slot, processor in processors:
                cells[slot] = processor(cells[slot])
            done.append(new(row, cells))
        return done

    def _learn_rows(self, names: Sequence[str]) -> None:
        entries = _columns(self.compiled)
        if len(entries) == len(names) and self.compiled._ordered_columns:
            columns = list(entries)
        else:
            by_name = {entry.keyname: entry for entry in entries}
            columns = [by_name.get(name) for name in names]
        processors = []
        for slot, entry in enumerate(columns):
            if entry is not None and (
                processor := entry.type.dialect_impl(self._dialect).result_processor(self._dialect, _NUMERIC)
            ):
                processors.append((slot, processor))
        self._processors = tuple(processors)
        fields = [names[slot] if entry is None else entry.keyname for slot, entry in enumerate(columns)]
        make: Any = namedtuple  # noqa: PYI024 - the fields are known at run time only
        self._row = make("Row", fields, rename=True)


def _columns(compiled: Any) -> Sequence[Any]:
    """What the statement returns a row, as the compiler knows it; empty for a text() and for DDL."""
    columns: Sequence[Any] = getattr(compiled, "_result_columns", ())
    return columns


def _default_call(default: Any) -> Callable[[], Any]:
    if default.is_callable:
        return lambda: default.arg(None)
    return lambda: default.arg


class Prepared:
    """A rendered statement together with the values that one statement object holds."""

    __slots__ = ("_pick", "_slots", "base", "keys", "rendered", "required")

    def __init__(
        self, rendered: Rendered, values: Mapping[str, Any], required: Mapping[str, bool] | None = None
    ) -> None:
        self.rendered = rendered
        binds = rendered.compiled.binds if rendered.names else {}
        self.keys = tuple((binds[name].key, name) for name in rendered.names)
        self.base = tuple(values.get(name) for name in rendered.names)
        self._slots = tuple(zip([key for key, _ in self.keys], self.base, strict=True))
        # statements of one shape may differ in which parameters have a value already: theirs counts
        own = required or {}
        self.required = frozenset(
            binds[name].key
            for name in rendered.names
            if name != TENANT_BIND and own.get(binds[name].key, binds[name].required)
        )
        self._pick: Callable[[tuple[Any, ...]], tuple[Any, ...]] | None = None

    def expect(self, names: tuple[str, ...]) -> None:
        """Make `bind_expected` cheap for parameters of these names: it only picks, from their values and our own."""
        rendered = self.rendered
        more = rendered.claims or rendered.calls or rendered.expanding or TENANT_BIND in names
        if not more and len(self.base) > 1 and self.required.issubset(names):
            at = {name: n for n, name in enumerate(names)}
            self._pick = itemgetter(*(at.get(key, len(names) + slot) for slot, (key, _) in enumerate(self._slots)))

    def bind_expected(self, params: Params | None, tenant: str | None) -> tuple[str, Sequence[Any]]:
        """As `bind`, for the very parameters that `Statements.prepare` was called with, or others in their order."""
        if self._pick is None:
            return self.bind(params, tenant)
        values: Any = self._pick((*params.values(), *self.base) if params else self.base)
        rendered = self.rendered
        if rendered.processors or rendered.tenant_slots:
            values = list(values)
            for slot in rendered.tenant_slots:
                values[slot] = tenant
            for slot, processor in rendered.processors:
                values[slot] = processor(values[slot])
        return rendered.sql, values

    def bind(self, params: Params | None, tenant: str | None) -> tuple[str, Sequence[Any]]:
        """The SQL text and the driver's parameters for these values.

        Raises StorageError if a parameter has no value, CrossTenantStatement if one claims the tenant's place.
        """
        rendered = self.rendered
        if (
            not params
            and not rendered.processors
            and not rendered.tenant_slots
            and not rendered.calls
            and not rendered.expanding
            and not self.required
        ):
            return rendered.sql, self.base
        given: Params = params or {}
        if self.required and not given.keys() >= self.required:
            missing = ", ".join(sorted(self.required - given.keys()))
            raise StorageError(f"no value for parameter {missing} of: {rendered.sql}")
        if rendered.calls:
            given = {**{key: call() for key, call in rendered.calls if key not in given}, **given}
        get = given.get
        values = [get(key, default) for key, default in self._slots]
        if rendered.tenant_slots:
            if TENANT_BIND in given:
                raise CrossTenantStatement(f"parameter {TENANT_BIND} is not for plugins to set: {rendered.sql}")
            for slot in rendered.tenant_slots:
                values[slot] = tenant
            if rendered.claims:
                named = {name: value for (_, name), value in zip(self.keys, values, strict=True)}
                verify_claims(rendered.compiled, named, tenant or "")
        if rendered.expanding:
            return self._expand(values)
        for slot, processor in rendered.processors:
            values[slot] = processor(values[slot])
        return rendered.sql, values

    def _expand(self, values: Sequence[Any]) -> tuple[str, Sequence[Any]]:
        """Render what depends on the values themselves, as the members of an IN."""
        named = {name: value for (_, name), value in zip(self.keys, values, strict=True)}
        state = self.rendered.compiled._process_parameters_for_postcompile(named)
        processors = state.processors
        bound = []
        for name in state.positiontup or ():
            processor = processors.get(name)
            value = state.parameters[name]
            bound.append(processor(value) if processor else value)
        return state.statement, bound


class _Entry(weakref.ref[Any]):
    """A statement object that was seen, with what was prepared for it by the names of its parameters."""

    __slots__ = ("ident", "shapes")

    ident: int
    shapes: dict[tuple[str, ...], Prepared]


class Statements:
    """The rendered statements of one dialect; safe to use from several threads."""

    def __init__(self, dialect: sa.Dialect, *, confined: bool = False) -> None:
        self._dialect = dialect
        self._confined = confined
        self._seen: dict[int, _Entry] = {}
        self._shapes: OrderedDict[Any, Rendered] = OrderedDict()

    @classmethod
    def for_plugins(cls, dialect: sa.Dialect, plugins_metadata: Sequence[sa.MetaData]) -> Statements:
        """Those of plugins, confined to a tenant and to the core's and these tables.

        Raises PluginError for a table in which tenants can't be kept apart.
        """
        for metadata in plugins_metadata:
            register(metadata)
        return cls(confined_dialect(dialect), confined=True)

    def prepare(self, statement: sa.Executable, params: Params | None) -> Prepared:
        """Find or make the rendering of a statement to be run with parameters of these names.

        Raises CrossTenantStatement where the dialect is confined and the statement is not for it; StorageError if
        the statement can't be rendered.
        """
        names = tuple(params) if params else ()
        entry = self._seen.get(id(statement))
        if entry is not None and entry() is statement:
            prepared = entry.shapes.get(names)
            if prepared is not None:
                return prepared
        else:
            entry = None
        prepared, reusable = self._make(statement, names if statement.is_dml else ())
        unknown = set(names).difference(key for key, _ in prepared.keys) if statement.is_dml else ()
        if unknown:
            # SQLAlchemy drops them silently where the statement itself names no values
            raise StorageError(f"{table_of(statement)}: no column or parameter {', '.join(sorted(unknown))}")
        prepared.expect(names)
        if reusable:
            if entry is None:
                entry = _Entry(statement, self._forget)
                entry.ident = id(statement)
                entry.shapes = {}
                self._seen[entry.ident] = entry
            entry.shapes[names] = prepared
        return prepared

    def prepare_all(self, statement: sa.Executable, params: Sequence[Params]) -> Prepared:
        """As `prepare`, for several sets of parameters, which have to be of the same names."""
        first = params[0]
        if any(one.keys() != first.keys() for one in params):
            raise StorageError(f"{table_of(statement)}: the parameter sets of one statement differ in their names")
        return self.prepare(statement, first)

    def _forget(self, entry: Any) -> None:
        self._seen.pop(entry.ident, None)

    def _make(self, statement: Any, names: tuple[str, ...]) -> tuple[Prepared, bool]:
        if isinstance(statement, sa.schema.ExecutableDDLElement):
            if self._confined:
                raise CrossTenantStatement(f"a plugin may run only queries and writes, not {type(statement).__name__}")
            return Prepared(self._render(statement, {}), {}), False
        # "executemany" keeps SQLAlchemy from adding a RETURNING of its own to fetch generated keys
        options = {"column_keys": list(names), "for_executemany": statement.is_insert}
        key = statement._generate_cache_key()
        if key is None:
            rendered = self._render(statement, options)
            return Prepared(rendered, rendered.compiled.construct_params({}, _check=False)), True
        shape = (key.key, names)
        found = self._shapes.get(shape)
        if found is None:
            found = self._shapes[shape] = self._render(statement, {**options, "cache_key": key})
            while len(self._shapes) > _KEPT:
                self._shapes.popitem(last=False)
        values = found.compiled.construct_params(
            getattr(key, "params", None) or {}, extracted_parameters=key.bindparams, _check=False
        )
        prepared = Prepared(found, values, {bind.key: bind.required for bind in key.bindparams})
        return prepared, not any(bind.callable for bind in key.bindparams)

    def _render(self, statement: Any, options: dict[str, Any]) -> Rendered:
        try:
            return Rendered(statement.compile(dialect=self._dialect, **options), self._dialect)
        except sa.exc.SQLAlchemyError as error:
            raise StorageError(f"{table_of(statement)}: the statement can't be rendered: {error}") from error


def table_of(statement: Any) -> str:
    """The name of the table that a statement writes, or those that it reads, for an error's text."""
    target = getattr(statement, "table", None)
    if target is not None:
        return str(getattr(target, "name", target))
    try:
        return ", ".join(str(getattr(source, "name", source)) for source in statement.get_final_froms())
    except (AttributeError, sa.exc.SQLAlchemyError):
        return ""
