"""The agents' console under load, measured in Chromium with a real server and its real socket.

    python bench/console.py [--conversations 200] [--rate 20] [--seconds 60] [--replay 72000] [--json]

While customers write `--rate` messages a second into `--conversations` open conversations, an agent types: the longest
task of the page's thread, and the time from a key to the next paint (Event Timing; what is under 16 ms it does not say,
so those count as 16).  Then an hour's messages (`--replay`), as fast as the server takes them: how much the page's heap
has grown after collecting garbage.  Needs Chromium (HOOKLINE_CHROMIUM) and the built pages.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import CDPSession, Page, async_playwright

PASSWORD = "correct horse battery staple"
CONFIG = """
[plugins]
enabled = ["webchat", "handoff"]
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
[ratelimit]
requests = 0
contact_requests = 0
"""
WATCH = """() => {
    window.tasks = [];
    window.keys = [];
    new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((one) => one.duration)))
        .observe({ type: "longtask" });
    new PerformanceObserver((list) => window.keys.push(
        ...list.getEntries().filter((one) => one.name === "keydown").map((one) => one.duration),
    )).observe({ type: "event", durationThreshold: 16 });
}"""
WORDS = "Thank you for waiting, I am looking at your bill and the tariff of your line right now. "


class Crowd:
    """The customers, each with a session on the web chat."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self.http = http
        self.url = url
        self.tokens: list[str] = []
        self.sent = 0

    async def enter(self, count: int) -> None:
        """So many ask for a person."""
        for _ in range(count):
            async with self.http.post(f"{self.url}/webchat/session", json={"language": "en"}) as answer:
                self.tokens.append((await answer.json())["token"])
            await self.say(len(self.tokens) - 1, "I want to talk to a human agent about my bill")

    async def say(self, who: int, text: str) -> None:
        """A message of one of them."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        body = {"id": uuid.uuid4().hex, "text": text}
        async with self.http.post(f"{self.url}/webchat/messages", json=body, headers=headers) as answer:
            if answer.status >= 300:
                raise RuntimeError(await answer.text())
        self.sent += 1

    async def chatter(self, rate: float, until: float) -> None:
        """Messages at that rate, to all in turn."""
        begun, n = time.perf_counter(), 0
        async with asyncio.TaskGroup() as group:
            while (now := time.perf_counter()) < until:
                while n < (now - begun) * rate:
                    group.create_task(self.say(n % len(self.tokens), f"Message {n}: is there any news about my bill?"))
                    n += 1
                await asyncio.sleep(0.005)

    async def flood(self, count: int, at_once: int = 24) -> float:
        """So many messages, as fast as the server takes them; a second's."""
        begun, numbers = time.perf_counter(), iter(range(count))

        async def one() -> None:
            for n in numbers:
                await self.say(n % len(self.tokens), f"Message {n} of an hour: is there any news?")

        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(one())
        return count / (time.perf_counter() - begun)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def started(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    """The process, which writes to the log."""
    with log.open("wb") as file:
        return subprocess.Popen(command, stdout=file, stderr=file)


@contextlib.asynccontextmanager
async def serving(folder: Path) -> Any:
    """`hookline serve` with one tenant and one supervisor; its address."""
    (folder / "tenants/acme").mkdir(parents=True)
    (folder / "tenants/acme/tenant.toml").write_text(CONFIG)
    where = ["--tenant", "acme", "--tenants", str(folder / "tenants"), "--data", str(folder / "data")]
    port = free_port()
    hookline = [sys.executable, "-m", "hookline"]
    command = [*hookline, "serve", *where, "--port", str(port), "--log", "json"]
    server = await asyncio.to_thread(started, command, folder / "log")
    try:
        url = f"http://127.0.0.1:{port}"
        async with asyncio.timeout(60), aiohttp.ClientSession() as http:
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    async with http.get(f"{url}/health") as answer:
                        if answer.status == 200:
                            break
                if server.poll() is not None:
                    raise RuntimeError((folder / "log").read_text()[-2000:])
                await asyncio.sleep(0.05)
        make = [*hookline, "user", "create", *where, "meera@acme.example", "--role", "supervisor", "--password-stdin"]
        await asyncio.to_thread(subprocess.run, make, check=True, capture_output=True, text=True, input=f"{PASSWORD}\n")
        yield url
    finally:
        server.kill()
        server.wait()


async def signed_in(page: Page, url: str) -> None:
    """The console with its first conversation open."""
    await page.goto(f"{url}/console?view=all")
    await page.locator("input[name=email]").fill("meera@acme.example")
    await page.locator("input[name=password]").fill(PASSWORD)
    await page.locator("input[name=password]").press("Enter")
    await page.locator("hookline-console-list .item").first.click()
    await page.locator("hookline-console-composer textarea").wait_for()


async def heap(cdp: CDPSession) -> float:
    """MB that the page's heap holds once garbage is collected."""
    for _ in range(3):
        await cdp.send("HeapProfiler.collectGarbage")
        await asyncio.sleep(0.2)
    metrics = {one["name"]: one["value"] for one in (await cdp.send("Performance.getMetrics"))["metrics"]}
    return float(metrics["JSHeapUsedSize"]) / 1e6


async def shown(page: Page) -> int:
    """How many open conversations the page has."""
    text = await page.locator("hookline-console-list header .num").text_content()
    return int(text or 0)


async def measure(told: argparse.Namespace) -> dict[str, Any]:
    """All figures."""
    folder = Path(tempfile.mkdtemp(prefix="console-"))
    chromium = os.environ.get("HOOKLINE_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    try:
        async with (
            serving(folder) as url,
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=64)) as http,
            async_playwright() as playwright,
        ):
            crowd = Crowd(http, url)
            await crowd.enter(told.conversations)
            browser = await playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--enable-precise-memory-info"]
            )
            page = await browser.new_page(viewport={"width": 1440, "height": 900})
            await signed_in(page, url)
            cdp = await page.context.new_cdp_session(page)
            await cdp.send("Performance.enable")
            await page.evaluate(WATCH)

            until = time.perf_counter() + told.seconds
            chatter = asyncio.create_task(crowd.chatter(told.rate, until))
            box, keys = page.locator("hookline-console-composer textarea"), 0
            while time.perf_counter() < until:
                for letter in WORDS:
                    await box.press(re.sub(" ", "Space", letter))
                    keys += 1
                    await asyncio.sleep(0.05)
                await box.fill("")
            await chatter
            slow, tasks = await page.evaluate("window.keys"), await page.evaluate("window.tasks")
            paints = sorted([*slow, *[16.0] * max(0, keys - len(slow))])

            before = await heap(cdp)
            speed = await crowd.flood(told.replay)
            await page.wait_for_timeout(3_000)
            after = await heap(cdp)
            longest = await page.evaluate("Math.max(0, ...window.tasks)")
            figures = {
                "conversations": await shown(page),
                "messages_a_second": told.rate,
                "keys": keys,
                "key_to_paint_p50_ms": paints[len(paints) // 2],
                "key_to_paint_p95_ms": paints[int(len(paints) * 0.95)],
                "longest_task_ms": round(max(tasks, default=0.0), 1),
                "tasks_over_50_ms": len(tasks),
                "replayed": told.replay,
                "replayed_a_second": round(speed, 1),
                "longest_task_in_replay_ms": round(longest, 1),
                "heap_before_mb": round(before, 2),
                "heap_after_mb": round(after, 2),
                "heap_growth_mb": round(after - before, 2),
            }
            await browser.close()
            return figures
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=200)
    parser.add_argument("--rate", type=float, default=20.0, help="messages a second while the agent types")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long the agent types")
    parser.add_argument("--replay", type=int, default=72_000, help="messages of the hour that is replayed")
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args()
    figures = asyncio.run(measure(told))
    if told.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name.replace('_', ' '):28} {value}")


if __name__ == "__main__":
    main()
