"""A bank of a few customers, whose own code answers what its customers ask: what the tests of this plugin talk to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer

import hookline_identity
from hookline.app import KEYS, make_app
from hookline.hookspecs import hookimpl
from hookline.message import Account, Intent, Message, Reply
from hookline.plugin import Plugin
from hookline.testing.clock import FrozenClock

BALANCE, OTHER_BALANCE = "45,200.50", "99,999.00"
ACCOUNTS = {
    "C001": Account("C001", (("sms", "+919800000001"), ("email", "ravi@example.com")), "Ravi"),
    "C002": Account("C002", (("sms", "+919800000002"),), "Meena"),
    "C003": Account("C003", (("email", "asha@example.com"),), "Asha"),
}
BALANCES = {"C001": BALANCE, "C002": OTHER_BALANCE, "C003": "1.00"}
CONFIG = """
public_url = ""
title = "Vista Bank"
[locale]
phone_region = "IN"
[plugins.identity]
protects = ["balance", "flow:loan", "field:*"]
claim_pattern = "C\\\\d{3,6}"
deliver = { sms = "folder", email = "folder" }
"""


class Records:
    """The bank's records; a test changes them."""

    def __init__(self) -> None:
        self.accounts = dict(ACCOUNTS)
        self.looks: list[str] = []


RECORDS = Records()


class Bank:
    """The bank's own plugin: it knows its customers, and says a balance to whoever has proved to be one."""

    serves: Mapping[str, tuple[str, ...]] = {"call_function": ("balance",)}

    def __init__(self, tenant: Any) -> None:
        self.tenant = tenant

    @hookimpl
    async def find_account(self, claim: str) -> Account | None:
        RECORDS.looks.append(claim)
        wanted = re.sub(r"\W", "", claim).casefold()
        for one in RECORDS.accounts.values():
            known = [one.id, *(address for _, address in one.addresses)]
            if any(re.sub(r"\W", "", text).casefold().endswith(wanted) for text in known) and len(wanted) > 3:
                return one
        return None

    @hookimpl
    async def call_function(self, turn: Any, name: str, arguments: Mapping[str, Any]) -> Any:
        return BALANCES.get(turn.account, "nothing, as nobody is proved")

    @hookimpl
    async def classify_intent(self, turn: Any) -> list[Intent]:
        words = turn.message.text.lower()
        asked = ("balance", "बैलेंस", "बैलंस", "solde", "இருப்பு", "બેલેન્સ", "బ్యాలెన్స్", "ಬ್ಯಾಲೆನ್ಸ್")
        return [Intent("balance" if any(one in words for one in asked) else "other")]

    @hookimpl
    async def respond(self, turn: Any) -> Reply | None:
        if turn.message.text.startswith("loan"):
            challenge = await self.tenant.hooks.require_identity(turn, "flow:loan")
            again = await self.tenant.hooks.require_identity(turn, "flow:loan")
            assert again == challenge, "asked twice in one turn, it is the same challenge"
            return challenge.reply if challenge else Reply(f"The loan of {turn.account} is 5 lakh.")
        if turn.message.text.startswith("history"):
            return Reply(" | ".join(m.text for m in turn.history) or "none")
        if turn.intents and turn.intents[0].name == "balance":
            found = await self.tenant.hooks.call_function(turn, "balance", {})
            return Reply(f"Your balance is {found}.")
        return Reply(f"bank: {turn.message.text}")


BANK = Plugin("bank", hooks=Bank)
PLUGINS = [hookline_identity.plugin, BANK]


@pytest.fixture(autouse=True)
def records() -> Records:
    """The bank's records, as they were."""
    RECORDS.accounts = dict(ACCOUNTS)
    RECORDS.looks.clear()
    return RECORDS


class Branch:
    """The bank's bot and what its customers get on their phones."""

    def __init__(self, bot: Any) -> None:
        self.bot = bot

    @property
    def tenant(self) -> Any:
        return self.bot.tenant("identity")

    def letters(self) -> list[str]:
        """What was sent, oldest first."""
        folder = self.tenant.data / "outgoing"
        found = sorted(folder.glob("*.txt"), key=lambda path: path.name) if folder.exists() else []
        return [path.read_text(encoding="utf-8") for path in found]

    async def letter(self, n: int = 1) -> str:
        """The n-th that was sent."""
        await self.bot.until(lambda: len(self.letters()) >= n)
        return self.letters()[n - 1]

    async def code(self, n: int = 1) -> str:
        """The code in the n-th letter."""
        found = re.search(r"\b\d{6}\b", (await self.letter(n)).split("\n\n", 1)[1])
        assert found
        return found[0]

    async def say(self, text: str, **more: Any) -> Message:
        return await self.bot.say(text, **more)

    async def prove(self, who: str = "alice", customer: str = "C001") -> Message:
        """Have a customer prove who they are, by asking for the balance."""
        before = len(self.letters())
        await self.say("What is my balance?", who=who)
        await self.say(customer, who=who)
        return await self.say(await self.code(before + 1), who=who)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest_asyncio.fixture
async def branch(make_bot: Any, clock: FrozenClock) -> Branch:
    return Branch(await make_bot(plugins=PLUGINS, config=CONFIG, clock=clock))


@pytest_asyncio.fixture
async def serve(make_bot: Any):
    """Serve a bank over HTTP: `client, branch, key = await serve(config=…)`."""
    clients = []

    async def made(config: str = CONFIG, **more: Any):
        bot = await make_bot(plugins=PLUGINS, config=config, **more)
        app = make_app(bot.runtime)
        _, key = await app[KEYS].create("acme", "test", "admin")
        client = TestClient(TestServer(app))
        await client.start_server()
        clients.append(client)
        return client, Branch(bot), key

    yield made
    for client in clients:
        await client.close()


def wrong_of(code: str) -> str:
    """Six digits that are not the code."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


@pytest.fixture
def bank() -> SimpleNamespace:
    """What tests say of the bank."""
    return SimpleNamespace(
        config=CONFIG,
        phones=CONFIG.replace(', email = "folder"', ""),
        plugins=PLUGINS,
        balance=BALANCE,
        other=OTHER_BALANCE,
        wrong_of=wrong_of,
        branch=Branch,
    )


@pytest.fixture
def database_plugins():
    return PLUGINS
