"""Web pages as documents: taken in by URL, known by it, asked for again when their time is over."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import math
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import sqlalchemy as sa

from hookline.addresses import Allowed
from hookline.errors import BadRequest, HooklineError
from hookline.fetch import Fetched, Fetcher, Limits, parse
from hookline.tenant import ResourceKey

from .crawl import Crawl, Known, Site, Visit
from .errors import DocumentError
from .ingestion import apart
from .models import page as table
from .store import NOBODY, By
from .webpage import Read, read_page
from .weburl import canonical

if TYPE_CHECKING:
    from hookline.tenant import Tenant

    from .config import Config
    from .knowledge import Knowledge
    from .store import Given, Store

Progress = Callable[[Mapping[str, Any]], Awaitable[None]]
"""Told of each page; what it raises ends the walk."""
Walk = Callable[[float], Awaitable[Any]]
"""Has the tenant's own site taken in durably, and waits for it at most so many seconds (see `runs.Runs.own_site`)."""
WEB_OFF = "the web is turned off for this tenant; set `web.enabled` in [plugins.rag]"
_TOGETHER = 16  # pages that are stored and waited for at once
_WAIT = 600.0  # seconds
_JUST_NOW = 60.0  # seconds within which a page is not asked for again, whoever wants it
_WALKED = "walked:"  # before the address of a site's first page, where that is known by another
_NOTHING: Mapping[str, Any] = {"etag": "", "modified": "", "links": []}  # that is known of a page
_LOOK = ResourceKey[asyncio.Lock]("web.look")

b = sa.bindparam
_BY_URL = sa.select(table).where(table.c.namespace == b("p_namespace"), table.c.url == b("p_url"))
_DROP = sa.delete(table).where(table.c.namespace == b("p_namespace"), table.c.url == b("p_url"))


class Websites:
    """The web pages of one tenant."""

    def __init__(self, tenant: Tenant, config: Config, store: Store, knowledge: Knowledge) -> None:
        self._tenant = tenant
        self._config = config
        self._store = store
        self._knowledge = knowledge

    async def _fetcher(self) -> Fetcher:
        web = self._config.web
        limits = Limits(bytes=self._config.max_file_bytes, seconds=web.fetch_seconds)

        async def make() -> Fetcher:
            return Fetcher(allowed=Allowed.parse(web.allowed_hosts), limits=limits)

        # One for each way it is configured: a reload that changes it makes another.
        digest = hashlib.sha256(repr((sorted(web.allowed_hosts), limits)).encode()).hexdigest()[:16]
        return await self._tenant.keep(ResourceKey[Fetcher](f"web.fetcher:{digest}"), make)

    # -- asked for -----------------------------------------------------------------------------------------------------

    async def take_in(
        self,
        url: str,
        progress: Progress,
        *,
        depth: int = 0,
        pages: int = 0,
        namespace: str = "",
        force: bool = True,
        by: By = NOBODY,
        since: float = math.inf,
        before: Mapping[str, Any] | None = None,
        spell: float = math.inf,
    ) -> dict[str, Any]:
        """Take in a page (`depth` 0) or a site; each page's fate is told to `progress`, the whole is returned.

        `force` asks for pages again that are younger than `ttl_seconds`; what has not changed is not read again.  A
        walk that was broken off goes on: pages asked for after `since` are its own, and counted in `before`, which is
        what it returned or told last.  After `spell` seconds it breaks off by itself, with `more` in what it returns.
        Raises `FetchError` for what is no URL, `BadRequest` where the web is turned off.
        """
        web = self._config.web
        if not web.enabled:
            raise BadRequest(WEB_OFF, "url")
        parse(url)
        site = Site(canonical(url), depth, pages or web.pages, web.pause_seconds)
        where = namespace or self._config.namespace
        told: dict[str, Any] = {
            "pages": 0, "ingested": 0, "unchanged": 0, "failed": [], "notes": [], **(before or {}), "more": False,
        }  # fmt: skip
        # A refresh that wants the same pages waits until they are there, and finds them fresh.
        async with contextlib.nullcontext() if force else await self._lock():
            await self._walk(site, where, told, progress, force=force, by=by, since=since, spell=spell)
            if await self._row(site.url, where) is None:  # it leads elsewhere, and is known by that address
                await self._write({**_NOTHING, "url": _WALKED + site.url, "status": "walked", "namespace": where,
                                   "fetched_at": self._tenant.clock.now()})  # fmt: skip
        return told

    async def _walk(
        self, site: Site, where: str, told: dict[str, Any], progress: Progress, *, force: bool, by: By, since: float,
        spell: float,
    ) -> None:  # fmt: skip
        batch: list[tuple[Visit, list[Given]]] = []
        until = time.monotonic() + spell
        async for visit in (await self._crawl(site, where, force=force, since=since)).visits():
            if visit.fetched is None and visit.what == "known" and await self._asked_for(visit.url, where, since):
                continue
            told["pages"] += 1
            seen = {"page": visit.url, "what": visit.what, "done": told["pages"], "total": site.pages}
            await progress(seen if batch else {**seen, "told": told})
            if visit.what == "read":
                batch.append((visit, await self._given(visit)))
            elif visit.what == "known":
                told["unchanged"] += 1
                await self._remember(visit, where)
            else:
                told["failed"].append(visit.reason)
                await self._lost(visit, where)
            if len(batch) >= _TOGETHER:
                await self._store_all(batch, where, told, by)
            if time.monotonic() > until:
                told["more"] = True
                break
        await self._store_all(batch, where, told, by)

    async def refetch(self, document: Any) -> Sequence[Given]:
        """Ask for a document's page again: the documents that it now is, none where it has not changed.

        Raises `HooklineError` saying why it can't be had.  For `runs.Runs`, by its `origin`.
        """
        url, where = str(document.origin), str(document.namespace)
        async with await self._lock():
            row = await self._row(canonical(url), where)
            if row is not None and row.status == "live" and row.fetched_at + _JUST_NOW > self._tenant.clock.now():
                return []
            site = Site(url, 0, 1, self._config.web.pause_seconds)
            [visit] = [one async for one in (await self._crawl(site, where, force=True)).visits()]
            if visit.what == "known":
                await self._remember(visit, where)
                return []
            if visit.what != "read":
                raise HooklineError(visit.reason)
            given = await self._given(visit)
            same = [one.content_hash for one in given] == [document.content_hash]
            # What is new may yet fail to go live: only then is it safe to ask for changes alone.
            await self._remember(visit, where, trust=same)
            return given

    async def _lock(self) -> asyncio.Lock:
        async def make() -> asyncio.Lock:
            return asyncio.Lock()

        return await self._tenant.keep(_LOOK, make)

    async def look(self, walk: Walk) -> bool:
        """Have the tenant's own site (`web.url`) at hand, no older than `ttl_seconds`; False where nothing is new.

        The site is taken in by durable work, as when it is asked for by hand: here it is only waited for, at most
        `wait_seconds`, and several at once wait for one walk.
        """
        web, where = self._config.web, self._config.namespace
        if not web.enabled or not web.url:
            return False
        before = await self._store.revision(where)
        start = canonical(web.url)
        row = await self._row(start, where) or await self._row(_WALKED + start, where)
        if row is not None and row.fetched_at + web.ttl_seconds > self._tenant.clock.now():
            return False
        run = await walk(web.wait_seconds)
        if run.state == "running":
            self._tenant.log.warning("the site was not read in time", url=web.url, seconds=web.wait_seconds)
        elif run.state == "failed":
            self._tenant.log.warning("the site can't be read", url=web.url, reason=run.error)
        return await self._store.revision(where) != before

    # -- pages ---------------------------------------------------------------------------------------------------------

    async def _crawl(self, site: Site, namespace: str, *, force: bool, since: float = math.inf) -> Crawl:
        async def known(url: str) -> Known | None:
            return await self._known(url, namespace, force=force, since=since)

        return Crawl(await self._fetcher(), site, known, self._read)

    async def _row(self, url: str, namespace: str) -> Any | None:
        rows = await self._tenant.db.fetch(_BY_URL, {"p_url": url, "p_namespace": namespace})
        return rows[0] if rows else None

    async def _asked_for(self, url: str, namespace: str, since: float) -> bool:
        """Whether a page was asked for after that time."""
        row = await self._row(url, namespace)
        return row is not None and row.fetched_at > since

    async def _known(self, url: str, namespace: str, *, force: bool, since: float) -> Known | None:
        """What is remembered of a page, as long as its document is there."""
        row = await self._row(url, namespace)
        if row is None:
            return None
        if row.status == "live" and not await self._store.by_key(f"web:{url}", namespace):
            return None
        young = not force and row.fetched_at + self._config.web.ttl_seconds > self._tenant.clock.now()
        fresh = young or row.fetched_at > since
        if row.status != "live":
            return Known(fresh=True) if fresh else None
        return Known(row.etag, row.modified, tuple(row.links), fresh=fresh)

    async def _read(self, url: str, got: Fetched) -> Read:
        """Read a page in another process."""
        config = self._config
        return await self._tenant.compute.process(
            read_page, url, got.body, got.type, got.charset, config.max_file_bytes, config.parse_seconds
        )

    async def _given(self, visit: Visit) -> list[Given]:
        assert visit.read is not None
        assert not isinstance(visit.read.documents, DocumentError)
        found = await self._tenant.compute.batch(
            apart, visit.read.documents, key=f"web:{visit.url}", source=visit.url, meta={"url": visit.url}
        )
        about = {"origin": visit.url, "refresh_seconds": self._config.web.ttl_seconds}
        return [_about(one, about) for one in found]

    async def _store_all(
        self, batch: list[tuple[Visit, list[Given]]], namespace: str, told: dict[str, Any], by: By
    ) -> None:
        given = [one for _, documents in batch for one in documents]
        if not given:
            return
        result = await self._knowledge.ingest(given, namespace=namespace, wait=_WAIT, by=by)
        failed = set()
        for put, one in zip(result.puts, given, strict=True):
            if put.id in result.errors:
                failed.add(one.source)
                told["failed"].append(f"{one.source}: {result.errors[put.id]}")
            else:
                told["unchanged" if put.what == "unchanged" else "ingested"] += 1
        for visit, documents in batch:
            told["notes"] += [f"{visit.url}: {note}" for one in documents for note in one.notes]
            if visit.url not in failed:
                await self._remember(visit, namespace)
        batch.clear()

    async def _remember(self, visit: Visit, namespace: str, *, trust: bool = True) -> None:
        """Note when a page was asked for, and what says whether it changes."""
        got = visit.fetched
        if got is None:
            return  # fresh enough: nobody was asked
        row = await self._row(visit.url, namespace)
        values: dict[str, Any] = {
            "url": visit.url, "status": "live", "fetched_at": self._tenant.clock.now(),
            "namespace": namespace,
            "etag": got.headers.get("ETag", "") or (row.etag if row is not None and got.status == 304 else ""),
            "modified": got.headers.get("Last-Modified", "")
            or (row.modified if row is not None and got.status == 304 else ""),
            "links": [*visit.read.links] if visit.read is not None else [*(row.links if row is not None else ())],
        }  # fmt: skip
        await self._write(values if trust else {**values, "etag": "", "modified": ""})

    async def _lost(self, visit: Visit, namespace: str) -> None:
        """Note what could not be had, so that it is not asked for again at once."""
        known = await self._row(visit.url, namespace)
        if known is not None and known.status == "live" and visit.what != "gone":
            await self._write({**_values(known), "fetched_at": self._tenant.clock.now()})
            return
        now = self._tenant.clock.now()
        await self._write(
            {**_NOTHING, "url": visit.url, "status": visit.what, "fetched_at": now, "namespace": namespace}
        )

    async def _write(self, values: Mapping[str, Any]) -> None:
        await self._tenant.db.write(
            (_DROP, {"p_url": values["url"], "p_namespace": values["namespace"]}), (sa.insert(table), dict(values))
        )


def _values(row: Any) -> dict[str, Any]:
    return {
        name: getattr(row, name) for name in ("url", "status", "fetched_at", "etag", "modified", "links", "namespace")
    }


def _about(one: Given, about: Mapping[str, Any]) -> Given:
    return attrs.evolve(one, about={**one.about, **about})
