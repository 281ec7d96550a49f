"""Programs of this machine that are given something on their standard input and answer on their standard output."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence

from hookline.errors import ServiceError, ServiceUnavailable


def found(command: str) -> str:
    """Where the program is; "" where this machine has none."""
    return shutil.which(command) or ""


async def answer(name: str, command: Sequence[str], given: bytes, *, timeout: float, most: int) -> bytes:
    """What the program wrote to its standard output; it is ended when it takes too long or writes more than `most` bytes.

    Raises `ServiceUnavailable` where it is missing or too slow, and `ServiceError` where it fails, each with `name`.
    """
    place = found(command[0])
    if not place:
        raise ServiceUnavailable(
            f"{name}: the program {command[0]!r} is not on this machine; install it, or name another"
        )
    process = await asyncio.create_subprocess_exec(
        place,
        *command[1:],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(timeout):
            wrote, told, _ = await asyncio.gather(
                _read(process.stdout, most + 1), _read(process.stderr, 65536, on=True), _write(process.stdin, given)
            )
            if len(wrote) > most:
                raise ServiceError(f"{name}: {command[0]} wrote more than {most:,} bytes")
            status = await process.wait()
    except TimeoutError:
        raise ServiceUnavailable(f"{name}: {command[0]} took longer than {timeout:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if status:
        lines = told.decode(errors="replace").strip().splitlines() or [""]
        raise ServiceError(f"{name}: {command[0]} ended with status {status}: {lines[-1][:300]}")
    return wrote


async def _read(stream: asyncio.StreamReader | None, most: int, *, on: bool = False) -> bytes:
    """Up to `most` bytes; `on`: the rest is read as well, and dropped."""
    assert stream is not None, "made with a pipe"
    found = bytearray()
    while chunk := await stream.read(65536):
        found += chunk[: most - len(found)]
        if len(found) >= most and not on:
            break
    return bytes(found)


async def _write(stream: asyncio.StreamWriter | None, data: bytes) -> None:
    assert stream is not None, "made with a pipe"
    try:
        stream.write(data)
        await stream.drain()
        stream.close()
        await stream.wait_closed()
    except (BrokenPipeError, ConnectionResetError):
        return  # it has read as much as it wants; its exit status tells the rest
