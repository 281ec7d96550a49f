"""The figure `tenants` from within: ten tenants with documents of their own, asked one alone or all at once.

It is told lines of JSON ({"kind": "one" or "ten", "seconds"}) and answers with the durations of all questions.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog
from corpus import articles
from host import CONFIG
from library import Library
from reading import questions
from serving import lines

import hookline_embeddings
import hookline_rag
from hookline.catalogue import Catalogue
from hookline.runtime import Runtime
from hookline.tenant import Tenant
from hookline_rag.service import Service

TENANTS = 10


async def asking(core: Tenant, own: Iterator[str], until: float) -> list[tuple[float, bool]]:
    """One customer of a tenant, one question after the other."""
    done = []
    while (begun := time.perf_counter()) < until:
        turn = await core.ask(next(own))
        done.append((time.perf_counter() - begun, bool(turn.reply and turn.reply.citations)))
    return done


async def main(count: int) -> None:
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    plugins = [hookline_embeddings.plugin, hookline_rag.plugin]
    with TemporaryDirectory() as temporary:
        base = Path(temporary)
        folders = {}
        for n in range(TENANTS):
            folder = folders[f"bench{n}"] = base / "tenants" / f"bench{n}"
            folder.mkdir(parents=True)
            text = CONFIG.format(enabled=[plugin.name for plugin in plugins]) + "[plugins.rag]\nremember_bytes = 0\n"
            (folder / "tenant.toml").write_text(text, encoding="utf-8")
        async with Runtime(catalogue=Catalogue.of(plugins), folders=folders, data=base / "data") as runtime:
            known = list(articles(count * TENANTS))
            cores, asked = [], []
            for n, name in enumerate(folders):
                with runtime.tenants.get(name).acquire() as snapshot:
                    part = known[n * count : (n + 1) * count]
                    await Library(Service(snapshot.tenants["rag"])).fill([document for document, _ in part])
                    cores.append(snapshot.core)
                    asked.append(questions([question for _, question in part]))
            told = await lines()
            print(json.dumps("ready"), flush=True)
            while line := await told.readline():
                order = json.loads(line)
                begun = time.perf_counter()
                few = 1 if order["kind"] == "one" else TENANTS
                until = begun + order["seconds"]
                parts = await asyncio.gather(
                    *(asking(core, own, until) for core, own in zip(cores[:few], asked[:few], strict=True))
                )
                done = [one for part in parts for one in part]
                print(
                    json.dumps(
                        {
                            "seconds": [seconds for seconds, _ in done],
                            "elapsed": time.perf_counter() - begun,
                            "answered": sum(answered for _, answered in done),
                            "least": min(len(part) for part in parts) / max(1, *(len(part) for part in parts)),
                        }
                    ),
                    flush=True,
                )


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
