"""Going over a site: politely (robots.txt, one request at a time, a pause between), within limits, page by page."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Literal

import attrs
from protego import Protego
from yarl import URL

from hookline.fetch import BodyTooLarge, Fetched, Fetcher, FetchError, Limits

from . import sitemap
from .errors import DocumentError
from .webpage import TYPES, Read
from .weburl import Scope, canonical

AGENT = "hookline"
_ROBOTS = Limits(bytes=512_000, seconds=10.0)  # as much of it as RFC 9309 has a crawler read
_SITEMAP = Limits(bytes=50 * 2**20, seconds=20.0)
_MOST_MAPS = 20
_LONGEST_PAUSE = 10.0  # seconds that a robots.txt may ask for
_NO_ROBOTS = "User-agent: *\nDisallow: /\n"

Reader = Callable[[str, Fetched], Awaitable[Read]]


@attrs.frozen
class Known:
    """What is known of a page from before: for a conditional request, and its links should it not have changed."""

    etag: str = ""
    modified: str = ""
    links: tuple[str, ...] = ()
    fresh: bool = False


@attrs.frozen
class Visit:
    """What became of a page: `read` for new, `known` unchanged (or fresh enough not to be asked for), `gone`, `failed`.

    `url` is the one that the page is known by.  `fetched` is the answer, where there was one.
    """

    url: str
    what: Literal["read", "known", "gone", "failed"]
    read: Read | None = None
    fetched: Fetched | None = None
    reason: str = ""


@attrs.frozen
class Site:
    """Where to begin, and how far to go: `depth` 0 is that page alone, `pages` is the most that are visited."""

    url: str
    depth: int = 0
    pages: int = 100
    pause: float = 0.5


class Crawl:
    """One walk over one site.  `known` tells what was there before, `read` reads a fetched page."""

    def __init__(
        self, fetcher: Fetcher, site: Site, known: Callable[[str], Awaitable[Known | None]], read: Reader
    ) -> None:
        self._fetcher = fetcher
        self._site = site
        self._known = known
        self._read = read
        self._scope = Scope.of(site.url)
        self._robots: dict[str, Protego] = {}
        self._asked = False

    async def visits(self) -> AsyncIterator[Visit]:
        """Visit the pages, the nearest first; one that fails is told, and the others go on."""
        start = canonical(self._site.url)
        queue: deque[tuple[str, int]] = deque([(start, 0)])
        seen = {start}
        done: set[str] = set()
        count = 0
        mapped = self._site.depth < 1
        while queue and count < self._site.pages:
            url, depth = queue.popleft()
            visit = await self._visit(url)
            count += 1
            if visit.url not in done or visit.what == "failed":
                done.add(visit.url)
                yield visit
            seen.add(visit.url)
            if depth >= self._site.depth:
                continue
            links = [*visit.read.links] if visit.read is not None else []
            if not links and visit.what == "known":
                before = await self._known(url)
                links = [*(before.links if before is not None else ())]
            if not mapped:
                mapped = True
                links += await self._sitemaps()
            for link in links:
                if link not in seen and self._scope.holds(link):
                    seen.add(link)
                    queue.append((link, depth + 1))

    async def _visit(self, url: str) -> Visit:
        known = await self._known(url)
        if known is not None and known.fresh:
            return Visit(url, "known")
        try:
            if not (await self._rules(url)).can_fetch(url, AGENT):
                return Visit(url, "failed", reason=f"{url}: its robots.txt forbids it; ask who runs the site")
            got = await self._get(url, known)
        except FetchError as error:
            return Visit(url, "failed", reason=str(error))
        if got.status == 304 and known is not None:
            return Visit(url, "known", fetched=got)
        if got.status in (404, 410):
            return Visit(url, "gone", fetched=got, reason=f"{url}: is not there (status {got.status}); leave it out")
        if not got.ok:
            return Visit(url, "failed", reason=f"{url}: answers with status {got.status}; try again later")
        final = canonical(got.url)
        if not self._scope.same_host(final) and url != canonical(self._site.url):
            return Visit(url, "failed", reason=f"{url}: leads to another site, {final}; ingest that by itself")
        if url == canonical(self._site.url) and not self._scope.holds(final):
            self._scope = Scope.of(final)  # the site has moved: http to https, a start page in a language
        read = await self._read(final, got)
        own = read.canonical if read.canonical and self._scope.holds(read.canonical) else final
        if isinstance(read.documents, DocumentError):
            return Visit(own, "failed", read, got, str(read.documents))
        return Visit(own, "read", read, got)

    async def _get(self, url: str, known: Known | None) -> Fetched:
        headers = {"Accept": "text/html, application/pdf;q=0.9, */*;q=0.5"}
        if known is not None and known.etag:
            headers["If-None-Match"] = known.etag
        if known is not None and known.modified:
            headers["If-Modified-Since"] = known.modified
        await self._wait(url)
        return await self._fetcher.get(url, headers=headers, types=TYPES)

    async def _wait(self, url: str) -> None:
        """Between two requests of the same site a pause, as long as the site asks for where it does."""
        pause = self._site.pause
        rules = self._robots.get(str(URL(url).origin()))
        asked = rules.crawl_delay(AGENT) if rules is not None else None
        if asked is not None:
            pause = min(_LONGEST_PAUSE, max(pause, float(asked)))
        if self._asked and pause:
            await asyncio.sleep(pause)
        self._asked = True

    async def _rules(self, url: str) -> Protego:
        """The rules of the page's host.  RFC 9309: none where there is no robots.txt, all forbidden where the server
        fails to say.  Raises `FetchError` where it can't be reached."""
        origin = str(URL(url).origin())
        if origin not in self._robots:
            try:
                got = await self._fetcher.get(f"{origin}/robots.txt", limits=_ROBOTS)
                text = got.body.decode("utf-8", "replace") if got.ok else _NO_ROBOTS if got.status >= 500 else ""
            except BodyTooLarge:
                text = ""
            self._robots[origin] = Protego.parse(text)
        return self._robots[origin]

    async def _sitemaps(self) -> list[str]:
        """The pages that the site's maps name, as many as are visited."""
        origin = str(URL(canonical(self._site.url)).origin())
        rules = self._robots.get(origin)
        queue = deque([*(rules.sitemaps if rules is not None else ()), f"{origin}/sitemap.xml"])
        seen: set[str] = set()
        pages: list[str] = []
        while queue and len(seen) < _MOST_MAPS and len(pages) < self._site.pages:
            address = canonical(queue.popleft(), origin)
            if not address or address in seen or not self._scope.same_host(address):
                continue
            seen.add(address)
            try:
                await self._wait(address)
                got = await self._fetcher.get(address, limits=_SITEMAP)
            except FetchError:
                continue  # a site without a map is no error
            if got.ok:
                found = await asyncio.to_thread(sitemap.parse, got.body)
                queue.extend(found.maps)
                pages += [page for page in (canonical(one) for one in found.pages) if page and self._scope.holds(page)]
        return pages
