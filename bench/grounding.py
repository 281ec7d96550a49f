"""How well the check of generated answers tells what passages hold from what they don't.

    python bench/grounding.py DIR... [--half dev|test|all] [--json] [--show N]

Each DIR holds `docs.jsonl` ({"id", "text", "title"?, "language"?}) and `queries.jsonl` ({"id", "text", "relevant":
[ids], "answer"?}), as for `retrieval.py`.  Every sentence of a document is true; `planted.py` writes it in other true
forms and makes false sentences of it.  Each goes through the plugin's own check, with the document and two others as
the passages.  Prints the share of false sentences that were stopped and of true ones that were removed, by method.

"asked" figures are of statements made of people's own questions with the right answer, or with another answer from
the same passage; they are counted apart, for people ask in words that the passage does not have.
"""

from __future__ import annotations

import argparse
import json
import random
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import planted

from hookline.message import Passage
from hookline_llm.grounding import Dropped, Grounding
from hookline_llm.sources import choose

SAMPLE = Path(__file__).parent / "data" / "support"
CHARS = 6000


def load(folder: Path) -> list[planted.Text]:
    """The documents of a set in the languages that falsehoods are made in."""
    asked = defaultdict(list)
    for line in (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines():
        query = json.loads(line)
        for document in query["relevant"] if query.get("answer") else ():
            asked[document].append((query["text"], query["answer"]))
    found = []
    for line in (folder / "docs.jsonl").read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        language = one.get("language", "en")
        sentences = planted.cut(one["text"])
        if language in planted.MONTHS and sentences:
            title = one.get("title", "")
            found.append(planted.Text(one["id"], language, one["text"], title, sentences, asked[one["id"]]))
    return found


def half(text: planted.Text) -> str:
    """Which half of the set a document belongs to; the check's thresholds were set on "dev" alone."""
    return "dev" if zlib.crc32((text.title or text.id).encode()) % 2 else "test"


def statements(text: planted.Text, pool: planted.Pool, rng: random.Random) -> Iterator[tuple[str, str, str, str]]:
    """(group, method, sentence, question) of everything made of the document."""
    for sentence in text.sentences:
        for name, method in planted.TRUE.items():
            for made in method(sentence, text, pool, rng):
                yield "true", name, made, ""
        for group, methods in planted.FALSE.items():
            for name, method in methods.items():
                for made in method(sentence, text, pool, rng):
                    if made != sentence and made not in text.text:
                        yield group, name, made, ""
        for question, made in planted.answered(sentence, text):
            yield "asked", "asked_right", made, question
        for question, made in planted.answered_wrongly(sentence, text, rng):
            yield "asked", "asked_wrong", made, question


def measure(texts: list[planted.Text], wanted: str, most: int, show: int) -> dict[str, Any]:
    """Run everything through the check."""
    counts: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    shown: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    seconds = 0.0
    checked = 0
    for language in sorted({text.language for text in texts}):
        own = [text for text in texts if text.language == language]
        pool = planted.Pool(own)
        chosen = [text for text in own if wanted in ("all", half(text))]
        random.Random(7).shuffle(chosen)
        for text in chosen[:most]:
            rng = random.Random(zlib.crc32(text.id.encode()))
            others = [one for one in rng.sample(own, min(len(own), 6)) if one.title != text.title][:2]
            passages = [
                Passage(one.id, 1, 0, len(one.text), one.text, title=one.title, confidence=0.9)
                for one in (text, *others)
            ]
            sources = choose(passages, CHARS)
            unasked = Grounding("", sources, language)
            for group, name, made, question in statements(text, pool, rng):
                if name == "made_up" and any(made in one.text for one in (text, *others)):
                    continue
                grounding = Grounding(question, sources, language) if question else unasked
                begun = time.process_time()
                verdict = grounding.judge(made)
                seconds += time.process_time() - begun
                checked += 1
                stopped = isinstance(verdict, Dropped)
                counts[group, name, language]["stopped" if stopped else "passed"] += 1
                right = name in planted.TRUE or name == "asked_right"
                if stopped == right:
                    if isinstance(verdict, Dropped):
                        reasons[verdict.reason] += 1
                    if shown[name] < show:
                        shown[name] += 1
                        print(
                            f"{name} {language}: {verdict.reason if isinstance(verdict, Dropped) else 'passed'}\n   {made}\n"
                        )
    return report(counts) | {
        "wrongly_removed_because": dict(reasons.most_common()),
        "ms_each": round(1000 * seconds / max(checked, 1), 3),
    }


def written(folder: Path) -> dict[str, Any]:
    """The statements that people wrote about the set's documents (`statements.jsonl`: {"document", "language", "true",
    "text"}), true ones in words of their own and false ones near the truth; also in another language than the document's."""
    path = folder / "statements.jsonl"
    if not path.exists():
        return {}
    documents = {
        one["id"]: one for line in (folder / "docs.jsonl").read_text("utf-8").splitlines() if (one := json.loads(line))
    }
    counts: dict[bool, Counter[bool]] = {True: Counter(), False: Counter()}
    for line in path.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        document = documents[one["document"]]
        others = [o for o in documents.values() if o.get("domain") == document.get("domain") and o is not document][:2]
        passages = [
            Passage(o["id"], 1, 0, len(o["text"]), o["text"], title=o.get("title", "")) for o in (document, *others)
        ]
        verdict = Grounding("", choose(passages, CHARS), one["language"]).judge(one["text"])
        counts[one["true"]][isinstance(verdict, Dropped)] += 1
    return {
        "stopped": {"share": round(counts[False][True] / counts[False].total(), 4), "of": counts[False].total()},
        "removed": {"share": round(counts[True][True] / counts[True].total(), 4), "of": counts[True].total()},
    }


def report(counts: dict[tuple[str, str, str], Counter[str]]) -> dict[str, Any]:
    """The shares, in all, by group, by language and by method."""

    def share(picked: Iterator[Counter[str]]) -> dict[str, float]:
        total: Counter[str] = Counter()
        for one in picked:
            total += one
        every = total.total()
        return {"share": round(total["stopped"] / every, 4), "of": every} if every else {"share": 0.0, "of": 0}

    languages = sorted({language for _, _, language in counts})
    methods: dict[str, Any] = {}
    for group, name, _ in sorted(counts):
        row = {
            lang: share(c for (g, n, at), c in counts.items() if (g, n, at) == (group, name, lang))
            for lang in languages
        }
        methods[f"{group}/{name}"] = row
    planted_groups = list(planted.FALSE)
    return {
        "stopped": share(c for (g, _, _), c in counts.items() if g in planted_groups),
        "removed": share(c for (g, _, _), c in counts.items() if g == "true"),
        "numbers_names_dates": share(c for (g, _, _), c in counts.items() if g in ("number", "date", "name")),
        "by_group": {g: share(c for (at, _, _), c in counts.items() if at == g) for g in (*planted_groups, "true")},
        "by_language": {lang: {"stopped": share(c for (g, _, at), c in counts.items() if at == lang and g in planted_groups),
                               "removed": share(c for (g, _, at), c in counts.items() if at == lang and g == "true")}
                        for lang in languages},
        "by_method": methods,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, metavar="DIR")
    parser.add_argument("--half", choices=("dev", "test", "all"), default="test")
    parser.add_argument("--most", type=int, default=150, help="documents a language")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--show", type=int, default=0, help="print so many mistakes of each method")
    given = parser.parse_args()
    texts = [text for folder in given.folders or [SAMPLE] for text in load(folder)]
    found = measure(texts, given.half, given.most, given.show)
    for folder in given.folders or [SAMPLE]:
        if people := written(folder):
            found["written_by_people"] = people
    if given.json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for name in ("stopped", "numbers_names_dates", "removed"):
        print(f"{name:24} {found[name]['share']:7.1%} of {found[name]['of']}")
    if people := found.get("written_by_people"):
        print(f"written by people: stopped {people['stopped']['share']:.1%}, removed {people['removed']['share']:.1%}")
    for name, row in found["by_group"].items():
        print(f"  {name:22} {row['share']:7.1%} of {row['of']}")
    for lang, row in found["by_language"].items():
        print(f"  {lang}: stopped {row['stopped']['share']:.1%}, removed {row['removed']['share']:.1%}")
    for name, row in found["by_method"].items():
        print(
            f"  {name:30} " + "  ".join(f"{lang} {cell['share']:6.1%} of {cell['of']:<5}" for lang, cell in row.items())
        )
    print(f"  wrongly removed because: {found['wrongly_removed_because']}; {found['ms_each']} ms of CPU each")


if __name__ == "__main__":
    main()
