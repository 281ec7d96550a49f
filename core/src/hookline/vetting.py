"""The walk that refuses what tenant confinement can't confine.

A plugin's statement is made of SQLAlchemy's own elements and of registered tables only; everything that carries SQL
as text, or that a plugin renders itself, is refused here before it is compiled.  The compiler in `confine` checks
again what it can see while it renders.
"""

from __future__ import annotations

import functools
import re
import weakref
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn

import sqlalchemy as sa
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from . import models
from .errors import CrossTenantStatement, PluginError

TENANT_BIND = "hookline_tenant"
TENANT_COLUMN = "tenant"
OWN_PREFIX = "hookline_own_"
_REGISTERED = "hookline.tenancy"
_KEPT = 2000  # vetted shapes, as many as a large set of plugins has

# Functions that compute from their arguments alone.  A list of what is allowed, because the list of what reaches
# outside (set_config, dblink, lo_import, query_to_xml, pg_read_file, load_extension, …) grows with each extension.
FUNCTIONS = frozenset(
    """
    count sum avg min max total group_concat string_agg aggregate_strings array_agg bool_and bool_or every
    stddev stddev_pop stddev_samp variance var_pop var_samp corr percentile_cont percentile_disc mode any_value
    coalesce nullif ifnull iif greatest least
    lower upper initcap length char_length character_length octet_length substr substring left right replace trim
    ltrim rtrim btrim lpad rpad reverse repeat instr strpos position split_part starts_with concat concat_ws format
    printf ascii chr char unicode hex quote_literal to_hex md5 encode decode translate unaccent like glob
    regexp_replace regexp_match regexp_matches regexp_count regexp_like regexp_substr regexp_split_to_array
    abs round floor ceil ceiling trunc power pow sqrt mod sign exp ln log log10 log2 pi random width_bucket
    sin cos tan asin acos atan atan2 radians degrees
    now current_timestamp current_date current_time localtimestamp localtime statement_timestamp clock_timestamp
    date time datetime julianday strftime unixepoch date_trunc date_part date_bin age to_char to_date to_timestamp
    to_number make_interval make_date make_timestamp
    row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value
    cube rollup grouping_sets grouping
    json json_array json_array_length json_each json_tree json_extract json_group_array json_group_object json_insert
    json_object json_patch json_quote json_remove json_replace json_set json_type json_valid json_array_elements
    json_array_elements_text json_each_text json_object_keys json_extract_path json_extract_path_text json_agg
    json_object_agg json_build_object json_build_array json_typeof to_json row_to_json json_to_record
    json_to_recordset json_strip_nulls
    jsonb jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_each jsonb_each_text
    jsonb_object_keys jsonb_extract_path jsonb_extract_path_text jsonb_agg jsonb_object_agg jsonb_build_object
    jsonb_build_array jsonb_typeof to_jsonb jsonb_set jsonb_insert jsonb_strip_nulls jsonb_path_exists
    jsonb_path_query jsonb_path_query_array jsonb_path_query_first jsonb_to_record jsonb_to_recordset
    array_length array_position array_remove array_append array_prepend array_cat array_to_string string_to_array
    cardinality unnest generate_series gen_random_uuid typeof
    to_tsvector to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery ts_rank ts_rank_cd ts_headline
    setweight similarity word_similarity strict_word_similarity levenshtein soundex metaphone
    cosine_distance l2_distance l1_distance inner_product vector_dims vector_norm l2_normalize
    """.split()
)

# What a plugin may name with `.op()`: nothing that binds as loosely as AND and OR.
_SYMBOLS = frozenset(
    "+ - * / % || && = != <> < <= > >= & | ^ # << >> ~ ~* !~ !~* ~~ ~~* -> ->> #> #>> #- @> <@ ? ?| ?& @? @@ -|- "
    "<-> <=> <#> <+> <% %>".split()
)
_WORDS = frozenset(
    (
        "IS",
        "IS NOT",
        "LIKE",
        "NOT LIKE",
        "ILIKE",
        "NOT ILIKE",
        "GLOB",
        "NOT GLOB",
        "REGEXP",
        "MATCH",
        "SIMILAR TO",
        "AT TIME ZONE",
        "IS DISTINCT FROM",
        "IS NOT DISTINCT FROM",
    )
)
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
_FIELD = re.compile(r"[a-z_]+", re.IGNORECASE)

_ELEMENTS = frozenset(
    """
    alias aggregate_order_by aggregateorderby array binary bindparam case cast clauselist collation column
    compound_select cte delete dmltargetcopy element_list expression_clauselist extract false frame_clause funcfilter
    function grouping insert join label label_reference lateral null on_conflict_do_nothing on_conflict_do_update
    order_by_list over postgresql_distinct_on scalar_function_column scalar_values select select_statement_grouping
    slice subquery table table_valued_alias table_valued_column textual_label_reference true tuple type_coerce
    typeclause unary update values withingroup
    """.split()
)
_ATOMS = frozenset({str, int, float, bool, bytes, operators.custom_op})
# Attributes through which SQL text, the ORM or code of a plugin's own gets into a statement.
_MUST_BE_EMPTY = {
    "_prefixes": "prefix_with()",
    "_suffixes": "suffix_with()",
    "_hints": "with_hint()",
    "_statement_hints": "with_statement_hint()",
    "_with_options": "options()",
    "_compile_state_funcs": "a compile-time callback",
    "_propagate_attrs": "an ORM entity",
}

_vetted: OrderedDict[Any, None] = OrderedDict()
_seen: weakref.WeakSet[Any] = weakref.WeakSet()


def refuse(what: str, remedy: str, table: object = "") -> NoReturn:
    """Raise CrossTenantStatement with a text of the one shape: rule, what, table, remedy."""
    name = getattr(table, "name", table)
    where = f" (table {name})" if name else ""
    raise CrossTenantStatement(f"tenant confinement: {what}{where} is refused; {remedy}")


def register(metadata: sa.MetaData) -> None:
    """Let plugins' statements use these tables; repeating it is harmless.

    Raises PluginError where a table can't be kept apart by tenant: it needs a NOT NULL column `tenant`, which is in
    every UNIQUE and foreign key, and in the primary key unless that is one number given by the database.
    """
    for table in metadata.tables.values():
        _check_table(table)
    metadata.info[_REGISTERED] = True


def _check_table(table: sa.Table) -> None:
    def wrong(why: str) -> NoReturn:
        raise PluginError(f"table {table.name}: tenants can't be kept apart in it: {why}")

    column = table.c.get(TENANT_COLUMN)
    if column is None or column.name != TENANT_COLUMN or not isinstance(column.type, sa.String):
        wrong(f"it has no text column {TENANT_COLUMN!r}")
    if column.nullable:
        wrong(f"column {TENANT_COLUMN!r} must be NOT NULL")
    if column.server_default is not None or column.default is not None or column.onupdate is not None:
        wrong(f"column {TENANT_COLUMN!r} is filled in by Hookline and may have no default")
    if table.schema is not None:
        wrong("tables live in the schema of the connection; leave `schema` out")
    if TENANT_COLUMN not in table.primary_key.columns and table.autoincrement_column is None:
        wrong(f"the primary key must include {TENANT_COLUMN!r}")
    uniques: list[Any] = [c for c in table.constraints if isinstance(c, sa.UniqueConstraint)]
    uniques += [index for index in table.indexes if index.unique]
    for unique in uniques:
        if TENANT_COLUMN not in unique.columns:
            wrong(f"UNIQUE ({', '.join(c.name for c in unique.columns)}) must include {TENANT_COLUMN!r}")
    for key in table.foreign_key_constraints:
        if TENANT_COLUMN not in key.column_keys:
            wrong(f"the foreign key on {', '.join(key.column_keys)} must include {TENANT_COLUMN!r}")
    for constraint in (*uniques, table.primary_key):
        if constraint.dialect_options["sqlite"].get("on_conflict"):
            wrong("sqlite_on_conflict would replace other tenants' rows")
    for each in table.columns:
        _vet_type(each.type, table.name)
        defaults: tuple[Any, ...] = (each.default, each.onupdate)
        for default in defaults:
            if isinstance(default, sa.Sequence):
                wrong(f"column {each.name!r}: use an autoincrement column in place of a sequence")
            if default is not None and default.is_clause_element:
                _walk(default.arg)


def access(table: sa.FromClause) -> str:
    """`"read"` for the core's tables, `"write"` for a plugin's; raises CrossTenantStatement for any other."""
    name = getattr(table, "name", type(table).__name__)
    if not isinstance(table, sa.Table):
        refuse("a table made with sa.table()", "use the plugin's declared Table or one of hookline.models", name)
    metadata = table.metadata
    if metadata is not models.metadata and not metadata.info.get(_REGISTERED):
        refuse("a table that is not registered", "declare it in the plugin's `metadata` (see Plugin)", name)
    if table.schema is not None or table.c.get(TENANT_COLUMN) is None:
        refuse(f"a table with a schema or without a column {TENANT_COLUMN!r}", "declare it like the others", name)
    return "read" if metadata is models.metadata else "write"


def names_tenant(key: Any) -> bool:
    """Whether a key of values() or params means the tenant column; databases ignore its case."""
    name = key if isinstance(key, str) else getattr(key, "name", None) or getattr(key, "key", "")
    return str(name).casefold() == TENANT_COLUMN


def check(statement: sa.Executable, params: Any = None) -> None:
    """Refuse a statement that tenant confinement can't confine, before it is compiled.

    The walk's good result is kept for the statement itself, which is what it was when it was made, and by its cache key
    for others of its shape.  Raises CrossTenantStatement.
    """
    if isinstance(statement, sa.TextClause | sa.TextualSelect):
        _refuse_text()
    if not isinstance(statement, sa.Select | sa.CompoundSelect | sa.Insert | sa.Update | sa.Delete):
        refuse(
            f"a statement of type {type(statement).__name__}",
            "plugins run select(), insert(), update() and delete() of SQLAlchemy Core",
        )
    if "schema_translate_map" in statement.get_execution_options():
        refuse("schema_translate_map", "leave it out: all tenants share one schema")
    for given in (params,) if isinstance(params, Mapping) else params or ():
        if TENANT_BIND in given:
            refuse(f"parameter {TENANT_BIND!r}", "Hookline fills it in; give the parameter another name")
    if statement in _seen:
        return
    key = statement._generate_cache_key()
    if key is None:
        vet(statement)
    elif key.key in _vetted:
        _seen.add(statement)
    else:
        vet(statement)
        _seen.add(statement)
        _vetted[key.key] = None
        while len(_vetted) > _KEPT:
            _vetted.popitem(last=False)


def vet(statement: Any) -> None:
    """The walk of `check`, always made; for any element.  Raises CrossTenantStatement."""
    if isinstance(statement, sa.Select | sa.CompoundSelect | sa.Insert | sa.Update | sa.Delete) and (
        getattr(statement, "_params", None) and TENANT_BIND in statement._params
    ):
        refuse(f"parameter {TENANT_BIND!r}", "Hookline fills it in; give the parameter another name")
    _walk(statement)


def _walk(root: Any) -> None:
    seen: set[int] = set()
    todo: list[Any] = [root]
    while todo:
        element = todo.pop()
        if id(element) in seen:
            continue
        seen.add(id(element))
        _vet_class(element)
        if isinstance(element, sa.sql.expression.TableClause):
            access(element._deannotate() if isinstance(element, sa.Table) else element)
            continue
        _vet_element(element)
        todo.extend(_parts(element))


@functools.cache
def _is_sqlalchemys(kind: type) -> bool:
    # all bases, because SQLAlchemy makes "annotated" subclasses of foreign classes in a module of its own
    return all(
        base.__module__.partition(".")[0] in ("sqlalchemy", "builtins", "typing", "abc") for base in kind.__mro__
    )


def _vet_class(element: Any) -> None:
    kind: Any = type(element)
    if not _is_sqlalchemys(kind) or getattr(kind, "_compiler_dispatcher", None) is not None:
        refuse(
            f"{kind.__name__}, an element that renders itself (a subclass or @compiles)",
            "build the statement of SQLAlchemy's own elements",
        )
    name = getattr(kind, "__visit_name__", "")
    if name in _ELEMENTS or isinstance(element, sa.sql.selectable.ForUpdateArg):
        return
    if name in ("textclause", "textual_select", "tstring", "tstring_text"):
        _refuse_text()
    refuse(f"{kind.__name__} ({name})", "use select, insert, update, delete and plain expressions")


def _refuse_text() -> NoReturn:
    refuse(
        "SQL as text (text(), tstring() or a string where an expression belongs)",
        "write it with SQLAlchemy Core on the plugin's tables",
    )


def _vet_element(element: Any) -> None:
    for attribute in _MUST_BE_EMPTY.keys() & vars(element).keys():
        if getattr(element, attribute):
            refuse(
                _MUST_BE_EMPTY[attribute],
                "leave it out: what it brings can't be confined",
                getattr(element, "table", ""),
            )
    kind = type(element).__visit_name__
    if kind == "bindparam" and element.key == TENANT_BIND:
        refuse(f"parameter {TENANT_BIND!r}", "Hookline fills it in; give the parameter another name")
    elif kind == "column":
        vet_literal(element)
    elif kind == "function":
        vet_function(element)
    elif kind == "extract":
        vet_field(element.field)
    elif kind in ("binary", "unary"):
        vet_operator(element.operator)
        if kind == "unary":
            vet_operator(element.modifier)
    elif kind == "cte" and str(element.name).casefold().startswith(OWN_PREFIX):
        refuse(f"a CTE named {element.name}", f"names beginning with {OWN_PREFIX} are Hookline's")
    _vet_type(vars(element).get("type"), "")


def _parts(element: Any) -> Iterator[Any]:
    """Everything that SQLAlchemy counts as part of the element: what is no part of it is no part of the SQL."""
    for attribute, _ in getattr(type(element), "_traverse_internals", ()):
        value = getattr(element, attribute)
        if value is not None and value.__class__ not in _ATOMS:
            yield from _elements_in(value)


def _elements_in(value: Any) -> Iterator[Any]:
    if isinstance(value, ClauseElement):
        yield value
    elif hasattr(value, "__clause_element__"):
        yield value.__clause_element__()
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _elements_in(key)
            yield from _elements_in(each)
    elif isinstance(value, Iterable) and not isinstance(value, str | bytes | TypeEngine):
        for each in value:
            yield from _elements_in(each)


def vet_literal(column: Any) -> None:
    """Refuse a literal_column() that is not a number, nor one that count(), exists() and contains() are made of."""
    if column.is_literal and column.name not in ("*", "'%'") and not _NUMBER.fullmatch(str(column.name)):
        refuse(f"literal_column({str(column.name)!r})", "use literal(), bindparam() or a column of the table")


def vet_function(function: Any) -> None:
    """Refuse a function that is not on the list of those that compute from their arguments alone."""
    name = ".".join((*getattr(function, "packagenames", ()), str(function.name)))
    if name.lower() not in FUNCTIONS:
        refuse(f"the SQL function {name}()", "use one on the list in hookline.vetting, or compute it in Python")


def vet_field(field: Any) -> None:
    """Refuse an EXTRACT field that is more than a word."""
    if not _FIELD.fullmatch(str(field)):
        refuse(f"extract({str(field)!r}, …)", "name one field, as 'year'")


def vet_operator(operator: Any) -> None:
    """Refuse an operator named with `.op()` that is not on the list."""
    if isinstance(operator, operators.custom_op):
        text = " ".join(operator.opstring.upper().split())
        if text not in _SYMBOLS and text not in _WORDS:
            refuse(
                f"the operator {operator.opstring!r}", "use one that SQLAlchemy has, or one on hookline.vetting's list"
            )


def _vet_type(kind: Any, table: str) -> None:
    if not isinstance(kind, TypeEngine):
        return
    for variant in kind._variant_mapping.values():
        _vet_type(variant, table)
    plain: type[Any] = TypeEngine
    if isinstance(kind, TypeDecorator):
        plain = TypeDecorator
        _vet_type(kind.impl_instance, table)
    elif type(kind).__module__.startswith("sqlalchemy."):
        return
    own = type(kind)
    if own.bind_expression is not plain.bind_expression or own.column_expression is not plain.column_expression:
        refuse(
            f"type {own.__name__}, which writes SQL of its own",
            "convert in Python: process_bind_param and process_result_value",
            table,
        )
