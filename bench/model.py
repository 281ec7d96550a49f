"""A model's server that answers at once, for measurements: a loopback Ollama in a process of its own."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any

from serving import told_to_end

from hookline.testing.ollama import FakeOllama

MODEL = "llama3:8b"


def answer(body: Mapping[str, Any]) -> str:
    """The first passage's first sentence, cited, as a grounded model gives it."""
    prompt = body["messages"][-1]["content"]
    found = re.search(r"The \w+ for the .+? is \d+ rupees\.", prompt)
    return f"{found[0]} [1] {found[0]} [1]" if found else "I am ready."


async def main() -> None:
    async with FakeOllama(answer, models=(MODEL,)) as server:
        print(json.dumps(server.port), flush=True)
        await told_to_end()


if __name__ == "__main__":
    asyncio.run(main())
