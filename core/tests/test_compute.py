"""Where CPU work runs: what becomes of worker processes."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool

import pytest

from hookline.compute import Compute

SERVER = """
import asyncio, os, time
from hookline.compute import Compute

async def main():
    print(await compute.process(os.getpid), flush=True)

if __name__ == "__main__":
    compute = Compute(processes=1)
    asyncio.run(main())
    time.sleep(60)
"""


def is_there(pid: int) -> bool:
    """Whether the process is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_workers_end_with_a_server_that_was_killed(tmp_path):
    path = tmp_path / "server.py"
    path.write_text(SERVER)
    with subprocess.Popen([sys.executable, str(path)], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        worker = int(server.stdout.readline())
        assert is_there(worker)
        server.send_signal(signal.SIGKILL)
        server.wait()
    until = time.monotonic() + 20
    while is_there(worker) and time.monotonic() < until:
        os.sched_yield()
    assert not is_there(worker)


@pytest.fixture
def compute() -> Iterator[Compute]:
    made = Compute(processes=1)
    yield made
    made.close()


async def test_workers_that_broke_for_several_are_replaced_once(compute: Compute) -> None:
    async def once_more() -> int:
        with pytest.raises(BrokenProcessPool):
            await compute.process(os._exit, 3)
        return await compute.process(os.getpid)

    found = await asyncio.gather(*(once_more() for _ in range(4)))
    assert {*found, await compute.process(os.getpid)} == {found[0]}
    compute.close()
    assert not is_there(found[0])


async def test_a_call_does_not_fail_for_workers_that_broke_before_it(compute: Compute) -> None:
    before = await compute.process(os.getpid)
    os.kill(before, signal.SIGKILL)
    async with asyncio.timeout(20):
        while compute._processes is None or not compute._processes._broken:
            await asyncio.sleep(0.01)
    pids = [await compute.process(os.getpid) for _ in range(2)]
    assert before not in pids
