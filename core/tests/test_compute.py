"""Where CPU work runs: what becomes of worker processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

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
