"""The figure `answer` from within: a tenant with documents that is asked questions, and the raw libraries beside it.

It is told lines of JSON ({"kind": "ours" or "limit", "seconds"}) and answers with the durations of all questions.
Each question is a new one, so that nothing is answered from memory.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from corpus import articles
from host import TENANT, hosting
from library import Library
from rawsearch import search
from serving import lines

import hookline_embeddings
import hookline_rag
from hookline.tenant import Tenant
from hookline_rag.service import Service


def questions(asked: list[str]) -> Iterator[str]:
    """Without end, and none twice."""
    for n in itertools.count():
        for question in asked:
            yield f"{question} (request {n})" if n else question


async def main(count: int, model: Path | None) -> None:
    known = list(articles(count))
    limit = search(model, count)
    async with hosting([hookline_embeddings.plugin, hookline_rag.plugin]) as runtime:
        with runtime.tenants.get(TENANT).acquire() as snapshot:
            core: Tenant = snapshot.core
            await Library(Service(snapshot.tenants["rag"])).fill([document for document, _ in known])
            asked = [question for _, question in known]
            random.Random(11).shuffle(asked)
            fresh = questions(asked)
            told = await lines()
            print(json.dumps("ready"), flush=True)
            while line := await told.readline():
                order = json.loads(line)
                seconds, answered = [], 0
                until = time.perf_counter() + order["seconds"]
                while (begun := time.perf_counter()) < until:
                    question = next(fresh)
                    if order["kind"] == "ours":
                        turn = await core.ask(question)
                        answered += bool(turn.reply and turn.reply.citations)
                    else:
                        limit(question)
                    seconds.append(time.perf_counter() - begun)
                print(json.dumps({"seconds": seconds, "answered": answered}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2] else None))
