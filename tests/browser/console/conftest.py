"""A server with the agents' desk, customers who write to it over HTTP, and agents with the console before them."""

from __future__ import annotations

import asyncio
import itertools
import uuid
from typing import Any

import aiohttp
import attrs
import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

PASSWORD = "correct horse battery staple"
CONFIG = """
title = "Acme Mobile"
languages = ["en", "hi", "fr"]
[plugins]
enabled = ["webchat", "handoff", "scoring", "rag", "embeddings"]
[plugins.embeddings.models.default]
kind = "hashing"
[plugins.handoff]
triggers = ["user_request"]
while_waiting = "silent"
wait_limit = 0
[plugins.handoff.assignment]
capacity = 0
[[plugins.handoff.sla]]
name = "standard"
first_response = 900
next_reply = 1800
resolution = 86400
[plugins.handoff.csat]
enabled = false
[ratelimit]
requests = 0
contact_requests = 0
"""
FORGIVEN = r"status of (401|403|404|409)"
_numbers = itertools.count(1)


@attrs.define
class Customer:
    """Somebody on the web chat, who speaks its published routes."""

    http: aiohttp.ClientSession
    url: str
    token: str
    conversation: str

    async def say(self, text: str) -> None:
        body = {"id": uuid.uuid4().hex, "text": text}
        async with self.http.post(f"{self.url}/webchat/messages", json=body, headers=self._headers) as response:
            assert response.status < 300, await response.text()

    async def heard(self) -> list[tuple[str, str]]:
        """Everything in the conversation: who, what."""
        async with self.http.get(f"{self.url}/webchat/messages?limit=100", headers=self._headers) as response:
            return [(one["author"], one["text"]) for one in (await response.json())["messages"]]

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@attrs.define
class AgentPage:
    """An agent before the console."""

    page: Page
    id: str
    name: str

    @property
    def rows(self) -> Locator:
        return self.page.locator("hookline-console-list .item")

    @property
    def messages(self) -> Locator:
        return self.page.locator("hookline-console-thread .msg .bubble")

    @property
    def box(self) -> Locator:
        return self.page.locator("hookline-console-composer textarea")

    async def view(self, name: str) -> None:
        await self.page.locator("hookline-console-rail").get_by_role("button", name=name).first.click()

    async def open(self, row: int = 0) -> None:
        await self.rows.nth(row).click()
        await expect(self.messages.first).to_be_visible()

    async def take(self) -> None:
        await self.page.keyboard.press("Alt+a")
        await expect(self.page.locator("hookline-console-head")).to_contain_text("With you")

    async def write(self, text: str) -> None:
        await self.box.fill(text)
        await self.box.press("Enter")

    async def api(self, method: str, path: str, body: Any = None) -> Any:
        """A request of the page itself, with its cookies."""
        return await self.page.evaluate(
            """async ([method, path, body]) => {
                const answer = await fetch(path, { method, headers: { "Content-Type": "application/json", "X-Hookline-CSRF": "1" },
                    ...(body === null ? {} : { body: JSON.stringify(body) }) });
                const text = await answer.text();
                return { status: answer.status, body: text ? JSON.parse(text) : null };
            }""",
            [method, path, body],
        )


@pytest.fixture(scope="module")
def desk_config() -> str:
    return CONFIG


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(serve, tmp_path_factory, desk_config):
    """A server with two agents, a supervisor and a viewer."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "tenants/acme").mkdir(parents=True)
    (folder / "tenants/acme/tenant.toml").write_text(desk_config)
    server = await serve(folder / "tenants", folder / "data")
    for role, name in (
        ("agent", "Asha Rao"),
        ("agent", "Jean Dupont"),
        ("supervisor", "Meera Iyer"),
        ("viewer", "Vic Lund"),
    ):
        await server.staff(role, name)
    return server


@pytest_asyncio.fixture(loop_scope="module")
async def customer(desk):
    """Somebody new on the web chat: `await customer("I want to talk to a person")`."""
    async with aiohttp.ClientSession() as http:

        async def write(*said: str, server=desk) -> Customer:
            async with http.post(f"{server.url}/webchat/session", json={"language": "en"}) as response:
                told = await response.json()
            one = Customer(http, server.url, told["token"], told["conversation"])
            for text in said:
                await one.say(text)
            return one

        yield write


@pytest_asyncio.fixture(loop_scope="module")
async def agent(desk, visit):
    """An agent signed in before the console: `await agent("asha", width=…)`; a browser of their own each."""

    async def enter(
        who: str = "asha", *, server=desk, query: str = "?view=all", forgiven: str = FORGIVEN, **options
    ) -> AgentPage:
        options = {"width": 1440, "height": 900, **options}
        person = await visit(f"{server.url}/console{query}", forgiven=forgiven, **options)
        page = person.page
        await page.locator("input[name=email]").fill(f"{who}@acme.example")
        await page.locator("input[name=password]").fill(PASSWORD)
        await page.locator("input[name=password]").press("Enter")
        await expect(page.locator("hookline-console-rail")).to_be_attached()
        told = await page.evaluate("fetch('console/api/me').then((answer) => answer.json())")
        return AgentPage(page, told["agent"]["id"], told["agent"]["name"])

    return enter


@pytest.fixture
def escalated(customer):
    """Customers who wait for a person: `await escalated("My bill is wrong")`."""

    async def write(*said: str, server=None) -> Customer:
        more = {"server": server} if server else {}
        return await customer(*said, f"I want to talk to a human agent, case {next(_numbers)}", **more)

    return write


@pytest.fixture
def within():
    """Wait for an async condition: `await within(1.0, check)`; the seconds that it took."""

    async def wait(seconds: float, check) -> float:
        loop = asyncio.get_running_loop()
        start = loop.time()
        async with asyncio.timeout(seconds):
            while not await check():
                await asyncio.sleep(0.02)
        return loop.time() - start

    return wait
