"""How honest and how right the extractive answers are, on a set of documents and questions.

    python bench/answers.py DIR [--json] [--split held] [--questions held] [--seed 7] [--embedder NAME]

DIR holds `docs.jsonl` ({"id", "text", "title"?}) and `queries.jsonl` ({"id", "text", "relevant": [ids], "answer"?};
an empty `relevant` is a question without an answer).  With a field "domain" in both, each domain is a tenant of its
own, asked also the questions of the other domains ("outside"), which it must decline.

Questions of four kinds: answerable; inside (without an answer in the set); missing (an answerable one while the
documents that answer it are out of reach, so that only others of the same domain are left); outside.

Documents may be files: {"id", "file", "domain"?, "language"?}, the path from the repository's root.  `bench/data/near` is such
a set: questions about the sample tenants' knowledge, half of which it does not answer though they are about the same
things; those of the split "fit" were used to fit the confidence, so its figures are to be read with `--questions held`.

The last lines say what a customer gets with the settings as they are shipped: right, cited wrongly, declined though the
answer is there, answered though it is not, by language.

The threshold is chosen on one half of the questions, by a coin that the question's id decides, so that at least four
fifths of the unanswerable ones are declined (inside and outside where there are any, else missing) and as few
answerable ones as possible; all figures are of the other half.  The figures at the plugin's own threshold (0.5, what
a tenant has that sets none) are beside it, and the whole curve.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import statistics
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
from figures import auroc, percent
from library import Library, dataset, library

from hookline_rag.extractive import answer
from hookline_rag.finder import Finder, passage
from hookline_rag.index import Ref
from hookline_rag.store import Store

STEPS = [at / 20 for at in range(1, 20)]
SHIPPED = 0.5
OUTCOMES = ("right", "cited_wrongly", "declined_though_there", "declined_rightly", "answered_though_absent")
DECLINED = 0.8  # the share of unanswerable questions that are to be declined


@attrs.frozen
class Asked:
    """One question: its kind, how sure the bot was, whether it cited rightly; `held`: not of the half to choose by.

    `given` is what the customer got with the settings as they are: "right", "wrong" or "declined" ("": not asked).
    """

    kind: str
    confidence: float
    right: bool
    ms: float
    held: bool
    language: str = ""
    given: str = ""


class Without:
    """The store while some documents are out of reach: their chunks are gone, as after a deletion."""

    def __init__(self, store: Store, hidden: Iterable[str]) -> None:
        self._store = store
        self._hidden = frozenset(hidden)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def chunks(self, refs: Sequence[Ref]) -> Mapping[Ref, Any]:
        """The chunks that are left."""
        found = await self._store.chunks(refs)
        return {ref: row for ref, row in found.items() if row.document not in self._hidden}


async def ask(one: Library, query: dict[str, Any], kind: str, seed: str) -> Asked:
    """Ask a question through the plugin's own path, as a turn does."""
    relevant = set(query["relevant"])
    begun = time.perf_counter()
    if kind == "missing":
        hidden = [ident for ident, name in one.names.items() if name in relevant]
        found = await without(one, hidden).find(query["text"])
        relevant = set()
    else:
        found = await one.find(query["text"])
    passages = [passage(candidate, "") for candidate in found.candidates]
    reply = await answer(passages, one.service.store.span, least=0.0)
    ms = (time.perf_counter() - begun) * 1000
    given = await customer(one, query) if kind in {"answerable", "inside"} else ""
    language = query.get("language", "")
    held = hashlib.sha256(f"{seed}:{query['id']}".encode()).digest()[0] % 2 == 1
    if reply is None:
        return Asked(kind, 0.0, right=False, ms=ms, held=held, language=language, given=given)
    cited = reply.citations[0]
    right = one.names[cited.document] in relevant and plain(query.get("answer", "")) in plain(cited.text)
    return Asked(kind, reply.confidence or 0.0, right=right, ms=ms, held=held, language=language, given=given)


async def customer(one: Library, query: dict[str, Any]) -> str:
    """What the customer gets: whether the answer cites what answers, or none is given."""
    language = query.get("language", "en")
    passages = await one.service.answers.retrieve(query["text"], language)
    reply = await one.service.answers.respond(query["text"], language, passages)
    if reply is None or not reply.citations:
        return "declined"
    told = plain(query.get("answer", ""))
    return (
        "right"
        if any(one.names[c.document] in query["relevant"] and told in plain(c.text) for c in reply.citations)
        else "wrong"
    )


def without(one: Library, hidden: Iterable[str]) -> Finder:
    """The plugin's finder while documents are out of reach."""
    service = one.service
    shelves = one.shelves
    return Finder(
        service.config,
        Without(service.store, hidden),  # type: ignore[arg-type]  # it is a store in all but its class
        shelves,
        service.embedder,
        service.tenant.compute,
    )


def plain(text: str) -> str:
    """A text without what line ends and capitals change."""
    return " ".join(text.split()).casefold()


async def measure(folder: Path, split: str, seed: str, embedder: str, part: str = "") -> list[Asked]:
    """Ask all questions of the set, or those of one split."""
    documents, queries = dataset(folder)
    queries = [query for query in queries if not part or query.get("split") == part]
    domains = defaultdict(list)
    for document in documents:
        domains[document.get("domain", "")].append(document)
    asked = []
    for domain, own in domains.items():
        if split and own[0].get("split") != split:
            continue
        async with library(own, f"embedder = {json.dumps(embedder)}\n") as one:
            one.shelves = await one.service.shelves()
            for query in queries:
                if query.get("domain", "") == domain:
                    asked.append(await ask(one, query, "answerable" if query["relevant"] else "inside", seed))
                    if query["relevant"]:
                        asked.append(await ask(one, query, "missing", seed))
                elif query.get("language") == own[0].get("language") and query["relevant"]:
                    asked.append(await ask(one, {**query, "relevant": []}, "outside", seed))
    return asked


def chosen(asked: Sequence[Asked]) -> float:
    """The lowest threshold at which enough of what has no answer is declined."""
    none = [one.confidence for one in asked if one.kind in {"inside", "outside"}]
    none = sorted(none or [one.confidence for one in asked if one.kind == "missing"])
    if not none:
        return SHIPPED
    last = none[min(len(none) - 1, max(0, int(DECLINED * len(none) + 0.999999) - 1))]
    above = [one.confidence for one in asked if one.confidence > last]
    return round((last + min(above, default=1.0)) / 2, 6)


def report(asked: Sequence[Asked], threshold: float) -> dict[str, Any]:
    """The figures at a threshold."""
    by = defaultdict(list)
    for one in asked:
        by[one.kind].append(one)
    answered = [one for one in by["answerable"] if one.confidence >= threshold]

    def declined(*kinds: str) -> float | None:
        rows = [one for kind in kinds for one in by[kind]]
        return sum(one.confidence < threshold for one in rows) / len(rows) if rows else None

    return {
        "threshold": threshold,
        "cited_right": sum(one.right for one in answered) / len(answered) if answered else None,
        "answerable_declined": declined("answerable"),
        "unanswerable_declined": declined("inside", "outside"),
        "inside_declined": declined("inside"),
        "outside_declined": declined("outside"),
        "missing_declined": declined("missing"),
    }


def apart(asked: Sequence[Asked]) -> dict[str, float | None]:
    """The AUROC of telling answerable questions from each other kind; `missing` is honesty inside the domain."""
    sure = [one.confidence for one in asked if one.kind == "answerable"]

    def against(*kinds: str) -> float | None:
        return auroc(sure, [one.confidence for one in asked if one.kind in kinds])

    return {
        "unanswerable": against("inside", "outside"),
        "inside": against("inside"),
        "outside": against("outside"),
        "missing": against("missing"),
    }


def figures(asked: Sequence[Asked]) -> dict[str, Any]:
    """Everything that is printed."""
    held = [one for one in asked if one.held] or list(asked)
    threshold = chosen([one for one in asked if not one.held])
    counts: dict[str, int] = defaultdict(int)
    for one in held:
        counts[one.kind] += 1
    return {
        **report(held, threshold),
        "questions": dict(counts),
        "shipped": report(held, SHIPPED),
        "auroc": apart(held),
        "ms_p50": statistics.median(one.ms for one in asked) if asked else None,
        "curve": [report(held, step) for step in STEPS],
        "customer": customers(asked),
    }


def customers(asked: Sequence[Asked]) -> dict[str, dict[str, int]]:
    """What customers got with the settings as they are, by language and in all."""
    told: dict[str, dict[str, int]] = {}
    for one in asked:
        if one.given:
            there = one.kind == "answerable"
            what = {"right": "right", "wrong": "cited_wrongly" if there else "answered_though_absent",
                    "declined": "declined_though_there" if there else "declined_rightly"}[one.given]  # fmt: skip
            for name in (one.language or "?", "all"):
                row = told.setdefault(name, dict.fromkeys(OUTCOMES, 0))
                row[what] += 1
    return told


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--split", default="", help="only the domains of this split (fit or held)")
    parser.add_argument("--questions", default="", help="only the questions of this split")
    parser.add_argument("--seed", default="7", help="which half of the questions the threshold is chosen by")
    parser.add_argument("--embedder", default="default", help='the embedder; "" for none')
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    told = figures(asyncio.run(measure(given.folder, given.split, given.seed, given.embedder, given.questions)))
    if given.json:
        print(json.dumps(told))
        return
    curve, shipped, areas = told.pop("curve"), told.pop("shipped"), told.pop("auroc")
    got = told.pop("customer")
    print("questions of the held-out half:", told.pop("questions"), f"  ms p50 {told.pop('ms_p50'):.1f}")
    print("AUROC:", "  ".join(f"{kind} {'–' if area is None else f'{area:.3f}'}" for kind, area in areas.items()))
    keys = [key for key in told if key != "threshold"]
    print("\nthreshold    " + "  ".join(f"{key.replace('_', ' '):>21}" for key in keys))
    for name, row in [("chosen", told), ("shipped", shipped), *(("", step) for step in curve)]:
        print(f"{row['threshold']:5.3f} {name:7}" + "  ".join(f"{percent(row[key]):>21}" for key in keys))
    print("\nwhat customers get")
    for name, row in sorted(got.items()):
        print(f"{name:4} " + "  ".join(f"{key.replace('_', ' ')} {count}" for key, count in row.items()))


if __name__ == "__main__":
    main()
