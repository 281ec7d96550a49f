"""Records to begin with as JSON: a list of `{"model": "customer", "pk": "C-1", "fields": {…}}`, as Django's `dumpdata` writes
it, for all types of a tenant in one file.

The records of a type are made lines of CSV, so that they are checked and stored as those of an import are.
"""

from __future__ import annotations

import codecs
import csv
import io
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from . import spreadsheet
from .errors import BadRequest

if TYPE_CHECKING:
    from .records import RecordType


class Fixture(msgspec.Struct, frozen=True):
    """One record: the `model` is the type's name, with or without what it belongs to ("lap.customer"); `pk` its key."""

    model: str
    fields: dict[str, str | int | float | bool | None]
    pk: str | int | None = None


def as_csv(file: Path, kind: RecordType) -> str:
    """The file's records of the type, as CSV; raises BadRequest that says what is wrong with the file, and where."""
    try:
        given = msgspec.json.decode(file.read_bytes().removeprefix(codecs.BOM_UTF8), type=list[Fixture])
    except OSError as error:
        raise BadRequest(f"{file} is no file that can be read: {error.strerror}") from None
    except msgspec.DecodeError as error:
        raise BadRequest(
            f'{file}: {error}; allowed: a list of {{"model": "{kind.name}", "pk": …, "fields": {{…}}}}'
        ) from None
    mine = [one for one in given if one.model.rpartition(".")[2].casefold() == kind.name.casefold()]
    names = list(dict.fromkeys([kind.key, *(name for one in mine for name in one.fields)]))
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(names)
    for one in mine:
        values = {kind.key: one.pk, **one.fields}
        lines.writerow([_written(values.get(name)) for name in names])
    return text.getvalue()


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return spreadsheet.cell(value)  # an import takes off again what it puts there
    if isinstance(value, float):
        return f"{Decimal(str(value)):f}"  # 0.00001, and not 1e-05
    return "" if value is None else str(value)
