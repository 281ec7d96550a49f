"""The figure `first` from within: a streamed answer's first sentence, and the same from the model's server alone.

It is told lines of JSON ({"kind": "ours" or "limit", "seconds"}) and answers with the durations until the first
sentence was there, whole and reviewed.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
import uuid

from corpus import articles
from host import TENANT, hosting
from library import Library
from model import MODEL
from ollama import AsyncClient
from reading import questions
from serving import lines

import hookline_embeddings
import hookline_llm
import hookline_rag
from hookline.ledger import Inbound
from hookline.tenant import Tenant
from hookline.testing.channel import Loopback
from hookline_rag.service import Service

CONFIG = """
[plugins.rag]
remember_bytes = 0
[plugins.llm]
chain = ["ollama"]
[plugins.llm.providers.ollama]
host = "http://127.0.0.1:{port}"
model = "{model}"
"""


def inbound(text: str) -> Inbound:
    """A message of the one customer that there is."""
    return Inbound(channel="loopback", address="customer", text=text, provider_id=uuid.uuid4().hex)


async def first(core: Tenant, topic: str, text: str) -> float:
    """Seconds from the message's arrival to its answer's first sentence on a page."""
    begun = time.perf_counter()
    async with core.live.subscribe(TENANT, topic) as events:
        accepted = await core.accept(inbound(text))
        async for event in events:
            if event.kind == "segment":
                took = time.perf_counter() - begun
                break
        else:
            raise RuntimeError("no segment came")
    await core.wait(accepted.inbox_id, 30.0)
    return took


async def alone(client: AsyncClient, messages: list[dict[str, str]]) -> float:
    """Seconds until the model's own first sentence, with the same prompt through the same client."""
    begun = time.perf_counter()
    text, took = "", 0.0
    async for part in await client.chat(model=MODEL, messages=messages, stream=True):
        text += part.message.content or ""
        if not took and ". [1]" in text:
            took = time.perf_counter() - begun
    return took or time.perf_counter() - begun


async def main(count: int, port: int) -> None:
    known = list(articles(count))
    box = Loopback()
    plugins = [hookline_llm.plugin, hookline_embeddings.plugin, hookline_rag.plugin, box.plugin()]
    async with hosting(plugins, CONFIG.format(port=port, model=MODEL)) as runtime:
        with runtime.tenants.get(TENANT).acquire() as snapshot:
            core: Tenant = snapshot.core
            await Library(Service(snapshot.tenants["rag"])).fill([document for document, _ in known])
            asked = [question for _, question in known]
            random.Random(11).shuffle(asked)
            fresh = questions(asked)
            accepted = await core.accept(inbound("Hello"))
            replies = await core.wait(accepted.inbox_id, 30.0)
            if not replies:
                raise RuntimeError("the greeting was not answered")
            topic = f"conversation:{replies[0].conversation}"
            client = AsyncClient(f"http://127.0.0.1:{port}")
            told = await lines()
            print(json.dumps("ready"), flush=True)
            while line := await told.readline():
                order = json.loads(line)
                seconds = []
                until = time.perf_counter() + order["seconds"]
                while time.perf_counter() < until:
                    question = next(fresh)
                    if order["kind"] == "ours":
                        seconds.append(await first(core, topic, question))
                    else:
                        passage = f"The fee for the {question} is 5 rupees."
                        seconds.append(await alone(client, [{"role": "user", "content": passage}]))
                print(json.dumps({"seconds": seconds}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
