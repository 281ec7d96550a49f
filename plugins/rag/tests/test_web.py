"""Pages and sites of a loopback web server, taken in by the real client."""

from __future__ import annotations

import asyncio
import gzip

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from hookline.errors import BadRequest, HooklineError
from hookline.testing import FrozenClock
from hookline_rag import sitemap
from hookline_rag.store import By
from hookline_rag.weburl import Scope, canonical

PAGE = "<html lang=en><head><title>{title}</title>{head}</head><body><nav>Menu Login</nav><main><h1>{title}</h1>{body}</main></body></html>"
FEES = "<p>The yearly fee of the gold card is forty euros, taken from the account in the first week of January.</p>"


class Site:
    """A web site made of texts: `pages` by path, what was asked for in `asked`."""

    def __init__(self) -> None:
        self.pages: dict[str, web.Response | str | bytes] = {}
        self.headers: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.server: TestServer

    async def take(self, request: web.Request) -> web.Response:
        self.asked.append(request.path_qs)
        await self.gate.wait()
        found = self.pages.get(request.path_qs)
        headers = self.headers.get(request.path_qs, {})
        if found is None:
            return web.Response(status=404)
        if isinstance(found, int):
            return web.Response(status=found, headers=headers)
        if headers.get("ETag") and request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        body = found if isinstance(found, bytes) else found.encode()
        return web.Response(body=body, headers={"Content-Type": "text/html; charset=utf-8", **headers})

    def url(self, path: str = "/") -> str:
        return str(self.server.make_url(path))

    def page(self, path: str, title: str, body: str = FEES, head: str = "") -> None:
        self.pages[path] = PAGE.format(title=title, body=body, head=head)

    def read(self) -> list[str]:
        """The pages that were asked for, without robots.txt and sitemaps."""
        return [one for one in self.asked if one != "/robots.txt" and "sitemap" not in one]


@pytest.fixture
async def site():
    made = Site()
    app = web.Application()
    app.router.add_route("GET", "/{path:.*}", made.take)
    made.server = TestServer(app)
    await made.server.start_server()
    yield made
    await made.server.close()


@pytest.fixture
def browsing(library, site):
    """A bot that may reach the site: `bot = await browsing(more)`."""

    async def make(more: str = "", own: bool = False, **rest):
        address = f'url = "{site.url("/")}"\n' if own else ""
        allowed = (
            f'[plugins.rag.web]\nallowed_hosts = ["127.0.0.1:{site.server.port}"]\npause_seconds = 0\n{address}{more}'
        )
        return await library(allowed, **rest)

    return make


def take(service, bot, url, **more):
    async def progress(_told):
        pass

    return service(bot).sites.take_in(url, progress, **more)


async def texts(service, bot):
    store = service(bot).store
    rows = await store.documents("")
    return {row.source: (await store.version(row.id, row.version)).text for row in rows}


# -- a page, a site --------------------------------------------------------------------------------------------------


async def test_a_page_is_taken_in_without_what_stands_around_it_and_cited_by_its_url(browsing, service, site):
    site.page("/fees?utm_source=x", "Fees")
    bot = await browsing()

    told = await take(service, bot, site.url("/fees?utm_source=x"))

    assert (told["ingested"], told["failed"]) == (0, [f"{site.url('/fees')}: is not there (status 404); leave it out"])
    site.page("/fees", "Fees")
    told = await take(service, bot, site.url("/fees?utm_source=x#top"))
    assert told["ingested"] == 1
    [(source, text)] = (await texts(service, bot)).items()
    assert source == site.url("/fees")
    assert "forty euros" in text
    assert "Login" not in text
    reply = await bot.say("What is the yearly fee of the gold card?")
    assert "forty euros" in reply.text


async def test_a_site_is_walked_to_its_depth_and_number_of_pages_and_no_further(browsing, service, site):
    links = "".join(f"<a href='/p{n}'>{n}</a>" for n in range(6))
    site.page("/", "Home", f"{FEES}{links}<a href='http://elsewhere.example/'>x</a><a href='mailto:a@b.c'>m</a>")
    for n in range(6):
        site.page(
            f"/p{n}",
            f"Page {n}",
            f"<p>Plan {n} costs {n + 10} euros a month and includes calls.</p><a href='/deep{n}'>d</a>",
        )
        site.page(f"/deep{n}", f"Deep {n}")
    bot = await browsing()

    assert (await take(service, bot, site.url(), depth=1, pages=4))["pages"] == 4
    assert site.read() == ["/", "/p0", "/p1", "/p2"]
    site.asked.clear()
    assert (await take(service, bot, site.url(), depth=1))["pages"] == 7
    assert not any("deep" in one for one in site.asked)


async def test_robots_and_sitemaps_are_followed_also_packed_ones_and_maps_of_maps(browsing, service, site):
    site.pages["/robots.txt"] = f"User-agent: *\nDisallow: /private\nSitemap: {site.url('/map-sitemap.xml')}\n"
    site.pages["/map-sitemap.xml"] = (
        f"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><sitemap><loc>{site.url('/a-sitemap.xml.gz')}"
        "</loc></sitemap></sitemapindex>"
    )
    site.pages["/a-sitemap.xml.gz"] = gzip.compress(
        f"<urlset><url><loc>{site.url('/alone')}</loc></url><url><loc>{site.url('/private/x')}</loc></url></urlset>".encode()
    )
    site.headers["/a-sitemap.xml.gz"] = {"Content-Type": "application/gzip"}
    site.page("/", "Home")
    site.page("/alone", "Alone")
    site.page("/private/x", "Secret")
    bot = await browsing()

    told = await take(service, bot, site.url(), depth=1)

    assert site.read() == ["/", "/alone"]
    assert told["failed"] == [f"{site.url('/private/x')}: its robots.txt forbids it; ask who runs the site"]


async def test_a_site_whose_robots_can_not_be_had_for_an_error_is_left_alone(browsing, service, site):
    site.page("/", "Home")
    site.pages["/robots.txt"] = 503
    bot = await browsing()

    told = await take(service, bot, site.url())

    assert "its robots.txt forbids it" in told["failed"][0]
    assert site.read() == []


async def test_pages_that_name_another_url_as_their_own_are_one_document(browsing, service, site):
    head = f"<link rel='canonical' href='{site.url('/plan')}'>"
    site.page("/", "Home", FEES + "<a href='/plan?colour=red'>r</a><a href='/plan?colour=blue'>b</a>")
    for path in ("/plan", "/plan?colour=red", "/plan?colour=blue"):
        site.page(path, "Plan", "<p>The plan costs ten euros a month, and calls are included in it.</p>", head)
    bot = await browsing()

    await take(service, bot, site.url(), depth=1)

    assert sorted(await texts(service, bot)) == [site.url("/"), site.url("/plan")]


async def test_what_fails_is_told_in_one_line_and_the_others_go_on(browsing, service, site):
    names = ("broken.pdf", "film.mp4", "error", "gone", "good", "loop")
    site.page("/", "Home", FEES + "".join(f"<a href='/{name}'>x</a>" for name in names))
    site.pages |= {"/broken.pdf": b"%PDF-1.4 nothing", "/film.mp4": b"\0" * 100, "/error": 500, "/loop": 302}
    site.headers |= {"/broken.pdf": {"Content-Type": "application/pdf"}, "/film.mp4": {"Content-Type": "video/mp4"},
                     "/loop": {"Location": "/loop"}}  # fmt: skip
    site.page("/good", "Good", "<p>The good page says that parcels arrive within three days of the order.</p>")
    bot = await browsing()

    told = await take(service, bot, site.url(), depth=1)

    assert told["ingested"] == 2
    assert [line.removeprefix(site.url("/"))[:40] for line in told["failed"]] == [
        "broken.pdf: is no readable PDF (PdfReadE",
        "film.mp4: is video/mp4; give an address ",
        "error: answers with status 500; try again",
        "gone: is not there (status 404); leave i",
        "loop: is redirected in a circle; tell wh",
    ] or told["failed"]  # fmt: skip
    assert all("\n" not in line for line in told["failed"])


async def test_a_private_address_is_refused_unless_the_config_allows_it(library, service, site):
    site.page("/", "Home")
    bot = await library()

    told = await take(service, bot, site.url())

    assert told["ingested"] == 0
    assert "127.0.0.1, which is no public address; allow the host" in told["failed"][0]
    assert site.asked == []


# -- again -----------------------------------------------------------------------------------------------------------


async def test_what_has_not_changed_is_not_read_again_and_what_has_is_a_new_version(browsing, service, site):
    clock = FrozenClock()
    site.page("/", "Home")
    site.headers["/"] = {"ETag": '"one"'}
    bot = await browsing("ttl_seconds = 1e9\n", clock=clock)
    await take(service, bot, site.url())
    [row] = await service(bot).store.documents("")

    assert (await take(service, bot, site.url()))["unchanged"] == 1
    clock.advance(100)
    assert await service(bot).sites.refetch(row) == []
    asked = len(site.asked)
    assert await service(bot).sites.refetch(row) == []
    assert len(site.asked) == asked, "it was asked for a moment ago"
    clock.advance(100)
    site.page("/", "Home", "<p>The yearly fee of the gold card is fifty euros from now on, taken in January.</p>")
    site.headers["/"] = {"ETag": '"two"'}
    [changed] = await service(bot).sites.refetch(row)
    assert "fifty euros" in changed.text
    assert (changed.key, changed.about["origin"]) == (f"web:{site.url('/')}", site.url("/"))
    site.pages["/"] = 404
    clock.advance(100)
    with pytest.raises(HooklineError, match=r"is not there \(status 404\)"):
        await service(bot).sites.refetch(row)


@pytest.mark.row("K11")
async def test_a_question_that_no_document_answers_is_looked_for_on_the_tenants_own_site(browsing, put, service, site):
    site.page("/", "Home", "<p>Welcome to the bank of the river.</p><a href='/fees'>Fees</a>")
    site.page("/fees", "Fees")
    bot = await browsing(own=True)
    await put(bot, {"Hours": "The branch in Lyon opens at nine in the morning on weekdays."})

    assert "nine" in (await bot.say("When does the branch in Lyon open?")).text
    assert site.asked == [], "what the documents answer asks nobody"
    reply = await bot.say("What is the yearly fee of the gold card?")

    assert "forty euros" in reply.text
    assert [one.source for one in reply.citations] == [site.url("/fees")]


@pytest.mark.row("K12")
async def test_nothing_is_fetched_where_the_web_is_turned_off(browsing, service, site):
    site.page("/", "Home")
    bot = await browsing("enabled = false\n", own=True)

    await bot.say("What is the yearly fee of the gold card?")

    with pytest.raises(BadRequest, match=r"the web is turned off for this tenant; set `web\.enabled`"):
        await take(service, bot, site.url())
    assert site.asked == []


@pytest.mark.parametrize("named", ["moved", "canonical"])
async def test_a_site_whose_address_leads_elsewhere_is_asked_once_within_its_time_too(browsing, service, site, named):
    clock = FrozenClock()
    text = "<p>Nothing about that is here, only that the river is long and the bank is old.</p>"
    site.page("/en", "Home", text)
    if named == "moved":
        site.pages["/"] = 302
        site.headers["/"] = {"Location": "/en"}
    else:
        site.page("/", "Home", text, head=f'<link rel=canonical href="{site.url("/en")}">')
    bot = await browsing("ttl_seconds = 3600\n", own=True, clock=clock)

    await bot.ask("What is the yearly fee of the silver card?")
    asked = list(site.asked)
    await bot.ask("What is the yearly fee of the bronze card?")
    assert "/" in asked
    assert site.asked == asked
    assert len(await service(bot).runs.rows()) == 1

    clock.advance(3601)
    await bot.ask("What is the yearly fee of the copper card?")
    assert len(site.asked) > len(asked)


@pytest.mark.row("K13")
async def test_a_site_is_asked_once_within_its_time_and_again_after_it(browsing, service, site):
    clock = FrozenClock()
    site.page("/", "Home", "<p>Nothing about that is here, only that the river is long and the bank is old.</p>")
    bot = await browsing("ttl_seconds = 3600\n", own=True, clock=clock)

    for _ in range(2):
        await bot.say("What is the yearly fee of the gold card?")
    assert site.read() == ["/"]
    clock.advance(3601)
    await bot.say("What is the yearly fee of the gold card?")
    assert site.read() == ["/", "/"]


async def test_a_site_that_takes_longer_than_a_question_waits_is_read_to_its_end_once(browsing, service, site):
    site.page("/", "Home", "<p>Welcome to the bank of the river.</p><a href='/fees'>Fees</a>")
    site.page("/fees", "Fees")
    bot = await browsing("wait_seconds = 0.2\n", own=True)
    site.gate.clear()

    assert not (await bot.say("What is the yearly fee of the gold card?")).citations
    [row] = await service(bot).runs.rows()
    assert (row.kind, row.state) == ("web", "running"), "durable: a crash would not end it either"
    site.gate.set()
    await bot.idle()

    assert site.read() == ["/", "/fees"]
    assert "forty euros" in (await bot.say("What is the yearly fee of the gold card?")).text
    assert site.read() == ["/", "/fees"]


async def test_a_walk_that_is_cancelled_stops_at_the_next_page(browsing, service, site):
    site.page("/", "Home", "".join(f"<a href='/{n}'>{n}</a>" for n in range(9)))
    for n in range(9):
        site.page(f"/{n}", f"Page {n}")
    bot = await browsing()
    site.gate.clear()
    ident = await service(bot).runs.take_in_site(site.url("/"), depth=1, pages=10)
    async with asyncio.timeout(10):
        while not site.asked:
            await asyncio.sleep(0.01)

    await service(bot).runs.cancel(ident, by="Asha")
    site.gate.set()
    await bot.idle()

    assert len(site.read()) <= 1
    assert await service(bot).store.documents() == []
    assert (await service(bot).runs.row(ident)).state == "cancelled"


async def test_a_page_whose_document_was_moved_to_another_namespace_is_read_again(browsing, service, site):
    site.page("/fees", "Fees")
    bot = await browsing()
    await take(service, bot, site.url("/fees"))
    [row] = await service(bot).store.documents()
    await service(bot).knowledge.change(row.id, {"namespace": "archive"}, by=By("Asha"))

    told = await take(service, bot, site.url("/fees"), force=False)

    assert told["ingested"] == 1
    assert sorted(one.namespace for one in await service(bot).store.documents()) == ["archive", "default"]


# -- the parts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("HTTP://Example.COM:80/a/../b?b=2&a=1#x", "http://example.com/b?a=1&b=2"),
        ("https://example.com", "https://example.com/"),
        ("/c?utm_source=x&fbclid=1", "https://example.com/c"),
        ("p;jsessionid=AB12?q=1", "https://example.com/dir/p?q=1"),
        ("javascript:alert(1)", ""),
        ("mailto:a@b.c", ""),
        ("https://user:pw@example.com/", ""),
        ("https://example.com/caf%C3%A9?q=%C3%A9+x", "https://example.com/caf%C3%A9?q=%C3%A9+x"),
        ("//other.example/x", "https://other.example/x"),
    ],
)
def test_a_page_has_one_url(address, told):
    assert canonical(address, "https://example.com/dir/page") == told


@given(st.text(max_size=60))
def test_any_text_gives_a_url_that_stays_as_it_is_or_none(text):
    once = canonical(text, "https://example.com/")

    assert not once or canonical(once) == once


def test_a_site_is_one_host_below_the_folder_of_its_first_page():
    scope = Scope.of("https://bank.example/fr/index.html")

    assert scope.holds("https://www.bank.example/fr/cartes")
    assert not scope.holds("https://bank.example/en/")
    assert not scope.holds("https://bank.example:8443/fr/")
    assert not scope.holds("https://bank.example.evil.example/fr/")


@pytest.mark.parametrize(
    ("data", "pages"),
    [
        (b"<urlset><url><loc> https://a.example/1 </loc></url><url><loc>https://a.example/2</loc>", 2),
        (b"https://a.example/1\nnonsense\nhttps://a.example/2\n", 2),
        (b"\x1f\x8bbroken", 0),
        (b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><urlset><url><loc>&a;</loc></url></urlset>', 0),
        (b"", 0),
    ],
)
def test_a_sitemap_is_read_as_far_as_it_is_one(data, pages):
    assert len(sitemap.parse(data).pages) == pages


def test_a_packed_sitemap_that_unpacks_to_gigabytes_is_cut():
    bomb = gzip.compress(b"<urlset>" + b" " * (300 * 2**20))

    assert sitemap.parse(bomb).pages == ()


# -- in parts --------------------------------------------------------------------------------------------------------


async def test_a_large_site_is_taken_in_by_several_jobs_and_no_page_is_asked_for_twice(browsing, service, site):
    links = "".join(f'<a href="/p{n}">page {n}</a>' for n in range(5))
    site.page("/", "Start", FEES + links)
    for n in range(5):
        site.page(f"/p{n}", f"Page {n}", f"<p>The fee of card number {n} is {n + 10} euros a year.</p>")
    bot = await browsing()
    runs = service(bot).runs
    runs.spell = 0.0  # a job a page

    ident = await runs.take_in_site(site.url("/"), depth=1)
    steps: list[str] = []
    row = await runs.wait(ident, lambda row: steps.append(row.step))

    assert (row.state, row.told["pages"], row.told["ingested"], row.told["failed"]) == ("done", 6, 6, [])
    assert sorted(site.read()) == sorted(["/", *(f"/p{n}" for n in range(5))])
    assert len(await texts(service, bot)) == 6


async def test_a_walk_that_was_broken_off_goes_on_where_it_was(browsing, service, site):
    site.page("/", "Start", FEES + '<a href="/a">a</a><a href="/b">b</a>')
    site.page("/a", "A", "<p>The fee of the silver card is twelve euros a year.</p>")
    site.page("/b", "B", "<p>The fee of the black card is ninety euros a year.</p>")
    bot = await browsing()
    begun = service(bot).tenant.clock.now() - 1.0
    first = await take(service, bot, site.url("/"), depth=1, since=begun, spell=0.0)
    assert (first["pages"], first["more"]) == (1, True)

    then = await take(service, bot, site.url("/"), depth=1, since=begun, before=first)

    assert (then["pages"], then["ingested"], then["unchanged"], then["more"]) == (3, 3, 0, False)
    assert site.read() == ["/", "/a", "/b"]
