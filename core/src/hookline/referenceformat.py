"""How reference ids of one kind look, and when they begin again with 1: `[ids.<kind>]` of `tenant.toml`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Literal

import attrs

Period = Literal["day", "month", "year", "ever"]

KIND = re.compile(r"[a-z][a-z0-9_]*")
_NUMBER = re.compile(r"0?\d{0,2}")
_DIRECTIVE = re.compile(r"%(.?)")
_WIDTHS = {"Y": 4, "y": 2, "m": 2, "d": 2, "j": 3}
_NEEDED = {
    "day": ({"m", "d"}, {"j"}),
    "month": ({"m"}, {"j"}),
    "year": (set[str](),),
    "ever": (set[str](),),
}
_EXAMPLE = 'e.g. "CLAIM_{date:%Y%m%d}_{n:03}"'


@attrs.frozen
class IdFormat:
    """`format`: `{n}` is the number (`{n:03}`: at least three digits), `{date:%Y%m%d}` the day in the tenant's time
    zone ("": the kind in capitals, the date, the number); `per`: when numbers begin with 1 again."""

    format: str = ""
    per: Period = "day"

    def __attrs_post_init__(self) -> None:
        """Check the format; raises ValueError that says what is wrong with it and how to write it."""
        if self.format:
            _check(self.format, self.per)

    def series(self, kind: str, day: dt.date) -> str:
        """What is counted together: all ids that could ever be equal have one counter, whatever their kind."""
        begun = {"day": day.isoformat(), "month": f"{day:%Y-%m}", "year": f"{day:%Y}", "ever": ""}[self.per]
        return f"{begun}|{self.shape(kind)}"

    def shape(self, kind: str) -> str:
        """The format with nothing in it that may differ between ids of one series."""
        return "".join(
            text + ("" if field is None else f"{{{field}:{spec}}}" if field == "date" else "{n}")
            for text, field, spec in _parts(self._format(kind))
        )

    def render(self, kind: str, day: dt.date, n: int) -> str:
        """The id, e.g. "CLAIM_20261121_007"."""
        return self._format(kind).format(date=day, n=n)

    def _format(self, kind: str) -> str:
        if self.format:
            return self.format
        date = {"day": "{date:%Y%m%d}_", "month": "{date:%Y%m}_", "year": "{date:%Y}_", "ever": ""}[self.per]
        return f"{kind.upper()}_{date}{{n:03}}"


def _parts(written: str) -> Iterator[tuple[str, str | None, str]]:
    for text, field, spec, _conversion in Formatter().parse(written):
        yield text, field, spec or ""


def _check(written: str, per: Period) -> None:
    try:
        parts = list(Formatter().parse(written))
    except ValueError as error:
        raise ValueError(f"format: given {written!r}: {error}; {_EXAMPLE}") from None
    numbers, directives = 0, set[str]()
    for _text, field, spec, conversion in parts:
        if field is None:
            continue
        if field not in {"n", "date"} or conversion:
            shown = f"{{{field}{'!' + conversion if conversion else ''}}}"
            raise ValueError(f"format: given {written!r}: {shown} is unknown; allowed: {{n}} and {{date}}, {_EXAMPLE}")
        if field == "n":
            numbers += 1
            if not _NUMBER.fullmatch(spec or ""):
                raise ValueError(
                    f"format: given {written!r}: {{n:{spec}}}; allowed: {{n}}, or its digits as in {{n:03}}"
                )
        else:
            found = _DIRECTIVE.findall(spec or "")
            if not found or any(one not in _WIDTHS for one in found):
                raise ValueError(
                    f"format: given {written!r}: {{date:{spec}}}; "
                    f"allowed: {', '.join(f'%{one}' for one in _WIDTHS)}, {_EXAMPLE}"
                )
            directives.update(found)
    if numbers != 1:
        raise ValueError(f"format: given {written!r}: {{n}}, the number, has to stand in it once; {_EXAMPLE}")
    dated = directives & {"Y", "y"} and any(needed <= directives for needed in _NEEDED[per])
    if per != "ever" and not dated:
        raise ValueError(
            f"format: given {written!r}: numbers begin again each {per} (per), so ids would repeat; "
            f'put the {per} into it as {{date:…}}, or write per = "ever"'
        )


def clashes(formats: Mapping[str, IdFormat]) -> Iterator[tuple[str, str]]:
    """Kinds whose ids could be equal, as they look alike and are not counted together."""
    seen: dict[str, str] = {}
    for kind, ids in formats.items():
        first = seen.setdefault(ids.shape(kind), kind)
        if formats[first].per != ids.per:
            yield kind, first
