from __future__ import annotations

import asyncio
import json
import os
import stat

import pytest

from hookline.control import CommandFailed, Commands, ControlServer, NotRunning, call
from hookline.errors import BadRequest, UnknownTenant


async def add(tenant, arguments, progress):
    for n in range(arguments["n"]):
        progress({"done": n + 1, "total": arguments["n"]})
    return {"tenant": tenant, "sum": sum(range(arguments["n"]))}


async def fail(tenant, arguments, progress):
    raise {
        "bad": BadRequest("paths: given 3", "paths"),
        "tenant": UnknownTenant("no tenant 'x'"),
        "bug": KeyError("x"),
    }[arguments["how"]]


@pytest.fixture
async def socket(tmp_path):
    commands = Commands()
    commands.register("add", add)
    commands.register("fail", fail)
    async with ControlServer(tmp_path / "control.sock", commands) as server:
        server.commands = commands
        yield server


async def test_a_command_reports_its_progress_and_returns_its_result(socket):
    told = []
    result = await call(socket.path, "add", "acme", {"n": 3}, told.append)
    assert result == {"tenant": "acme", "sum": 3}
    assert told == [{"done": 1, "total": 3}, {"done": 2, "total": 3}, {"done": 3, "total": 3}]


async def test_only_the_owner_reaches_the_socket(socket):
    assert stat.S_IMODE(socket.path.stat().st_mode) == 0o600


async def test_errors_of_a_command_reach_the_caller_as_they_were(socket):
    with pytest.raises(BadRequest, match="paths: given 3"):
        await call(socket.path, "fail", arguments={"how": "bad"})
    with pytest.raises(UnknownTenant, match="no tenant 'x'"):
        await call(socket.path, "fail", arguments={"how": "tenant"})
    with pytest.raises(CommandFailed, match="fail failed: KeyError: 'x'"):
        await call(socket.path, "fail", arguments={"how": "bug"})
    with pytest.raises(BadRequest, match="there is no command 'ad'; there are: add, fail"):
        await call(socket.path, "ad")


async def test_without_a_server_the_caller_is_told(tmp_path):
    with pytest.raises(NotRunning, match=f"no server is running on {tmp_path}"):
        await call(tmp_path / "control.sock", "add")


async def test_the_socket_of_a_server_that_was_killed_is_replaced(tmp_path):
    commands = Commands()
    commands.register("add", add)
    first = ControlServer(tmp_path / "control.sock", commands)
    await first.__aenter__()
    left_behind = tmp_path / "left"
    os.link(first.path, left_behind)
    await first.__aexit__(None, None, None)
    left_behind.rename(first.path)
    with pytest.raises(NotRunning):
        await call(first.path, "add")
    async with ControlServer(first.path, commands):
        assert (await call(first.path, "add", arguments={"n": 2}))["sum"] == 1
    assert not first.path.exists()


async def test_a_folder_that_is_too_deep_for_a_sockets_path_works_too(tmp_path):
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    commands = Commands()
    commands.register("add", add)
    async with ControlServer(deep / "control.sock", commands):
        assert (await call(deep / "control.sock", "add", arguments={"n": 2}))["sum"] == 1


async def test_a_client_that_hangs_up_cancels_its_command(socket):
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def wait(tenant, arguments, progress):
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    socket.commands.register("wait", wait)
    waiting = asyncio.create_task(call(socket.path, "wait"))
    await begun.wait()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    async with asyncio.timeout(5):
        await cancelled.wait()


async def test_what_is_no_request_is_refused(socket):
    for line in (b"nonsense\n", b"{}\n", b"[1]\n"):
        reader, writer = await asyncio.open_unix_connection(socket.path)
        writer.write(line)
        answer = json.loads(await reader.readline())
        assert answer["kind"] == "BadRequest"
        assert answer["error"].startswith("no request: ")
        writer.close()
        await writer.wait_closed()


async def test_a_server_that_goes_away_ends_what_it_was_doing(tmp_path):
    begun = asyncio.Event()

    async def wait(tenant, arguments, progress):
        begun.set()
        await asyncio.Event().wait()

    commands = Commands()
    commands.register("wait", wait)
    async with ControlServer(tmp_path / "control.sock", commands) as server:
        waiting = asyncio.create_task(call(server.path, "wait"))
        await begun.wait()
    with pytest.raises(CommandFailed, match="the server went away before it was done"):
        await waiting


def test_a_command_has_one_handler():
    commands = Commands()
    commands.register("add", add)
    with pytest.raises(ValueError, match="command 'add' is registered already"):
        commands.register("add", add)
