"""A tenant with documents, made for one measurement: the real plugins on a real database, in a folder of its own."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs
import structlog

import hookline_embeddings
import hookline_rag
from hookline.catalogue import Catalogue
from hookline.runtime import Runtime
from hookline_rag.finder import Found
from hookline_rag.service import Service

TENANT = "bench"
REPOSITORY = Path(__file__).parents[1]


def lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a file with one a line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def dataset(folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The documents and the questions of a set: `docs.jsonl` and `queries.jsonl`."""
    return lines(folder / "docs.jsonl"), lines(folder / "queries.jsonl")


@attrs.define(eq=False)
class Library:
    """The tenant's documents; `names` maps rag's document ids to the set's own."""

    service: Service
    shelves: Any = None
    names: dict[str, str] = attrs.Factory(dict)

    async def fill(self, documents: Sequence[Mapping[str, Any]]) -> None:
        """Ingest the set's documents, through the plugin's own path; a document with a "file" is read as such."""
        given = []
        for one in documents:
            key, meta = f"bench:{one['id']}", {"id": one["id"]}
            if "file" in one:
                path = REPOSITORY / one["file"]
                given += await self.service.files(path.name, path.read_bytes(), key=key, meta=meta)
                continue
            made = await self.service.text(one["text"], title=one.get("title", ""), meta=meta)
            given.append(attrs.evolve(made, key=key))
        for at in range(0, len(given), 512):
            part = given[at : at + 512]
            done = await self.service.ingest(part, wait=3600.0)
            if len(done.live) < len(part):
                raise RuntimeError(f"{len(part) - len(done.live)} documents did not go live: {done.errors}")
            self.names |= {put.id: put.key.removeprefix("bench:") for put in done.puts}

    async def find(self, question: str, limit: int = 0) -> Found:
        """Ask the index itself."""
        return await self.service.find(question, limit=limit)


@asynccontextmanager
async def library(
    documents: Sequence[Mapping[str, Any]], config: str = "", folder: Path | None = None
) -> AsyncIterator[Library]:
    """A tenant with the documents; `config` is the text of its `[plugins.rag]`.  Without `folder`, gone afterwards."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with TemporaryDirectory() as temporary:
        base = folder or Path(temporary)
        place = base / "tenants" / TENANT
        place.mkdir(parents=True, exist_ok=True)
        (place / "tenant.toml").write_text(
            f'[plugins]\nenabled = ["embeddings", "rag"]\n[plugins.rag]\n{config}\n', encoding="utf-8"
        )
        catalogue = Catalogue.of([hookline_rag.plugin, hookline_embeddings.plugin])
        async with Runtime(catalogue=catalogue, folders={TENANT: place}, data=base / "data") as runtime:
            with runtime.tenants.get(TENANT).acquire() as snapshot:
                made = Library(Service(snapshot.tenants["rag"]))
                await made.fill(documents)
                yield made
