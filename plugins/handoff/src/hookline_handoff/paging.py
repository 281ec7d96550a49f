"""Pages of a list by where the last one ended, so that rows that come or go meanwhile skip and repeat nothing."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import attrs
import msgspec
import sqlalchemy as sa

from hookline.problems import Problem


@attrs.frozen(eq=False)
class Key:
    """What a list is sorted by: expressions, each rising or falling; the last must make rows different."""

    parts: Sequence[tuple[sa.ColumnElement[Any], bool]]

    def columns(self) -> list[sa.ColumnElement[Any]]:
        """The expressions, to be selected besides what is shown."""
        return [part.label(f"key_{n}") for n, (part, _) in enumerate(self.parts)]

    def order(self) -> list[sa.ColumnElement[Any]]:
        """The expressions for ORDER BY."""
        return [part.desc() if falling else part.asc() for part, falling in self.parts]

    def after(self, cursor: str) -> sa.ColumnElement[bool]:
        """The rows after that place; all of them for "".  Raises `Problem` 400."""
        if not cursor:
            return sa.true()
        values = _read(cursor, len(self.parts))
        ways = []
        for n, (part, falling) in enumerate(self.parts):
            same = [earlier == values[i] for i, (earlier, _) in enumerate(self.parts[:n])]
            ways.append(sa.and_(*same, part < values[n] if falling else part > values[n]))
        return sa.or_(*ways)

    def cursor(self, row: Any) -> str:
        """The place of a row that was selected with `columns`."""
        values = [getattr(row, f"key_{n}") for n in range(len(self.parts))]
        return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def _read(cursor: str, count: int) -> list[Any]:
    try:
        values = msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        values = None
    if (
        not isinstance(values, list)
        or len(values) != count
        or not all(isinstance(v, str | int | float) for v in values)
    ):
        raise Problem(400, "cursor: none of ours; leave it out to begin at the start", field="cursor")
    return values
