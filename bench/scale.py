"""The figure `scale` from within: `reading.py` with many chunks, made cheaply.

The documents go the plugin's own way into database, words and vectors; but the passages' vectors are synthetic: near
those of some real articles, at random, so that no hours go by with embedding.  The articles that are asked about come
last and are embedded for real, and so are the questions.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from corpus import articles
from host import TENANT, hosting
from rawsearch import search
from reading import questions
from serving import lines

import hookline_embeddings
import hookline_rag
from hookline.hookspecs import hookimpl
from hookline.plugin import Plugin
from hookline.tenant import Tenant
from hookline_rag.service import Service

ASKED = 400  # articles with vectors of their own
SECTIONS = 100  # articles in one document
TOGETHER = 20_000  # chunks that are taken in at once
NEAR = 0.6  # length of the noise: a cosine of about 0.86


class Mixed:
    """Serves the embedder `default`: the real one, or vectors near its own."""

    def __init__(self) -> None:
        self.near: np.ndarray | None = None
        self._random = np.random.default_rng(3)

    def plugin(self) -> Plugin:
        outer = self

        class Hooks:
            serves: Mapping[str, tuple[str, ...]] = dict.fromkeys(("embed", "describe_embedder"), ("default",))

            def __init__(self, tenant: Tenant) -> None:
                self.tenant = tenant

            @hookimpl
            async def embed(self, name: str, texts: Sequence[str], query: bool) -> np.ndarray:
                if query or outer.near is None:
                    return await self.tenant.hooks.embed("real", texts, query=query)
                return outer.some(len(texts))

            @hookimpl
            async def describe_embedder(self, name: str) -> Mapping[str, Any]:
                return await self.tenant.hooks.describe_embedder("real")

        return Plugin("mixed", hooks=Hooks)

    def some(self, count: int) -> np.ndarray:
        """So many vectors near the real ones."""
        assert self.near is not None
        noise = self._random.standard_normal((count, self.near.shape[1]), np.float32)
        noise *= NEAR / np.linalg.norm(noise, axis=1, keepdims=True)
        found = self.near[self._random.integers(0, len(self.near), count)] + noise
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def memory() -> dict[str, float]:
    """This process's MiB in memory: its own, and what is mapped from files."""
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    return {name: int(told[key].split()[0]) / 1024 for name, key in (("own", "RssAnon"), ("mapped", "RssFile"))}


async def fill(service: Service, known: list[tuple[dict[str, Any], str]], mixed: Mixed) -> None:
    async def take(some: Sequence[Mapping[str, Any]], name: str) -> None:
        text = "\n\n".join(f"## {one['title']}\n\n{one['text']}" for one in some)
        given.append(attrs.evolve(await service.text(text, title=name, meta={}), key=f"bench:{name}"))

    given: list[Any] = []
    mixed.near = np.asarray(
        await service.tenant.hooks.embed("real", [one["text"] for one, _ in known[-ASKED:]]), np.float32
    )
    base = [one for one, _ in known[:-ASKED]]
    for start in range(0, len(base), TOGETHER):
        part = base[start : start + TOGETHER]
        for at in range(0, len(part), SECTIONS):
            await take(part[at : at + SECTIONS], f"Articles {start + at}")
        await ingest(service, given)
        given.clear()
    mixed.near = None
    for at in range(0, ASKED, SECTIONS):
        await take([one for one, _ in known[-ASKED:]][at : at + SECTIONS], f"Asked {at}")
    await ingest(service, given)


async def ingest(service: Service, given: Sequence[Any]) -> None:
    done = await service.ingest(given, wait=7200.0)
    if len(done.live) < len(given):
        raise RuntimeError(f"{len(given) - len(done.live)} documents did not go live: {done.errors}")


async def delete(service: Service, count: int) -> dict[str, list[float]]:
    """Delete so many documents, one after the other: seconds until each is in no table, index or file any more, and
    until the index that serves has been made anew without it."""
    told: dict[str, list[float]] = {"seconds": [], "anew": []}
    shelf = (await service.shelves()).shelf(service.config.namespace)
    for row in list(await service.store.documents(service.config.namespace, limit=count)):
        before, begun = shelf.snapshot, time.perf_counter()
        await service.knowledge.delete(row.id)
        told["seconds"].append(time.perf_counter() - begun)
        while shelf.snapshot is before:  # noqa: ASYNC110  nobody announces it to outsiders
            await asyncio.sleep(0.005)
        told["anew"].append(time.perf_counter() - begun)
    return told


async def main(count: int, model: Path | None) -> None:
    known = list(articles(count))
    limit = search(model, count)
    mixed = Mixed()
    config = '[plugins.embeddings.models.real]\nkind = "onnx"\n[plugins.rag]\nremember_bytes = 0\n'
    plugins = [hookline_embeddings.plugin, mixed.plugin(), hookline_rag.plugin]
    async with hosting(plugins, config) as runtime:
        with runtime.tenants.get(TENANT).acquire() as snapshot:
            core: Tenant = snapshot.core
            service = Service(snapshot.tenants["rag"])
            before = memory()
            begun = time.perf_counter()
            await fill(service, known, mixed)
            made = time.perf_counter() - begun
            asked = [question for _, question in known[-ASKED:]]
            random.Random(11).shuffle(asked)
            del known
            fresh = questions(asked)
            told = await lines()
            index = (await service.shelves()).shelf(service.config.namespace).snapshot
            assert index is not None
            after = memory()
            grown = {name: after[name] - before[name] for name in after}
            print(
                json.dumps({"chunks": len(index), "seconds": made, "base": len(index.vectors.rows)} | grown), flush=True
            )
            while line := await told.readline():
                order = json.loads(line)
                seconds, answered = [], 0
                if order["kind"] == "delete":
                    print(json.dumps(await delete(service, order["count"])), flush=True)
                    continue
                until = time.perf_counter() + order["seconds"]
                while (now := time.perf_counter()) < until:
                    question = next(fresh)
                    if order["kind"] == "ours":
                        turn = await core.ask(question)
                        answered += bool(turn.reply and turn.reply.citations)
                    else:
                        limit(question)
                    seconds.append(time.perf_counter() - now)
                print(json.dumps({"seconds": seconds, "answered": answered}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2] else None))
