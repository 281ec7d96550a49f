"""The figure `ingest` from within: a tenant that takes documents in, and its embedder alone with the same texts.

It is told lines of JSON ({"kind": "ours" or "limit", "documents"}) and answers with chunks, seconds and CPU seconds.
Each document is a new one, of about four chunks.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import time
from collections.abc import Iterator

from corpus import FILLER, KINDS, PLACES, THINGS
from host import TENANT, hosting
from serving import lines

import hookline_embeddings
import hookline_rag
from hookline_rag.ingestion import embedded_texts
from hookline_rag.service import Service

SECTIONS = 4


def documents() -> Iterator[tuple[str, str]]:
    """Titles and texts, without end and none twice; sections of 60 to 140 words under headings."""
    rng = random.Random(5)
    for n in itertools.count():
        thing, place = rng.choice(THINGS), rng.choice(PLACES)
        parts = [f"# {thing} in {place}, tariff {n}\n"]
        for part in range(SECTIONS):
            kind = rng.choice(KINDS)
            facts = [f"The {kind} of part {part} under tariff {n} is {rng.randint(2, 9000)} rupees."]
            facts += [f"{line}." for line in rng.sample(FILLER, rng.randint(4, len(FILLER)))]
            parts.append(f"## {kind} {part}\n\n{' '.join(facts)}\n")
        yield f"{thing} {place} {n}", "\n".join(parts)


def spent() -> float:
    """The CPU seconds of this process and its children that ended."""
    return time.process_time()


async def main() -> None:
    fresh = documents()
    async with hosting([hookline_embeddings.plugin, hookline_rag.plugin]) as runtime:
        with runtime.tenants.get(TENANT).acquire() as snapshot:
            service = Service(snapshot.tenants["rag"])
            last: list[str] = []
            told = await lines()
            print(json.dumps("ready"), flush=True)
            while line := await told.readline():
                order = json.loads(line)
                if order["kind"] == "ours":
                    texts = list(itertools.islice(fresh, order["documents"]))
                    before = {one.hash for one in await chunks(service)}
                    begun, used = time.perf_counter(), spent()
                    given = [await service.text(text, title=title, meta={}) for title, text in texts]
                    done = await service.ingest(given, wait=3600.0)
                    seconds, cpu = time.perf_counter() - begun, spent() - used
                    if len(done.live) < len(texts):
                        raise RuntimeError(f"{len(texts) - len(done.live)} documents did not go live: {done.errors}")
                    rows = [row for row in await chunks(service) if row.hash not in before]
                    wanted = [
                        {name: getattr(row, name) for name in ("text", "start", "answer", "head", "hash")}
                        for row in rows
                    ]
                    last = list(embedded_texts(wanted).values())
                else:
                    begun, used = time.perf_counter(), spent()
                    await snapshot.hooks.embed("default", last)
                    seconds, cpu = time.perf_counter() - begun, spent() - used
                print(json.dumps({"chunks": len(last), "seconds": seconds, "cpu": cpu}), flush=True)


async def chunks(service: Service):
    *_, live = await service.store.live(service.config.namespace)
    return await service.store.chunks_of(live)


if __name__ == "__main__":
    asyncio.run(main())
