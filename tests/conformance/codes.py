"""Codes that prove who somebody is: sent by Twilio's Messages and Calls with ours, and by Twilio Verify with its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flows import ACCOUNT, SENDER, site

import hookline_identity
from hookline.hookspecs import hookimpl
from hookline.message import Account, Intent, Reply
from hookline.plugin import Plugin
from hookline.tenant import Tenant
from hookline.testing.bot import Bot
from hookline.turn import Turn

WAYS = ("sms", "whatsapp", "voice")
PHONE, MAIL = "+919800000001", "ravi@example.com"


class Teller:
    """Knows a customer for each way, C001 and so on, and says the balance of whoever has proved to be one."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    @hookimpl
    async def find_account(self, claim: str) -> Account | None:
        """The customer whose one registered address is of that way."""
        known = {f"C00{n}": (way, PHONE) for n, way in enumerate(WAYS)} | {"C009": ("email", MAIL)}
        return Account(claim, (known[claim],), "Ravi") if claim in known else None

    @hookimpl
    async def classify_intent(self, turn: Turn) -> list[Intent]:
        """Who asks for the balance."""
        return [Intent("balance" if "balance" in turn.message.text else "other")]

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        """Their balance."""
        return Reply("Your balance is 1.00.")


async def by_codes(urls: Mapping[str, str], folder: Path) -> None:
    """A code by each way of each backend that is there; Verify is asked whether it is the right one."""
    if "twilio messages" in urls:
        await _prove(folder / "own", "twilio", urls["twilio messages"], WAYS, "123456")
    if "twilio verify" in urls:
        await _prove(folder / "verify", "twilio_verify", urls["twilio verify"], (*WAYS, "email"), "123456")


async def _prove(folder: Path, backend: str, url: str, ways: tuple[str, ...], code: str) -> None:
    deliver = ", ".join(f'{way} = "{backend}"' for way in ways)
    rest = (
        f'service_sid = "VA{"0" * 32}"'
        if backend == "twilio_verify"
        else f'sms_from = "{SENDER}"\nwhatsapp_from = "whatsapp:{SENDER}"\nvoice_from = "{SENDER}"'
    )
    config = f"""
[plugins]
enabled = ["identity", "teller", "loopback"]
[plugins.identity]
protects = ["balance"]
claim_pattern = "C\\\\d{{3}}"
deliver = {{ {deliver} }}
[plugins.identity.{backend}]
account_sid = "{ACCOUNT}"
auth_token = "token"
url = "{url}"
{rest}
"""
    async with site(folder, [hookline_identity.plugin, Plugin("teller", Teller)], config) as (bot, *_):
        for n, way in enumerate((*WAYS, "email")):
            if way in ways:
                await _ask(bot, f"customer-{n}", "C009" if way == "email" else f"C00{n}", code)


async def _ask(bot: Bot, customer: str, claim: str, code: str) -> None:
    for text in ("my balance, please", claim, code):
        await bot.say(text, who=customer)
        await bot.idle(120.0)
