"""Ours of the figure `whatsapp`: the whole application with the plugin `whatsapp` on Meta, and a bot that repeats what it hears.

    python whatsapphook.py PROVIDER_PORT [--accept]

With --accept its turns wait, as they do where other processes run them, and nothing is marked as read: what is measured is the way from the
signed request to the durable row.  Without, all is as a tenant has it: read receipts, the turn, and the reply to the provider.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from host import hosting
from serving import serve

import hookline_whatsapp
from hookline.app import make_app
from hookline.hookspecs import hookimpl
from hookline.message import Reply
from hookline.plugin import Plugin
from hookline.tenant import Tenant
from hookline.turn import Turn

SECRET, NUMBER = "bench-secret-of-the-app", "109876543210987"
CONFIG = """
[plugins.whatsapp]
provider = "meta"
read_receipts = {receipts}
typing = {receipts}
numbers.main = {{ id = "{number}", phone = "+911234567890", per_second = 1e6 }}
[plugins.whatsapp.meta]
access_token = "bench-token"
app_secret = "{secret}"
verify_token = "bench"
url = "http://127.0.0.1:{port}"
"""


class Parrot:
    """Repeats what it hears."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        return Reply(turn.message.text)


async def main(port: str, *options: str) -> None:
    accept = "--accept" in options
    config = CONFIG.format(port=port, secret=SECRET, number=NUMBER, receipts=json.dumps(not accept))
    async with hosting([hookline_whatsapp.plugin, Plugin("parrot", Parrot)], config) as runtime:
        if accept:
            await runtime.lanes.close(grace=0)
        await serve(make_app(runtime))


def body(ident: str, sender: str, text: str, at: int) -> dict[str, Any]:
    """A message as Meta posts it."""
    told = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "911234567890", "phone_number_id": NUMBER},
        "contacts": [{"profile": {"name": "Asha"}, "wa_id": sender}],
        "messages": [{"from": sender, "id": ident, "timestamp": str(at), "type": "text", "text": {"body": text}}],
    }
    change = {"value": told, "field": "messages"}
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
