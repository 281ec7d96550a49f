"""Drives what we send against the providers' published descriptions, and counts what they refuse: `make conformance SPECS=DIR`.

Each description is served by Prism (npm @stoplight/prism-cli, fetched when it is first needed; HOOKLINE_PRISM names one that is there), which refuses
a request that does not fit.  Before it stands a proxy that counts, and knows the few differences between a description and the provider's
own pages (`known`).  DIR has meta/, twilio/ and ollama/ with the files as their owners publish them; what is not there is named and left out.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import aiohttp
import attrs
import click
import structlog
from aiohttp import web
from codes import by_codes
from flows import FLOWS

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "@stoplight/prism-cli@5.16.0"
DESCRIPTIONS = {
    "meta": "meta/business-messaging-api*.yaml",
    "twilio messages": "twilio/twilio_api_v2010.json",
    "twilio content": "twilio/twilio_content_v1.json",
    "twilio taskrouter": "twilio/twilio_taskrouter_v1.json",
    "twilio conversations": "twilio/twilio_conversations_v1.json",
    "twilio verify": "twilio/twilio_verify_v2.json",
    "ollama": "ollama/openapi.yaml",
}
_PATIENCE = 240.0  # seconds that fetching and starting may take
_HOPS = {"host", "content-length", "transfer-encoding", "connection", "content-encoding", "keep-alive"}


@attrs.define(eq=False)
class Described:
    """A provider's description, served: requests are counted, what is refused is kept."""

    name: str
    prism: str = ""
    url: str = ""
    asked: Counter[str] = attrs.Factory(Counter)
    refused: list[str] = attrs.Factory(list)
    known: Counter[str] = attrs.Factory(Counter)

    async def handle(self, request: web.Request) -> web.Response:
        """Hand the request to Prism, and its answer back."""
        body = await request.read()
        headers = {key: value for key, value in request.headers.items() if key.lower() not in _HOPS}
        what = f"{request.method} {_shape(request.path)}"
        self.asked[what] += 1
        if self.name == "meta":
            body, answered = self._as_meta(request, body)
            if answered is not None:
                return answered
        elif b"MediaUrl=" in body:
            body = body.replace(b"MediaUrl=", b"MediaUrl%5B%5D=")
            self.known["MediaUrl: the form's field, to Prism an array's name with []"] += 1
        async with (
            aiohttp.ClientSession() as http,
            http.request(request.method, f"{self.prism}{request.raw_path}", data=body, headers=headers) as answer,
        ):
            raw, status, kind = await answer.read(), answer.status, answer.headers.get("Content-Type", "")
        if status >= 400:
            self.refused.append(f"{what}: {status} {_reasons(raw)}")
        return web.Response(body=_made_anew(raw), status=status, headers={"Content-Type": kind})

    def _as_meta(self, request: web.Request, body: bytes) -> tuple[bytes, web.Response | None]:
        """The body without what Meta's pages have and its description does not, or the answer where it has no such request."""
        if not request.path.endswith("/messages"):
            return body, None
        told = json.loads(body)
        if told.get("status") == "read":
            self.known["status: read, which the description has as an example and in no schema of its path"] += 1
            return body, web.json_response({"success": True})
        if told.get("type") != "template" and told.pop("biz_opaque_callback_data", None):
            self.known["biz_opaque_callback_data: in Meta's pages for every message, in the description for calls"] += 1
        return json.dumps(told).encode(), None


def _shape(path: str) -> str:
    """The path without its ids."""
    return "/".join(
        "…" if len(part) > 12 and any(letter.isdigit() for letter in part) else part for part in path.split("/")
    )


def _reasons(raw: bytes) -> str:
    try:
        told = json.loads(raw)
    except ValueError:
        return raw[:200].decode(errors="replace")
    found = [f"{'.'.join(one.get('location', []))}: {one.get('message', '')}" for one in told.get("validation", ())]
    return "; ".join(found[:4]) or str(told.get("detail") or told.get("title") or told)[:300]


def _made_anew(raw: bytes) -> bytes:
    """The example with ids of its own, as two messages never have one, and without tasks that would be there already."""
    try:
        told = json.loads(raw)
    except ValueError:
        return raw
    if not isinstance(told, dict):
        return raw
    if isinstance(told.get("messages"), list) and told["messages"] and "messaging_product" in told:
        told["messages"][0]["id"] = f"wamid.{secrets.token_hex(12)}"
    if isinstance(told.get("sid"), str):
        told["sid"] = told["sid"][:2] + secrets.token_hex(16)
    if isinstance(told.get("tasks"), list):
        told["tasks"] = []
    return json.dumps(told).encode()


@contextlib.asynccontextmanager
async def serving(name: str, file: Path) -> AsyncIterator[Described]:
    """The description behind its proxy."""
    described, log = Described(name), Path(tempfile.mkdtemp(prefix="conformance-")) / "log"
    port = _free_port()
    named = os.environ.get("HOOKLINE_PRISM")
    begin = (
        [named]
        if named
        else ["sh", str(ROOT / "scripts" / "npm.sh"), "exec", "--yes", f"--package={PACKAGE}", "--", "prism"]
    )
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *begin,
            "mock",
            "-h",
            "127.0.0.1",
            "-p",
            str(port),
            str(file),
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        async with asyncio.timeout(_PATIENCE):
            while b"is listening" not in log.read_bytes():
                if process.returncode is not None:
                    raise SystemExit(f"conformance: Prism ended for {name}: {log.read_text(errors='replace')[-800:]}")
                await asyncio.sleep(0.2)
        described.prism = f"http://127.0.0.1:{port}"
        app = web.Application(client_max_size=32 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", described.handle)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        described.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield described
        await runner.cleanup()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        await process.wait()
        shutil.rmtree(log.parent)


def _free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def found_in(specs: Path) -> dict[str, Path | None]:
    """The file of each description, None for one that is not there."""
    return {name: next(iter(sorted(specs.glob(pattern))), None) for name, pattern in DESCRIPTIONS.items()}


async def run(specs: Path) -> int:
    """Serve what is there, drive the flows, print what was asked and refused; the exit status."""
    files = found_in(specs)
    absent = [f"{name} ({DESCRIPTIONS[name]})" for name, file in files.items() if file is None]
    async with contextlib.AsyncExitStack() as stack:
        there = {name: file for name, file in files.items() if file is not None}
        if not there:
            click.echo(f"conformance: no description in {specs}; there would be {', '.join(DESCRIPTIONS.values())}")
            return 2
        served = await asyncio.gather(*(stack.enter_async_context(serving(name, file)) for name, file in there.items()))
        found = {one.name: one for one in served}
        urls: Mapping[str, str] = {name: one.url for name, one in found.items()}
        for flow in (*FLOWS, by_codes):
            await flow(urls, Path(tempfile.mkdtemp(prefix="conformance-bot-")))
    return report(found, absent)


def report(found: Mapping[str, Described], absent: list[str]) -> int:
    """Print the count; 1 where something was refused, or nothing was asked of a description that is there."""
    silent = [name for name, one in found.items() if not one.asked]
    for name, one in found.items():
        click.echo(f"{name:22} {sum(one.asked.values()):4} requests  {len(one.refused):3} refused")
        for what, count in sorted(one.asked.items()):
            click.echo(f"    {count:4} × {what}")
        for what, count in one.known.items():
            click.echo(f"    known difference, {count} × {what}")
        for text in one.refused:
            click.echo(f"    REFUSED {text}")
    for text in absent:
        click.echo(f"left out: no description of {text}")
    for name in silent:
        click.echo(f"nothing was asked of {name}")
    refused = sum(len(one.refused) for one in found.values())
    click.echo(f"conformance: {sum(sum(one.asked.values()) for one in found.values())} requests, {refused} refused")
    return 1 if refused or silent else 0


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        click.echo("conformance: name the folder with the descriptions: make conformance SPECS=DIR", err=True)
        return 2
    quiet = structlog.make_filtering_bound_logger("critical")  # what is refused is reported below
    structlog.configure(wrapper_class=quiet, logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    return asyncio.run(run(Path(arguments[0]).resolve()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
