"""Whether time tells who is a customer: requests about customers, customers without an address, and nobody, beside each other.

    python bench/enumeration.py [--each 400] [--seed 1]

The sample bank `financial` over HTTP on SQLite, each claim asked about once, in random order, each when all work before it is
done.  `otp` asks for a code, `verify` tries a wrong one, `chat` names the customer in the chat, `after` is a plain request right
behind `otp`, which would wait for work that only a customer causes.  Beside the medians stands how often a request about a
customer took longer than one about nobody: 0.5 is chance (`auc`; `noise` is its 95 % band for two equal distributions).
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import math
import random
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from hookline.app import make_app
from hookline.catalogue import Catalogue
from hookline.clock import Clock
from hookline.logs import Logs
from hookline.testing.bot import Bot
from tenant_financial.models import customer

BANK = Path(__file__).parent.parent / "tenants" / "financial"
CONFIG = """
[locale]
phone_region = "IN"
[plugins]
enabled = ["tenant_financial", "identity", "loopback"]
[plugins.identity]
protects = ["balance"]
claim_pattern = "C\\\\d{3,8}"
deliver = { sms = "folder" }
limits = { account_sends = 100000, contact_sends = 100000, address_sends = 100000, address_wrong = 100000 }
[ratelimit]
requests = 0
contact_requests = 0
"""
KINDS = ("customer", "no address", "nobody")


async def _open(folder: Path, each: int) -> tuple[Bot, TestClient[Any, Any], list[tuple[str, str]]]:
    home = folder / "tenants" / "bank"
    shutil.copytree(BANK / "locales", home / "locales")
    known = Catalogue.load()
    plugins = [known.get("tenant_financial"), known.get("identity")]
    bot = await Bot(plugins, folder, {"bank": CONFIG}, Clock()).start()
    claims = [(kind, f"C{10_000 + 10_000 * at + n}") for at, kind in enumerate(KINDS) for n in range(each)]
    db = bot.tenant("tenant_financial", "bank").db
    for n, (kind, number) in enumerate(claims):
        if kind != "nobody":
            phone = f"+9198{n:08d}" if kind == "customer" else ""
            await db.write(customer.insert(0.0, number=number, name=f"Customer {n}", phone=phone))
    client = TestClient(TestServer(make_app(bot.runtime)))
    await client.start_server()
    return bot, client, claims


async def _took(client: TestClient[Any, Any], method: str, path: str, body: dict[str, str] | None = None) -> float:
    before = time.perf_counter()
    async with client.request(method, f"/t/bank{path}", json=body) as response:
        await response.read()
    return (time.perf_counter() - before) * 1000


async def measure(each: int, seed: int) -> dict[str, object]:
    """All figures, by what was asked."""
    chance = random.Random(seed)
    took: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        bot, client, claims = await _open(Path(scratch), each)
        chance.shuffle(claims)
        for n, (kind, number) in enumerate(claims):
            shown = {
                "otp": ("POST", "/identity/otp", {"customer_id": number}),
                "after": ("GET", "/identity/status?session_id=nobody", None),
                "verify": ("POST", "/identity/verify", {"customer_id": number, "otp": "000000"}),
                "chat": ("POST", "/chat", {"message": f"my balance, I am {number}", "user_id": f"u{n}"}),
            }
            for what, request in shown.items():
                if what != "after":
                    await bot.idle()
                took.setdefault(what, {}).setdefault(kind, []).append(await _took(client, *request))
        await client.close()
        await bot.close()
    return {what: _compared(found) for what, found in took.items()}


def _compared(took: dict[str, list[float]]) -> dict[str, object]:
    settled = {kind: times[len(times) // 10 :] for kind, times in took.items()}  # what comes first warms up
    nobody = settled["nobody"]
    found: dict[str, object] = {
        kind: {
            "p50_ms": round(statistics.median(times), 3),
            "p10_ms": round(statistics.quantiles(times, n=10)[0], 3),
            "p90_ms": round(statistics.quantiles(times, n=10)[8], 3),
            "auc": round(_auc(times, nobody), 3),
        }
        for kind, times in settled.items()
    }
    count = len(nobody)
    found["noise"] = round(1.96 * math.sqrt((2 * count + 1) / (12 * count * count)), 3)
    return found


def _auc(ones: list[float], others: list[float]) -> float:
    return sum((a > b) + (a == b) / 2 for a in ones for b in others) / (len(ones) * len(others))


def main() -> None:
    """Print the figures as JSON."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--each", type=int, default=400, help="claims of each kind (default: 400)")
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    Logs(stream=io.StringIO(), style="json", level="error").configure()
    print(json.dumps(asyncio.run(measure(options.each, options.seed)), indent=2))


if __name__ == "__main__":
    main()
