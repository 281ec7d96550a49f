"""The SQL compiler that keeps a plugin's statement to its tenant's rows.

It *adds* the tenant's predicate while it renders, rather than checking that it is there: a table is read as the
subquery of the tenant's rows, a write gets the predicate ANDed to its WHERE, and a new row its tenant.  The value is
one private bind parameter, so that rendered statements are shared by all tenants.
"""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter, ClauseElement, Grouping

from .errors import CrossTenantStatement
from .vetting import (
    OWN_PREFIX,
    TENANT_BIND,
    TENANT_COLUMN,
    access,
    names_tenant,
    refuse,
    vet,
    vet_field,
    vet_function,
    vet_literal,
    vet_operator,
)

_TENANT: BindParameter[str] = sa.bindparam(TENANT_BIND, type_=sa.Text(), required=True)
_CLAIM = TENANT_COLUMN  # the name of the bind parameter for a tenant that an INSERT was given
_LEGAL = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_TYPE = re.compile(r'("\w+"|[A-Za-z_][A-Za-z0-9_ ]*)(\( ?\d+( ?, ?-?\d+)? ?\)[A-Za-z ]*)?(\[\])*')
_LITERAL = re.compile(r"(?i:NULL|TRUE|FALSE)|[-+]?\d+(\.\d*)?(e[-+]?\d+)?|[xX]?'([^']|'')*'(::[A-Za-z_ ]+)?")
_LEAVE_OUT = "leave it out: Hookline adds the tenant itself"


_Compiler: Any = SQLCompiler  # most of it is untyped


class ConfinedCompiler(_Compiler):  # type: ignore[misc]  # see _Compiler
    """Mixed in before a dialect's compiler.

    After compiling, `writes` has the names of the tables that the statement writes, with those that foreign keys
    cascade to and the columns that these look at; and `tenant_claims` those of bind parameters whose values must equal the tenant.
    """

    column_keys: list[str] | None
    named_reads = False  # whether a read goes through a CTE named after its table, which SQLite's guard looks for

    def __init__(self, dialect: sa.Dialect, statement: ClauseElement | None, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("schema_translate_map"):
            refuse("schema_translate_map", "leave it out: all tenants share one schema")
        self.writes: set[str] = set()
        self._claimed: list[Any] = []
        if statement is not None:
            vet(statement)
        super().__init__(dialect, statement, *args, **kwargs)
        for bind, name in self.bind_names.items():
            taken = (bind.key, name, self.escaped_bind_names.get(name, name))
            if bind is not _TENANT and TENANT_BIND in taken:
                refuse(f"parameter {bind.key!r}", "Hookline uses its name; give the parameter another one")
        self.tenant_claims = frozenset(self.bind_names[bind] for bind in self._claimed if bind in self.bind_names)

    # -- tables ------------------------------------------------------------------------------------------------

    def visit_table(
        self,
        table: Any,
        asfrom: bool = False,
        iscrud: bool = False,
        ashint: bool = False,
        from_linter: Any = None,
        enclosing_alias: Any = None,
        **kw: Any,
    ) -> str:
        """A table that is read is the subquery of the tenant's rows; one that is written is only named."""
        real = table._deannotate() if isinstance(table, sa.Table) else table
        access(real)
        if from_linter:
            from_linter.froms[table] = table.fullname
        name: str = self.preparer.quote(real.name)
        if ashint:
            return name
        if not asfrom:
            return ""
        if iscrud:
            if not self.stack or self.stack[-1]["selectable"].table is not table:
                refuse("a write to a table that is not the statement's own", "write one table a statement", name)
            return name
        columns = ", ".join(self.preparer.quote(column.name) for column in real.columns)
        counted = {key: kw[key] for key in ("visited_bindparam", "accumulate_bind_names") if key in kw}
        predicate = f"{name}.{self.preparer.quote(TENANT_COLUMN)} = {self.visit_bindparam(_TENANT, **counted)}"
        rows = f"SELECT {columns} FROM {name} WHERE {predicate}"
        if self.named_reads:
            own = self.preparer.quote(OWN_PREFIX + real.name)
            rows = f"WITH {own} AS ({rows}) SELECT * FROM {own}"
        if enclosing_alias is not None and enclosing_alias.element is table:
            return f"({rows})"
        return f"({rows}) AS {name}"

    def _target(self, statement: Any) -> sa.Table:
        table = statement.table
        if not isinstance(table, sa.Table):
            refuse(
                "a write to something other than a table (an alias or a join)",
                "write the plugin's Table itself",
                getattr(table, "name", ""),
            )
        if access(table) == "read":
            refuse("a write to a table of the core", "plugins read it; change it through the tenant's methods", table)
        self.writes |= _touched(table)
        return table

    def visit_insert(self, insert_stmt: Any, *args: Any, **kw: Any) -> str:
        """The row gets its tenant; an upsert reaches only the tenant's own row."""
        table = self._target(insert_stmt)
        statement = insert_stmt._clone()
        statement._inline = True  # no RETURNING of SQLAlchemy's own to fetch generated keys
        self._take_column_keys(statement, table)
        if statement._select_names is not None:
            self._stamp_select(statement, table)
        elif statement._multi_values:
            statement._multi_values = tuple(
                [self._stamped(_by_name(row, table), table) for row in rows] for rows in statement._multi_values
            )
        else:
            statement._values = sa.util.immutabledict(self._stamped(statement._values or {}, table))
        self._confine_upsert(statement, table)
        return str(super().visit_insert(statement, *args, **kw))

    def _take_column_keys(self, statement: Any, table: sa.Table) -> None:
        """The columns that the parameters will fill: never the tenant, which becomes a claim to be verified."""
        no_values = not statement._values and not statement._multi_values and statement._select_names is None
        if self.column_keys is None and no_values:
            self.column_keys = [column.key for column in table.columns if not names_tenant(column)]
        elif self.column_keys is not None:
            rest = [key for key in self.column_keys if not names_tenant(key)]
            if len(rest) < len(self.column_keys) and no_values:
                claim: BindParameter[str] = sa.bindparam(_CLAIM, type_=sa.Text(), required=True)
                statement._values = sa.util.immutabledict({TENANT_COLUMN: claim})
            self.column_keys = rest

    def _stamped(self, row: Mapping[Any, Any], table: sa.Table) -> dict[Any, Any]:
        values: dict[Any, Any] = {}
        stamp: Any = _TENANT
        for key, value in row.items():
            if not names_tenant(key):
                values[key] = value
            elif isinstance(value, str | BindParameter):
                claim: Any = value if isinstance(value, BindParameter) else sa.bindparam(None, value, type_=sa.Text())
                self._claimed.append(claim)
                # NULL, which the column refuses, where the claim is wrong and nobody verified it
                stamp = sa.case((claim == _TENANT, _TENANT))
            else:
                refuse(f"column {TENANT_COLUMN!r} in values()", _LEAVE_OUT, table)
        values[TENANT_COLUMN] = stamp
        return values

    def _stamp_select(self, statement: Any, table: sa.Table) -> None:
        names = [getattr(name, "key", name) for name in statement._select_names]
        if any(names_tenant(name) for name in names):
            refuse(f"column {TENANT_COLUMN!r} in from_select()", _LEAVE_OUT, table)
        select = statement.select
        if not isinstance(select, sa.Select) or select._distinct or select._group_by_clauses:
            inner = select.subquery()
            select = sa.select(*inner.c)
        statement.select = select.add_columns(_TENANT)
        statement._select_names = [*names, TENANT_COLUMN]

    def _confine_upsert(self, statement: Any, table: sa.Table) -> None:
        clause = statement._post_values_clause
        if clause is None or clause.__visit_name__ == "on_conflict_do_nothing":
            return
        if clause.__visit_name__ != "on_conflict_do_update":
            refuse("this way of upserting", "use on_conflict_do_update()", table)
        for key in dict(clause.update_values_to_set):
            if names_tenant(key):
                refuse(f"changing column {TENANT_COLUMN!r} in set_", _LEAVE_OUT, table)
            if str(key if isinstance(key, str) else getattr(key, "key", "")) not in table.c:
                refuse(f"set_ of {key!r}, which is no column of it", "name the columns by their keys", table)
        clause = copy.copy(clause)
        clause.update_whereclause = _and_own(table, clause.update_whereclause)
        statement._post_values_clause = clause

    def visit_update(self, update_stmt: Any, *args: Any, **kw: Any) -> str:
        """Only the tenant's rows are changed, and never their tenant."""
        table = self._target(update_stmt)
        keys = [
            *dict(update_stmt._values or {}),
            *(key for key, _ in getattr(update_stmt, "_ordered_values", None) or ()),
        ]
        keys += self.column_keys or ()
        for key in keys:
            if names_tenant(key):
                refuse(
                    f"changing column {TENANT_COLUMN!r} of a row", "rows stay with their tenant; leave it out", table
                )
            if not isinstance(key, str) and not isinstance(key, sa.ColumnClause):
                refuse(f"values() of {key}", "name the columns by their keys", table)
        return str(super().visit_update(_only_own(update_stmt, table), *args, **kw))

    def visit_delete(self, delete_stmt: Any, *args: Any, **kw: Any) -> str:
        """Only the tenant's rows are deleted."""
        table = self._target(delete_stmt)
        return str(super().visit_delete(_only_own(delete_stmt, table), *args, **kw))

    def visit_binary(self, binary: Any, *args: Any, **kw: Any) -> Any:
        """A tenant that a condition names is noted, to be verified when the values are known."""
        if binary.operator in (sa.sql.operators.eq, sa.sql.operators.in_op):
            for side, other in ((binary.left, binary.right), (binary.right, binary.left)):
                if isinstance(other, BindParameter) and other is not _TENANT and _is_tenant_column(side):
                    self._claimed.append(other)
        return super().visit_binary(binary, *args, **kw)

    # -- what carries text: vetted before, and again where it is rendered ------------------------------------------

    def visit_textclause(self, element: Any, *args: Any, **kw: Any) -> str:
        """Never."""
        refuse("SQL as text", "write it with SQLAlchemy Core on the plugin's tables")

    visit_textual_select = visit_tstring = visit_tstring_text = visit_lambda_element = visit_textclause
    visit_sequence = visit_next_value_func = visit_tablesample = visit_textclause
    format_from_hint_text = get_crud_hint_text = get_from_hint_text = get_select_hint_text = visit_textclause
    get_statement_hint_text = visit_textclause

    def visit_column(self, column: Any, *args: Any, **kw: Any) -> str:
        """Columns, and numbers given as literal_column()."""
        vet_literal(column)
        return str(super().visit_column(column, *args, **kw))

    def visit_function(self, func: Any, *args: Any, **kw: Any) -> Any:
        """Functions of the list."""
        vet_function(func)
        return super().visit_function(func, *args, **kw)

    def visit_extract(self, extract: Any, **kw: Any) -> Any:
        """EXTRACT of one named field."""
        vet_field(extract.field)
        return super().visit_extract(extract, **kw)

    def visit_custom_op_binary(self, element: Any, operator: Any, **kw: Any) -> Any:
        """Operators of the list."""
        vet_operator(operator)
        return super().visit_custom_op_binary(element, operator, **kw)

    def visit_custom_op_unary_operator(self, element: Any, operator: Any, **kw: Any) -> Any:
        """Operators of the list."""
        vet_operator(operator)
        return super().visit_custom_op_unary_operator(element, operator, **kw)

    def visit_custom_op_unary_modifier(self, element: Any, operator: Any, **kw: Any) -> Any:
        """Operators of the list."""
        vet_operator(operator)
        return super().visit_custom_op_unary_modifier(element, operator, **kw)

    def visit_bindparam(self, bindparam: Any, *args: Any, **kw: Any) -> Any:
        """Values; the private parameter is none of the plugin's."""
        if bindparam.key == TENANT_BIND and bindparam is not _TENANT:
            refuse(f"parameter {TENANT_BIND!r}", "Hookline fills it in; give the parameter another name")
        return super().visit_bindparam(bindparam, *args, **kw)

    def render_literal_value(self, value: Any, type_: Any) -> str:
        """A value written into the SQL is one literal, whatever its type makes of it."""
        text = str(super().render_literal_value(value, type_))
        if not _LITERAL.fullmatch(text):
            refuse(f"a value of type {type(type_).__name__} written as SQL", "leave literal_execute out")
        return text


class _ConfinedPreparer:
    """Mixed in before a dialect's identifier preparer: a name is a name, whatever `quoted_name` says."""

    def quote(self, ident: str, *args: Any) -> str:
        text: str = super().quote(ident, *args)  # type: ignore[misc]  # of the preparer mixed in behind
        if text == ident and not _LEGAL.fullmatch(ident):
            refuse(f"the unquoted name {str(ident)!r}", "leave quoting to SQLAlchemy")
        return text


class _ConfinedTypes:
    """Mixed in before a dialect's type compiler: a type's name can't carry SQL."""

    def process(self, type_: Any, **kw: Any) -> str:
        text: str = super().process(type_, **kw)  # type: ignore[misc]  # of the type compiler mixed in behind
        if not _TYPE.fullmatch(text):
            refuse(f"the type {text!r} in a cast", "cast to a plain type of SQLAlchemy")
        return text


def _refuse_ddl(*_args: Any, **_kw: Any) -> Any:
    refuse("a change of the schema (DDL)", "put it into the plugin's migrations")


@functools.cache
def _mixed(first: Any, second: Any) -> Any:
    named_reads = {"named_reads": True} if second.__name__.startswith("SQLite") else {}
    return type(f"Confined{second.__name__}", (first, second), named_reads)


def confined_dialect(base: sa.Dialect) -> sa.Dialect:
    """A dialect like `base`, with the same parameter style, whose compiler confines statements to a tenant.

    The value of the bind parameter `TENANT_BIND` is supplied at execution.  Compiling raises CrossTenantStatement
    where a statement can't be confined.
    """
    dialect: Any = copy.copy(base)
    source: Any = base
    dialect.statement_compiler = _mixed(ConfinedCompiler, source.statement_compiler)
    dialect.ddl_compiler = _refuse_ddl
    dialect.preparer = _mixed(_ConfinedPreparer, source.identifier_preparer.__class__)
    dialect.identifier_preparer = dialect.preparer(dialect)
    dialect.type_compiler_instance = dialect.type_compiler = _mixed(
        _ConfinedTypes, source.type_compiler_instance.__class__
    )(dialect)
    confined: sa.Dialect = dialect
    return confined


def verify_claims(compiled: Any, values: Mapping[str, Any], tenant: str) -> None:
    """Refuse a statement that names another tenant; `values` are its bind parameters' values by name.

    Such a statement reaches nothing of the other tenant's in any case: it would find or insert nothing.
    """
    for name in compiled.tenant_claims:
        value = values.get(name)
        for each in value if isinstance(value, list | tuple | set | frozenset) else (value,):
            if each != tenant:
                raise CrossTenantStatement(
                    f"tenant confinement: a statement for tenant {tenant!r} names tenant {each!r}; {_LEAVE_OUT}: "
                    f"{compiled}"
                )


def _own(table: sa.Table) -> Any:
    return table.c[TENANT_COLUMN] == _TENANT


def _and_own(table: sa.Table, condition: Any) -> Any:
    return _own(table) if condition is None else sa.and_(Grouping(condition), _own(table))


def _only_own(statement: Any, table: sa.Table) -> Any:
    statement = statement._clone()
    criteria = statement._where_criteria
    statement._where_criteria = (*((Grouping(sa.and_(*criteria)),) if criteria else ()), _own(table))
    return statement


def _by_name(row: Any, table: sa.Table) -> Mapping[Any, Any]:
    return row if isinstance(row, Mapping) else dict(zip((column.key for column in table.columns), row, strict=False))


def _is_tenant_column(side: Any) -> bool:
    return isinstance(side, sa.ColumnClause) and any(
        isinstance(getattr(column, "table", None), sa.Table) and names_tenant(column) for column in side.base_columns
    )


@functools.lru_cache(maxsize=1000)
def _touched(table: sa.Table) -> frozenset[str]:
    """The table and those whose rows follow its own by a foreign key, and the columns that those keys refer to."""
    found, todo = {table.name}, [table]
    keys: set[str] = set()
    while todo:
        parent = todo.pop()
        keys |= {f"{element.column.table.name}.{element.column.name}" for element in parent.foreign_keys}
        for child in table.metadata.tables.values():
            if child.name not in found and any(key.referred_table is parent for key in child.foreign_key_constraints):
                found.add(child.name)
                todo.append(child)
    return frozenset(found | keys)
