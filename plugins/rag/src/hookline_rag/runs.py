"""Runs: files, folders or stale documents taken in by durable work, part by part, with progress and cancel.

A run is a row and a chain of jobs.  Each job takes the next part, waits until its documents are live, and at its
commit notes how far the run is and has the next job follow.  A killed process goes on with the part that it was in;
what that part had stored and embedded is found again.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import sqlalchemy as sa

from hookline.db import ConstraintViolated
from hookline.errors import BadRequest, HooklineError
from hookline.fetch import BadUrl, parse

from .errors import AlreadyRunning, DocumentNotFound, RunNotFound
from .folder import File, Read, files, place_of, read_all
from .ingestion import TOPIC
from .knowledge import checked_namespace
from .models import run as table
from .store import By
from .websites import WEB_OFF

if TYPE_CHECKING:
    from hookline.tenant import Tenant
    from hookline.turn import Turn

    from .config import Config
    from .knowledge import Knowledge
    from .store import Given, Store

Site = Callable[..., Awaitable[dict[str, Any]]]
"""Takes in a page or a site (see `websites.Websites.take_in`)."""
Fetch = Callable[[Any], Awaitable[Sequence["Given"]]]
"""Reads a document's origin again: gets its row; raises `HooklineError` saying why it can't be read."""

_PART = 32  # files or documents a job
_PART_BYTES = 4_000_000
_OWN_SITE = "site"  # the slot of the tenant's own site
_FOREVER = 3000.0  # seconds that a job waits for its documents: less than a job may take
_SPELL = 1200.0  # seconds after which the walk over a site is left to the next job
_SHOWN = 200  # failures that are kept by name

b = sa.bindparam
_BY_ID = sa.select(table).where(table.c.id == b("p_id"))
_IN_SLOT = sa.select(table.c.id).where(table.c.slot == b("p_slot"))
_NOTE = (
    sa.update(table)
    .where(table.c.id == b("p_id"), table.c.state == "running")
    .values(step=b("p_step"), done=b("p_done"), total=b("p_total"), told=b("p_told"), updated_at=b("p_now"))
)
_END = (
    sa.update(table)
    .where(table.c.id == b("p_id"), table.c.state == "running")
    .values(state=b("p_state"), error=b("p_error"), slot=table.c.id, updated_at=b("p_now"), finished_at=b("p_now"))
)


@attrs.frozen
class _Part:
    """What a job does of its run: `step` is where the next begins, "" where this was the last."""

    step: str
    done: int
    total: int
    told: dict[str, Any]


class _Cancelled(Exception):
    """The run was cancelled while its part was worked on."""


class Runs:
    """The runs of one tenant.

    `fetchers` read origins again, by what comes before their colon ("https"); `site` takes in web pages.
    """

    def __init__(
        self,
        tenant: Tenant,
        config: Config,
        store: Store,
        knowledge: Knowledge,
        fetchers: Mapping[str, Fetch],
        site: Site | None = None,
    ) -> None:
        self._site = site
        self._tenant = tenant
        self._config = config
        self._store = store
        self._knowledge = knowledge
        self._fetchers = {"file": self._again, **fetchers}
        self.spell = _SPELL

    # -- asked for -----------------------------------------------------------------------------------------------------

    async def take_in(
        self, paths: Sequence[str | Path], *, namespace: str = "", by: str = "", alone: bool = False,
        about: Mapping[str, Any] | None = None,
    ) -> str:  # fmt: skip
        """Take in files and folders of this machine; returns the run's id.

        `about` is set on every document (see `store.ABOUT`).  `alone`: raises `AlreadyRunning` if another that was
        started so is not done.  Raises `BadRequest` for a path that is not there.
        """
        places = [str(path) for path in paths]
        missing = [path for path in places if not await asyncio.to_thread(Path(path).exists)]
        if not places or missing:
            raise BadRequest(
                f"there is no file or folder {', '.join(missing) or 'named'}; give paths that are there", "paths"
            )
        asked = {"paths": places, "about": dict(about or {})}
        return await self._start("files", asked, namespace, by, "files" if alone else "")

    async def take_in_site(
        self, url: str, *, depth: int = 0, pages: int = 0, namespace: str = "", by: str = ""
    ) -> str:  # fmt: skip
        """Take in a web page, or with `depth` the pages that it leads to, at most `pages`; returns the run's id."""
        if self._site is None or not url.startswith(("http://", "https://")):
            raise BadRequest(f"{url!r} is no address of a web page; it begins with http:// or https://", "url")
        if not self._config.web.enabled:
            raise BadRequest(WEB_OFF, "url")
        try:
            parse(url)
        except BadUrl as error:
            raise BadRequest(str(error), "url") from None
        return await self._start("web", {"url": url, "depth": depth, "pages": pages}, namespace, by, "")

    async def own_site(self, seconds: float) -> Any:
        """Take in the tenant's own site (`web.url`) but for what is fresh, one such run at a time, and wait for it.

        Returns the run's row once it is over, or as it is when it has run for so many seconds.
        """
        web = self._config.web
        asked = {"url": web.url, "depth": web.depth, "pages": web.pages, "force": False}
        try:
            ident = await self._start("web", asked, self._config.namespace, "", _OWN_SITE)
        except AlreadyRunning as running:
            ident = running.run
        row = await self.row(ident)
        left = seconds - (self._tenant.clock.now() - row.created_at)
        if left > 0:
            await self._tenant.wait(await self._submit(ident), left)
        return await self.row(ident)

    async def take_in_folders(self, *, namespace: str = "", by: str = "") -> str:
        """Take in the tenant's own folders (`folders` in the config), one such run at a time; returns its id."""
        home = self._tenant.folder
        if home is None:
            raise BadRequest("this tenant has no folder on this machine; bring its documents another way", "")
        paths = [home / name for name in self._config.folders]
        there = [path for path in paths if await asyncio.to_thread(path.exists)]
        if not there:
            raise BadRequest(
                f"the tenant's folder has none of {', '.join(self._config.folders)}; make one, or name others as "
                f"`folders` in [plugins.rag]",
                "folders",
            )
        return await self.take_in(there, namespace=namespace, by=by, alone=True)

    async def refresh(self, *, by: str = "", everything: bool = False) -> tuple[str, int]:
        """Read again what is stale (or `everything` that came from somewhere): the run's id, and how many documents.

        Where another refresh runs, its id is returned.
        """
        now = self._tenant.clock.now()
        rows = await self._store.stale(now, self._config.refresh_seconds, limit=100_000, everything=everything)
        try:
            ident = await self._start("refresh", {"ids": [row.id for row in rows]}, "", by, "refresh")
        except AlreadyRunning as running:
            return running.run, len(rows)
        return ident, len(rows)

    async def cancel(self, ident: str, *, by: str = "") -> Any:
        """Stop a run: what is live stays, what is not live yet is taken back.  Raises `RunNotFound`."""
        row = await self.row(ident)
        await self._end(ident, "cancelled", f"cancelled by {by}" if by else "cancelled")
        if row.state == "running":
            for document in await self._store.of_run(ident):
                try:
                    await self._knowledge.cancel(document.id, by=By(by))
                except DocumentNotFound:
                    continue
        return await self.row(ident)

    async def row(self, ident: str) -> Any:
        """A run's row.  Raises `RunNotFound`."""
        rows = await self._tenant.db.fetch(_BY_ID, {"p_id": ident})
        if not rows:
            raise RunNotFound(f"there is no run {ident!r}")
        return rows[0]

    async def rows(self, limit: int = 20) -> Sequence[Any]:
        """The last runs, the newest first."""
        return await self._tenant.db.fetch(sa.select(table).order_by(table.c.created_at.desc()).limit(limit))

    async def wait(self, ident: str, seen: Callable[[Any], None], *, pause: float = 0.2) -> Any:
        """The run's row once it is over; `seen` is called with the row whenever it has changed."""
        last: Any = None
        while True:
            row = await self.row(ident)
            if row != last:
                seen(row)
                last = row
            if row.state != "running":
                return row
            await asyncio.sleep(pause)

    async def _start(self, kind: str, asked: Mapping[str, Any], namespace: str, by: str, slot: str) -> str:
        if namespace:
            checked_namespace(namespace)
        ident, now = uuid.uuid4().hex, self._tenant.clock.now()
        values = {
            "id": ident, "slot": slot or ident, "kind": kind, "namespace": namespace, "state": "running",
            "asked": asked, "told": {}, "started_by": by, "created_at": now, "updated_at": now,
        }  # fmt: skip
        try:
            await self._tenant.db.write((sa.insert(table), values))
        except ConstraintViolated:
            rows = await self._tenant.db.fetch(_IN_SLOT, {"p_slot": slot})
            if not rows:  # it has just ended
                return await self._start(kind, asked, namespace, by, slot)
            raise AlreadyRunning(f"ingestion ({kind})", str(rows[0].id)) from None
        await self._tenant.audit(by, f"knowledge.run.{kind}", ident, {"namespace": namespace})
        await self._submit(ident)
        self._tell(ident, "running", 0, 0)
        return ident

    async def _submit(self, ident: str) -> int:
        """The run's first job, made if it is not there yet."""
        return await self._tenant.submit("run", {"run": ident}, key=f"{ident}:", lane=f"rag:run:{ident}")

    async def _end(self, ident: str, state: str, error: str = "") -> None:
        await self._tenant.db.write((_END, self._ended(ident, state, error)))
        self._tell(ident, state, 0, 0)

    def _ended(self, ident: str, state: str, error: str = "") -> dict[str, Any]:
        return {"p_id": ident, "p_state": state, "p_error": error, "p_now": self._tenant.clock.now()}

    def _tell(self, ident: str, state: str, done: int, total: int) -> None:
        told = {"id": ident, "state": state, "done": done, "total": total}
        self._tenant.live.publish(self._tenant.name, TOPIC, "run", told)

    # -- the work ------------------------------------------------------------------------------------------------------

    async def resume(self) -> None:
        """Have a job for each run that a crash left between its row and its first job."""
        for row in await self._tenant.db.fetch(sa.select(table).where(table.c.state == "running", table.c.step == "")):
            await self._submit(row.id)

    async def work(self, turn: Turn, ident: str, *, last: bool) -> None:
        """The job: the next part of a run.  `last` says that there will be no other try after this one."""
        try:
            row = await self.row(ident)
        except RunNotFound:
            return
        if row.state != "running":
            return
        try:
            part = await {"files": self._files, "web": self._web}.get(row.kind, self._stale)(row)
        except _Cancelled:
            return
        except Exception as error:
            if not last:
                raise
            turn.write(_END, self._ended(ident, "failed", str(error) or type(error).__name__))
            self._tell(ident, "failed", row.done, row.total)
            return
        noted = {"p_id": ident, "p_step": part.step, "p_done": part.done, "p_total": part.total, "p_told": part.told}
        turn.write(_NOTE, {**noted, "p_now": self._tenant.clock.now()})
        if part.step:
            turn.job("run", {"run": ident}, key=f"{ident}:{part.step}", lane=f"rag:run:{ident}")
        else:
            turn.write(_END, self._ended(ident, "done"))
        self._tell(ident, "running" if part.step else "done", part.done, part.total)

    async def _files(self, row: Any) -> _Part:
        paths = [Path(path) for path in row.asked["paths"]]
        wanted = await self._tenant.compute.batch(_listed, paths, self._tenant.folder)
        begin = int(row.step or 0)
        part = await asyncio.to_thread(_portion, wanted, begin)
        about = row.asked.get("about") or {}
        told = {"files": len(wanted), "ingested": 0, "unchanged": 0, "failed": [], "namespaces": {}, **row.told}
        read = await read_all(self._knowledge, part, self._config.max_file_bytes)
        await self._take(
            row, [attrs.evolve(one, documents=[_with(each, about) for each in one.documents]) for one in read], told
        )
        done = begin + len(part)
        return _Part(str(done) if done < len(wanted) else "", done, len(wanted), told)

    async def _take(self, row: Any, read: Sequence[Read], told: dict[str, Any]) -> None:
        """Ingest what was read, and count what became of it."""
        for one in read:
            if one.error:
                _failed(told, one.error)
        given = {each.key: (one.file.name, each) for one in read for each in one.documents}
        if not given:
            return
        if (await self.row(row.id)).state != "running":
            raise _Cancelled
        by = By(row.started_by, row.id)
        result = await self._knowledge.ingest(
            [each for _, each in given.values()], namespace=row.namespace, wait=_FOREVER, by=by
        )
        for put in result.puts:
            name, document = given[put.key]
            lines = [f"{name}: {note}" for note in document.notes]
            told["notes"] = [*told.get("notes", ()), *lines][:_SHOWN]
            where = row.namespace or document.namespace or self._config.namespace
            if put.id in result.live:
                told["unchanged" if put.what == "unchanged" else "ingested"] += 1
                told["namespaces"][where] = told["namespaces"].get(where, 0) + 1
            elif await self._store.document(put.id) is not None:
                cause = result.errors.get(put.id, "is still being worked on; it goes live by itself")
                _failed(told, f"{given[put.key][0]}: {cause}")

    async def _web(self, row: Any) -> _Part:
        """As many pages of a site as a job takes; the next goes on behind them, and so does a job after a crash."""
        if self._site is None:
            raise HooklineError("web pages can't be taken in here")

        async def progress(told: Mapping[str, Any]) -> None:
            if (await self.row(row.id)).state != "running":
                raise _Cancelled
            done, total = int(told.get("done", 0)), int(told.get("total", 0))
            if "told" in told:
                noted = {"p_id": row.id, "p_step": row.step, "p_done": done, "p_total": total, "p_told": told["told"]}
                await self._tenant.db.write((_NOTE, {**noted, "p_now": self._tenant.clock.now()}))
            self._tell(row.id, "running", done, total)

        asked = row.asked
        told = await self._site(
            asked["url"], progress, depth=asked["depth"], pages=asked["pages"], namespace=row.namespace,
            force=asked.get("force", True), by=By(row.started_by, row.id), since=row.created_at, before=row.told,
            spell=self.spell,
        )  # fmt: skip
        more = told.pop("more", False)
        told["files"] = told.get("pages", 0)
        told["namespaces"] = {row.namespace or self._config.namespace: told.get("ingested", 0)}
        return _Part(str(int(row.step or 0) + 1) if more else "", told["files"], told["files"], told)

    async def _stale(self, row: Any) -> _Part:
        idents: list[str] = row.asked["ids"]
        begin = int(row.step or 0)
        told = {"documents": len(idents), "refreshed": 0, "changed": 0, "failed": [], **row.told}
        seen: dict[tuple[str, str], str] = {}
        part = idents[begin : begin + _PART]
        for ident in part:
            document = await self._store.document(ident)
            if document is None:
                continue
            where = (document.namespace, document.origin)
            try:
                if where not in seen or not document.origin:
                    seen[where] = ""
                    told["changed"] += await self._read_again(document, row)
            except HooklineError as error:
                seen[where] = str(error)
            if seen[where]:
                _failed(told, f"{document.title}: {seen[where]}")
            else:
                await self._store.checked(ident, self._tenant.clock.now())
                told["refreshed"] += 1
        done = begin + len(part)
        return _Part(str(done) if done < len(idents) else "", done, len(idents), told)

    async def _read_again(self, document: Any, row: Any) -> int:
        """Read a document's origin again; returns how many documents have changed with it.

        What was handed over has no origin: its stored text is all that there is of it, and stays.
        """
        if not document.origin:
            return 0
        fetch = self._fetchers.get(document.origin.partition(":")[0])
        if fetch is None:
            raise HooklineError(f"{document.origin} can't be read again here; give the document anew")
        given = await fetch(document)
        result = await self._knowledge.ingest(
            given, namespace=document.namespace, wait=_FOREVER, by=By(row.started_by, row.id)
        )
        for error in result.errors.values():
            raise HooklineError(error)
        return sum(put.what != "unchanged" for put in result.puts)

    async def _again(self, document: Any) -> Sequence[Given]:
        file = File(place_of(document.origin, self._tenant.folder), document.origin)
        [read] = await read_all(self._knowledge, [file], self._config.max_file_bytes)
        if read.error:
            raise HooklineError(read.error)
        return read.documents


def _failed(told: dict[str, Any], line: str) -> None:
    told["failed_count"] = told.get("failed_count", 0) + 1
    if len(told["failed"]) < _SHOWN:
        told["failed"] = [*told["failed"], line]


def _with(given: Given, about: Mapping[str, Any]) -> Given:
    return attrs.evolve(given, about={**given.about, **about}) if about else given


def _listed(paths: Sequence[Path], tenant_folder: Path | None) -> list[File]:
    return list(files(paths, tenant_folder))


def _portion(wanted: Sequence[File], begin: int) -> list[File]:
    """The next files, as many as one job takes."""
    part: list[File] = []
    size = 0
    for file in wanted[begin : begin + _PART]:
        try:
            size += file.path.stat().st_size
        except OSError:
            size += 0  # it is told when it is read
        if part and size > _PART_BYTES:
            break
        part.append(file)
    return part
