"""Figure: from the start of the process `hookline serve` to the first answer.

Limit: a process that does the same by raw libraries: it migrates nothing, reads nothing and knows no tenant; it
imports aiohttp, loads the embedding model where there is one, and answers.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from extractive import fetched
from measure import HERE, ROOT, Plan, Row, environment

TENANT = "telecom"
AIM = 10.0
QUESTION = {"text": "What can you help me with?"}
OWN = """
[plugins]
enabled = ["embeddings", "rag", "webchat"]
"""
READY = re.compile(r"http://127\.0\.0\.1:(\d+)")


def first_answer(command: Sequence[str], path: str, body: object, folder: Path) -> float:
    """Seconds until the command's server has answered; it is stopped then."""
    begun = time.perf_counter()
    log = folder / "log"
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=environment(), cwd=ROOT)
    try:
        while True:
            if process.poll() is not None:
                raise RuntimeError(f"{command} ended:\n{log.read_text()[-2000:]}")
            if found := READY.search(log.read_text()):
                break
            time.sleep(0.002)
        connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=60)
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        told = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}: {told[:500]!r}")
        connection.close()
        return time.perf_counter() - begun
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=20)
        process.kill()
        process.wait()


def ours(tenants: Path, name: str) -> float:
    """A server on a data folder of its own."""
    with TemporaryDirectory() as temporary:
        command = [sys.executable, "-m", "hookline", "serve", "--tenant", name, "--tenants", str(tenants)]
        return first_answer(
            [*command, "--port", "0", "--data", str(Path(temporary) / "data")], "/ask", QUESTION, Path(temporary)
        )


def limit() -> float:
    """The raw one."""
    with TemporaryDirectory() as temporary:
        return first_answer([sys.executable, str(HERE / "bare.py"), fetched()], "/ask", QUESTION, Path(temporary))


def measure(plan: Plan) -> Iterator[Row]:
    with TemporaryDirectory() as temporary:
        tenants, name = ROOT / "tenants", TENANT
        if not (tenants / TENANT / "tenant.toml").exists():
            tenants, name = Path(temporary), "small"
            (tenants / name).mkdir()
            (tenants / name / "tenant.toml").write_text(OWN)
        mine, theirs = [], []
        for _ in range(min(plan.rounds, 3)):
            mine.append(ours(tenants, name))
            theirs.append(limit())
        ratio = statistics.median(raw / one for one, raw in zip(mine, theirs, strict=True))
        yield Row(
            f"cold start, {name}",
            f"{statistics.median(mine):.2f} s",
            f"{statistics.median(theirs):.2f} s",
            ratio,
            f"≤ {AIM:g} s",
        )
