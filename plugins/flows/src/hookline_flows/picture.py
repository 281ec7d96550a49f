"""A flow as a picture: its steps from top to bottom as the file has them, other ways beside them; an SVG that needs nothing.

Ways ahead run on the right, ways back on the left, each on a track of its own; the same flow always gives the same picture.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from xml.sax.saxutils import escape, quoteattr

import attrs

from .graph import Edge, edges
from .model import END, Flow
from .picturewords import Told

_WIDTH, _ROW, _GAP = 296, 46, 30
_LABELS, _TRACK, _LINE = 176, 14, 16
_TOP, _EDGE = 56, 16
_LETTER, _SMALL = 6.9, 6.2  # the width of a letter, about
_QUIET = frozenset({"next", "answer", "known", "begin"})
_ANY = "*"

_STYLE = """
svg{--bg:#fff;--box:#f4f5f7;--line:#59616d;--text:#1b1e23;--soft:#59616d;--live:#1f5fd0;--walked:#156a35;--wait:#fff;
font:13px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Noto Sans Devanagari","Noto Sans Tamil",sans-serif}
@media (prefers-color-scheme:dark){svg{--bg:#16181c;--box:#1e2126;--line:#a6aeba;--text:#eceef1;--soft:#a6aeba;
--live:#8cb4ff;--walked:#6fd493;--wait:#2b2f36}}
.bg{fill:var(--bg)}.box{fill:var(--box);stroke:var(--line)}.waits .box{fill:var(--wait);stroke-width:2}
.name{fill:var(--text);font-weight:600}.what,.label{fill:var(--soft);font-size:11.5px}.title{fill:var(--text);font-size:16px;
font-weight:650}.way{fill:none;stroke:var(--line)}.late{stroke-dasharray:4 3}.tip{fill:var(--line)}
.walked .box,.way.walked{stroke:var(--walked);stroke-width:2}.live .box{stroke:var(--live);stroke-width:4}
.live .name{fill:var(--live)}
"""


@attrs.frozen
class _Way:
    source: int
    target: int
    label: str
    late: bool = False
    walked: bool = False

    @property
    def plain(self) -> bool:
        """Straight to the step below."""
        return self.target == self.source + 1


def draw(
    name: str, flow: Flow, *, live: str = "", walked: Collection[tuple[str, str]] = (), told: Told | None = None
) -> str:
    """The picture; `live` is the step where a conversation is, `walked` the (step, edge) pairs that it went, `told` how it speaks."""
    told = told or Told()
    any_time = [way for way in flow.on if way.go or way.then == "end"]
    rows: list[str] = [*([_ANY] if any_time else []), *(step.id for step in flow.steps), END]
    found = _ways(flow, rows, walked, told)
    return _Picture(name, flow, rows, found, live, {step for step, _ in walked}, told).svg()


def _ways(flow: Flow, rows: Sequence[str], walked: Collection[tuple[str, str]], told: Told) -> list[_Way]:
    at = {ident: n for n, ident in enumerate(rows)}
    merged: dict[tuple[int, int, bool], list[tuple[str, bool]]] = {}

    def add(source: str, target: str, label: str, *, late: bool = False, gone: bool = False) -> None:
        if source in at and target in at:
            labels = merged.setdefault((at[source], at[target], late), [])
            if all(known != label for known, _ in labels):
                labels.append((label, gone))
            elif gone:
                labels[:] = [(known, was or known == label) for known, was in labels]

    everywhere = {f"on:{n}" for n in range(len(flow.on))}
    for edge in edges(flow):
        if edge.name not in everywhere:
            add(edge.source, edge.target, told.label(_label(edge)), gone=(edge.source, edge.name) in walked)
    for way in flow.on:
        target = way.go or (END if way.then == "end" else "")
        intents = (way.intent,) if isinstance(way.intent, str) else way.intent
        add(_ANY, target, way.when or ", ".join(one for one in (*intents, *way.words) if one))
    for step in flow.steps:
        if step.timer is not None and step.timer.go:
            add(step.id, step.timer.go, told.word("after", step.timer.after or step.timer.at), late=True)
    if flow.timeout is not None and flow.timeout.go:
        start = _ANY if _ANY in at else flow.steps[0].id
        add(start, flow.timeout.go, told.word("silence", flow.timeout.after), late=True)
    return [
        _Way(source, target, " · ".join(text for text, _ in labels if text), late, any(gone for _, gone in labels))
        for (source, target, late), labels in merged.items()
    ]


def _label(edge: Edge) -> str:
    return "" if edge.name in _QUIET else edge.label or edge.name


class _Picture:
    def __init__(
        self,
        name: str,
        flow: Flow,
        rows: Sequence[str],
        found: Sequence[_Way],
        live: str,
        seen: Collection[str],
        told: Told,
    ) -> None:
        self.told = told
        self.name = told.title or name
        self.flow = flow
        self.rows = rows
        self.live = live
        self.seen = seen
        self.straight = [way for way in found if way.plain]
        self.right = [way for way in found if not way.plain and way.target > way.source]
        self.left = [way for way in found if not way.plain and way.target <= way.source]
        self.tracks = {**_tracks(self.right), **_tracks(self.left)}
        count = {id(side): max((self.tracks[way] for way in side), default=-1) + 1 for side in (self.right, self.left)}
        margin = {id(side): _LABELS + _TRACK * count[id(side)] if side else 0 for side in (self.right, self.left)}
        self.x = _EDGE + margin[id(self.left)]
        self.wide = self.x + _WIDTH + margin[id(self.right)] + _EDGE
        self.tops: list[int] = []
        self.heights: list[int] = []
        y = _TOP
        for n in range(len(rows)):
            out = max(sum(way.source == n for way in side) for side in (self.right, self.left))
            self.tops.append(y)
            self.heights.append(max(_ROW, _LINE * (out + 1) + 6))
            y += self.heights[-1] + _GAP
        self.high = y - _GAP + _EDGE

    def svg(self) -> str:
        """The whole of it."""
        title = f"{self.name} ({self.told.word('version', self.flow.version)})"
        parts = [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.wide} {self.high}" width="{self.wide}" '
                f'height="{self.high}" role="img" aria-label={quoteattr(title)}>'
            ),
            f"<style>{_STYLE}</style>",
            (
                '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerUnits="userSpaceOnUse" markerWidth="9" markerHeight="9" '
                'orient="auto-start-reverse"><path class="tip" d="M0 0L8 4L0 8z"/></marker></defs>'
            ),
            f'<rect class="bg" width="{self.wide}" height="{self.high}"/>',
            f'<text class="title" x="{self.x}" y="32">{escape(title)}</text>',
        ]
        parts += [self._down(way) for way in self.straight]
        parts += [self._beside(way, 1) for way in self.right]
        parts += [self._beside(way, -1) for way in self.left]
        parts += [self._row(n, ident) for n, ident in enumerate(self.rows)]
        return "\n".join([*parts, "</svg>"]) + "\n"

    def _row(self, n: int, ident: str) -> str:
        y, high = self.tops[n], self.heights[n]
        step = self.flow.step(ident)
        waits = step is not None and step.kind in ("ask", "confirm")
        classes = " ".join(
            word for word, on in (("waits", waits), ("live", ident == self.live), ("walked", ident in self.seen)) if on
        )
        round_ = high / 2 if step is None else 8
        head = {END: self.told.word("end"), _ANY: self.told.word("any")}.get(ident, ident)
        what = self.told.step(self.flow, step) if step is not None else ""
        name_y = y + (19 if what else high / 2 + 4)
        lines_ = [
            f'<g class="step {classes}" data-step={quoteattr(ident)}><title>{escape(f"{head}: {what}" if what else head)}</title>',
            f'<rect class="box" x="{self.x}" y="{y}" width="{_WIDTH}" height="{high}" rx="{round_:g}"/>',
            f'<text class="name" x="{self.x + 12}" y="{name_y:g}">{escape(_short(head, 34, _LETTER))}</text>',
        ]
        if step is not None and step.state:
            lines_.append(
                f'<text class="label" x="{self.x + _WIDTH - 10}" y="{y + 19}" text-anchor="end">'
                f"{escape(_short(step.state, 12, _SMALL))}</text>"
            )
        if what:
            lines_.append(
                f'<text class="what" x="{self.x + 12}" y="{y + 36}">{escape(_short(what, 44, _SMALL))}</text>'
            )
        return "".join([*lines_, "</g>"])

    def _down(self, way: _Way) -> str:
        x, y = self.x + _WIDTH // 2, self.tops[way.source] + self.heights[way.source]
        label = f'<text class="label" x="{x + 8}" y="{y + 19}">{escape(_short(way.label, 22, _SMALL))}</text>'
        return f'<path class="{_classes(way)}" d="M{x} {y}V{self.tops[way.target]}" marker-end="url(#tip)"/>' + (
            label if way.label else ""
        )

    def _beside(self, way: _Way, side: int) -> str:
        """Out of the box, along the label, on its track to the target's row, and in again."""
        mine = self.right if side > 0 else self.left
        out = [other for other in mine if other.source == way.source].index(way)
        into = [other for other in mine if other.target == way.target].index(way)
        edge = self.x + _WIDTH if side > 0 else self.x
        y = self.tops[way.source] + 18 + _LINE * out
        high = self.heights[way.target]
        y_in = self.tops[way.target] + 6 + min(into * 5, high - 12)
        track = edge + side * (_LABELS + _TRACK * self.tracks[way] + 6)
        text = ""
        if way.label:
            anchor = "start" if side > 0 else "end"
            short = _short(way.label, 26, _SMALL)
            text = (
                f'<text class="label" x="{edge + side * 8}" y="{y - 4}" text-anchor="{anchor}">'
                f"<title>{escape(way.label)}</title>{escape(short)}</text>"
            )
        return f'<path class="{_classes(way)}" d="M{edge} {y}H{track}V{y_in}H{edge}" marker-end="url(#tip)"/>{text}'


def _classes(way: _Way) -> str:
    return " ".join(word for word, on in (("way", True), ("late", way.late), ("walked", way.walked)) if on)


def _tracks(found: Sequence[_Way]) -> dict[_Way, int]:
    """A track for each way, the lowest that is free over its whole length; short ones are nearest."""
    taken: list[list[tuple[int, int]]] = []
    result: dict[_Way, int] = {}
    for way in sorted(found, key=lambda one: (abs(one.target - one.source), one.source, one.target, one.late)):
        low, high = sorted((way.source, way.target))
        track = next((n for n, spans in enumerate(taken) if all(high < a or b < low for a, b in spans)), len(taken))
        if track == len(taken):
            taken.append([])
        taken[track].append((low, high))
        result[way] = track
    return result


def _short(text: str, most: int, letter: float) -> str:
    """The text in so many letters of that width; Indian letters and their marks are wider."""
    flat = " ".join(text.split())
    room, width = most * letter, 0.0
    for n, sign in enumerate(flat):
        width += letter if sign < "\u0900" else letter * 1.2
        if width > room:
            return flat[: max(1, n - 1)].rstrip() + "…"
    return flat
