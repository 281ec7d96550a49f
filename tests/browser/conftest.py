"""A real server in a process of its own, a scripted model for it, and people with browsers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import attrs
import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from hookline.testing.loopback import Silence
from hookline.testing.ollama import FakeOllama

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PAGES = ROOT / "plugins/webchat/src/hookline_webchat/static"
PACKAGES = ROOT / "node_modules"
FIRST = "Roaming in Switzerland costs 4.20 euros per minute."
SECOND = "Incoming calls there cost 1.10 euros per minute."
LOST = "If your phone is lost abroad, call +49 30 555 0100 at once."
BANNER = "The banner code is <script>window.ran=1</script> and <img src=x onerror=window.ran=2> in one line."
DOCUMENTS = {
    "Roaming guide": "\n\n".join([
        FIRST + " " + SECOND,
        *(f"In zone {n} the usual fair use applies to all plans." for n in range(2, 60)),
        LOST,
    ]),
    "Banner <b>code</b>": BANNER,
    "रोमिंग गाइड": "स्विट्ज़रलैंड में रोमिंग का शुल्क 380 रुपये प्रति मिनट है। बिल हर महीने की पहली तारीख को भेजा जाता है।",
    "ரோமிங் வழிகாட்டி": "சுவிட்சர்லாந்தில் ரோமிங் கட்டணம் நிமிடத்திற்கு 380 ரூபாய். பில் ஒவ்வொரு மாதமும் முதல் தேதியில் அனுப்பப்படும்.",
}  # fmt: skip
CONFIG = """
title = "Acme Mobile"
languages = ["en", "hi", "ta"]
[plugins]
enabled = ["webchat", "llm", "rag", "embeddings"]
[plugins.webchat]
quick_replies = {{ en = ["What does roaming cost in Switzerland?"] }}
[plugins.embeddings.models.default]
kind = "hashing"
[plugins.llm]
chain = ["ollama"]
[plugins.llm.providers.ollama]
host = "{ollama}"
[cors]
allow_origins = ["{origin}"]
[ratelimit]
requests = 0
contact_requests = 0
"""

PASSWORD = "correct horse battery staple"

expect.set_options(timeout=15_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each of them is quick, all of them take minutes."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.slow)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@attrs.define
class Server:
    """`hookline serve` with one tenant; after `kill` it can start again on the same port and data."""

    tenants: Path
    data: Path
    tenant: str = "acme"
    port: int = attrs.Factory(free_port)
    key: str = ""
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Returns when it serves."""
        command = [*self._hookline("serve"), "--port", str(self.port), "--log", "json"]
        with self.data.with_suffix(".log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        async with asyncio.timeout(60), aiohttp.ClientSession() as http:
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    async with http.get(f"{self.url}/health") as response:
                        if response.status == 200:
                            return
                assert self.process.poll() is None, self.data.with_suffix(".log").read_text()[-3000:]
                await asyncio.sleep(0.05)

    async def know(self, documents: dict[str, str]) -> None:
        """Take documents in; an admin key is made for that."""
        await self.make_key()
        given = [{"title": title, "content": text} for title, text in documents.items()]
        async with (
            aiohttp.ClientSession(headers={"X-API-Key": self.key}) as http,
            http.post(f"{self.url}/rag/ingest", json={"documents": given}) as response,
        ):
            assert (await response.json())["ingested"] == len(given)

    async def make_key(self) -> None:
        """Make an admin key: `key`."""
        made = await asyncio.to_thread(
            subprocess.run,
            [*self._hookline("key", "create"), "--name", "test", "--role", "admin"],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        [self.key] = re.findall(r"\bhk_\S+", made.stdout) or [made.stdout]

    async def staff(self, role: str, name: str, password: str = PASSWORD) -> str:
        """Make an account; the address to sign in with."""
        email = f"{name.partition(' ')[0].lower()}@acme.example"
        command = [*self._hookline("user", "create"), email, "--role", role, "--name", name, "--password-stdin"]
        await asyncio.to_thread(
            subprocess.run, command, check=True, capture_output=True, text=True, input=f"{password}\n"
        )
        return email

    def kill(self) -> None:
        """As kill -9 does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def _hookline(self, *command: str) -> list[str]:
        where = ["--tenant", self.tenant, "--tenants", str(self.tenants), "--data", str(self.data)]
        return [sys.executable, "-m", "hookline", *command, *where]


@attrs.define
class Person:
    """Somebody with a page before them; `faults` are the errors that its console shows."""

    page: Page
    faults: list[str] = attrs.Factory(list)
    forgiven: str = r"$^"

    @property
    def box(self) -> Locator:
        return self.page.locator("hookline-chat textarea")

    @property
    def answers(self) -> Locator:
        """What the bot said, the greeting first."""
        return self.page.locator(".row.bot")

    @property
    def own(self) -> Locator:
        return self.page.locator(".row.own")

    async def say(self, text: str) -> None:
        await self.box.fill(text)
        await self.box.press("Enter")

    async def focus(self) -> Any:
        """What has the focus, also in shadow roots: its label, text or tag."""
        return await self.page.evaluate(
            """() => {
                let one = document.activeElement;
                while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
                return one.ariaLabel || one.innerText || one.tagName;
            }"""
        )

    async def stored(self) -> list[tuple[str, str]]:
        """The conversation as the server has it: who, what."""
        told = await self.page.evaluate(
            """async () => {
                const chat = document.querySelector("hookline-chat");
                const answer = await fetch(`${chat.base}/webchat/messages`, {
                    headers: { Authorization: `Bearer ${chat.session.token}` },
                });
                return (await answer.json()).messages;
            }"""
        )
        return [(one["author"], one["text"]) for one in told]

    async def comes_to_be_stored(self, *expected: tuple[str, str]) -> None:
        """Wait until the server has this conversation and no other."""
        told = await self.stored()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(10):
                while told != list(expected):
                    await asyncio.sleep(0.05)
                    told = await self.stored()
        assert told == list(expected)


@attrs.define
class Elsewhere:
    """A web site of somebody else, whose pages a test writes; `policy` is their Content-Security-Policy."""

    port: int = attrs.Factory(free_port)
    body: str = ""
    policy: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def page(self, _request: web.Request) -> web.Response:
        head = (
            '<meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
            "<title>Shop</title>"
        )
        headers = {"Content-Security-Policy": self.policy} if self.policy else {}
        html = f'<!doctype html><html lang="en">{head}{self.body}'
        return web.Response(text=html, content_type="text/html", headers=headers)


def speak(body: dict[str, Any]) -> str:
    """The model: it knows about Switzerland, where it is asked about that and a passage does."""
    asked = body["messages"][-1]["content"]
    found = re.search(rf"\[(\d+)\] Roaming guide(?:(?!\n\[\d).)*{re.escape(FIRST)}", asked, re.DOTALL)
    if found is None or "Switzerland" not in asked.rpartition("<question>")[2]:
        return "NO_ANSWER"
    return f"{FIRST} [{found[1]}] {SECOND} [{found[1]}]"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ollama():
    async with FakeOllama(speak) as model:
        yield model


@pytest_asyncio.fixture(loop_scope="module")
async def pausing(ollama):
    """The model, which says no more than its first sentence until it is released."""
    ollama.always(Silence(after=len(FIRST.split()) + 3))
    yield ollama
    ollama.always(None)
    await ollama.refuse_connections()
    await ollama.accept_connections()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def elsewhere():
    site = Elsewhere()
    app = web.Application()
    app.router.add_get("/", site.page)
    app.router.add_static("/packages", PACKAGES)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", site.port).start()
    yield site
    await runner.cleanup()


@pytest.fixture(scope="module")
def tenants(tmp_path_factory, ollama, elsewhere):
    folder = tmp_path_factory.mktemp("browser") / "tenants"
    (folder / "acme").mkdir(parents=True)
    (folder / "acme/tenant.toml").write_text(CONFIG.format(ollama=ollama.host, origin=elsewhere.url))
    return folder


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tenants):
    """The server that most tests share."""
    assert (PAGES / "chat.html").exists(), "the pages are not built; run make web"
    server = Server(tenants, tenants.parent / "data")
    try:
        await server.start()
        await server.know(DOCUMENTS)
        yield server
    finally:
        server.kill()


@pytest_asyncio.fixture(loop_scope="module")
async def mortal(tenants, tmp_path):
    """A server of the test's own, to be killed."""
    server = Server(tenants, tmp_path / "data")
    try:
        await server.start()
        await server.know(DOCUMENTS)
        yield server
    finally:
        server.kill()


@pytest_asyncio.fixture(loop_scope="module")
async def telecom(tmp_path):
    """The sample tenant, as it is and with no documents."""
    server = Server(ROOT / "tenants", tmp_path / "data", "telecom")
    try:
        await server.start()
        yield server
    finally:
        server.kill()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def serve():
    """Start further servers: `await serve(tenants, data)`."""
    servers: list[Server] = []

    async def start(tenants: Path, data: Path, tenant: str = "acme") -> Server:
        server = Server(tenants, data, tenant)
        servers.append(server)
        await server.start()
        return server

    yield start
    for server in servers:
        server.kill()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium():
    async with async_playwright() as playwright:

        async def launch(*arguments: str) -> Browser:
            command = os.environ["HOOKLINE_CHROMIUM"]
            return await playwright.chromium.launch(executable_path=command, args=["--no-sandbox", *arguments])

        yield launch


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium):
    browser = await chromium()
    yield browser
    await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def visit(browser):
    """Open a page as somebody new: `await visit(url, width=360, locale="hi-IN", …)`; `beside=person` is their second tab.

    After the test no console may show an error (a violated Content-Security-Policy is one), but for those that match
    `forgiven`.
    """
    people: list[Person] = []

    async def go(url, *, beside=None, forgiven=r"$^", using=browser, width=1000, height=800, **options):
        if beside is not None:
            page = await beside.page.context.new_page()
        else:
            options = {"locale": "en-GB", "viewport": {"width": width, "height": height}, **options}
            page = await (await using.new_context(**options)).new_page()
        person = Person(page, forgiven=forgiven)
        people.append(person)
        page.on("console", lambda said: person.faults.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: person.faults.append(str(error)))
        await page.goto(url)
        return person

    yield go
    for person in people:
        await person.page.context.close()
    faults = [fault for person in people for fault in person.faults if not re.search(person.forgiven, fault)]
    assert faults == [], json.dumps(faults, indent=1)


@pytest.fixture
def axe():
    """What axe-core finds wrong with a page, contrast included: `await axe(page)`."""
    source = (PACKAGES / "axe-core/axe.min.js").read_text()

    async def examine(page: Page) -> list[str]:
        await page.evaluate(source)
        found = await page.evaluate("axe.run({ resultTypes: ['violations'] })")
        return [
            f"{one['id']}: {node['target']} {node['failureSummary']}"
            for one in found["violations"]
            for node in one["nodes"]
        ]

    return examine


@pytest.fixture
def until():
    """Wait until a condition is true."""

    async def wait(condition):
        async with asyncio.timeout(15):
            while not condition():
                await asyncio.sleep(0.02)

    return wait
