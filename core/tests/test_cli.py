"""The command line against real servers: processes on free ports, with a plugin installed in a folder of the test's.

Servers are processes of their own; commands run in the test's, because starting Python anew for each is what takes long.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import queue
import re
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import attrs
import pytest

from hookline.cli import main

PROBE = '''
from __future__ import annotations
import asyncio
import attrs, click
from aiohttp import web
from hookline.hookspecs import hookimpl
from hookline.message import Reply
from hookline.place import Place, place_options
from hookline.plugin import Plugin
from hookline.settings import Secret

@attrs.frozen
class Config:
    word: str = "pong"
    api_key: Secret = Secret("")
    needs_key: bool = False
    ask_at: str = ""

async def examine(about):
    yield about.ok(f"the word is {about.config.word}")
    if about.config.word == "rude":
        yield about.warning("the word is rude")
    if about.online and about.config.ask_at:
        async with about.http.post(about.config.ask_at, json={"message": "x"}) as response:
            told = await response.json()
        yield about.note(f"paste {told['answer']} into the form{', which is set' if about.change else ''}")

class Hooks:
    def __init__(self, tenant):
        self.tenant = tenant
    @hookimpl
    async def start(self, tenant):
        if tenant.config.needs_key and not tenant.config.api_key:
            raise RuntimeError(f"{tenant.config.api_key.name} is not set")
    @hookimpl
    async def respond(self, turn):
        return Reply(self.tenant.config.word)

async def slow(request, tenant):
    await asyncio.sleep(0.5)
    return web.json_response({"slow": True})

async def count(tenant, arguments, progress):
    for n in range(arguments["n"]):
        progress({"done": n + 1, "total": arguments["n"]})
    return {"tenant": tenant.name, "word": tenant.config.word}

@click.command("probe-count")
@click.argument("n", type=int)
@place_options(tenant=True)
def probe_count(place: Place, tenant: str, n: int) -> None:
    """Count, in the server or here."""
    told = place.run("cliprobe.count", tenant, {"n": n}, progress=lambda p: click.echo(f"{p['done']}/{p['total']}"))
    click.echo(told["word"])

class Process:
    @hookimpl
    def add_routes(self, router):
        router.add("GET", "/slow", slow, access="public")
        router.command("count", count)
    @hookimpl
    def add_commands(self, cli):
        cli.add_command(probe_count)

plugin = Plugin("cliprobe", Hooks, Config, process=Process, examine=examine)
'''
TENANT = """
title = "Acme help"
port = "${ACME_PORT:-8080}"
[plugins]
enabled = ["cliprobe"]
[plugins.cliprobe]
word = "pong"
"""


@attrs.frozen
class Done:
    """What a command has written, and its exit status."""

    returncode: int
    stdout: str
    stderr: str


class Home:
    """A folder with a plugin, tenants and data, where `hookline` runs."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.monkeypatch = monkeypatch
        self.capsys = capsys
        site = folder / "site"
        info = site / "hookline_cliprobe-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: hookline-cliprobe\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("[hookline.plugins]\ncliprobe = hookline_cliprobe:plugin\n")
        (site / "hookline_cliprobe.py").write_text(PROBE)
        for name in os.environ:
            if name == "PORT" or (name.startswith("HOOKLINE_") and not name.startswith("HOOKLINE_TEST_")):
                monkeypatch.delenv(name)
        monkeypatch.setenv("COLUMNS", "160")
        monkeypatch.syspath_prepend(str(site))
        monkeypatch.chdir(folder)
        self.environment = dict(os.environ) | {"PYTHONPATH": str(site)}
        self.servers: list[Server] = []

    def tenant(self, name: str, text: str = TENANT) -> Path:
        folder = self.folder / "tenants" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "tenant.toml").write_text(text)
        return folder

    def run(self, *arguments: str, env: dict[str, str] | None = None, stdin: str = "") -> Done:
        self.capsys.readouterr()
        before = dict(os.environ)
        with self.monkeypatch.context() as patch:
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            patch.setattr(sys, "stdin", io.StringIO(stdin))
            try:
                status = main(list(arguments))
            finally:  # the command adds what a `.env` file says
                for name in set(os.environ) - set(before):
                    del os.environ[name]
        written = self.capsys.readouterr()
        return Done(status, written.out, written.err)

    def serve(self, *arguments: str, env: dict[str, str] | None = None, port: str = "0") -> Server:
        ports = ["--port", port] if port else []
        server = Server(self, ["serve", *ports, *arguments], env or {})
        self.servers.append(server)
        server.url = server.wait_for(r"serving on (http://\S+)", server.out)[1]
        return server


class Server:
    """A running `hookline serve`; what it writes is collected."""

    def __init__(self, home: Home, arguments: list[str], env: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hookline.cli", *arguments],
            cwd=home.folder,
            env=home.environment | env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: queue.Queue[str] = queue.Queue()
        self.out: list[str] = []
        self.errors: list[str] = []
        self.readers = [
            threading.Thread(target=self._read, args=a)
            for a in ((self.process.stdout, self.out), (self.process.stderr, self.errors))
        ]
        for reader in self.readers:
            reader.start()
        self.url = ""

    def _read(self, stream, into) -> None:
        for line in stream:
            into.append(line)

    def wait_for(self, pattern: str, lines: list[str], seconds: float = 30.0) -> re.Match[str]:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for line in list(lines):
                if found := re.search(pattern, line):
                    return found
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise AssertionError(f"no {pattern!r} in {lines}; stderr: {self.errors}")

    def get(self, path: str, body: object = None, **headers: str):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json", **headers})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        status = self.process.wait(20)
        self.finish()
        return status

    def finish(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(20)
        for reader in self.readers:
            reader.join(20)
        self.process.stdout.close()
        self.process.stderr.close()


@pytest.fixture
def home(tmp_path, monkeypatch, capsys):
    made = Home(tmp_path, monkeypatch, capsys)
    yield made
    for server in made.servers:
        server.finish()


def refused(done: Done) -> str:
    """The one line of an error; the exit status must be 2."""
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.splitlines()
    return line


# -- serving -----------------------------------------------------------------------------------------------------------


def test_a_tenant_is_served_at_the_root_and_the_server_ends_cleanly_on_a_signal(home):
    home.tenant("acme")
    server = home.serve("--tenant", "acme")
    assert server.get("/ask", {"message": "ping"})[1]["answer"] == "pong"
    assert server.get("/t/acme/ask", {"message": "ping"})[0] == 200
    assert f"  acme  {server.url}/\n" in server.out
    assert server.stop(signal.SIGINT) == 0
    assert not any("Traceback" in line for line in server.errors)
    assert not (home.folder / "var" / "control.sock").exists()


def test_without_a_name_all_tenants_are_served_below_their_names(home):
    home.tenant("acme")
    home.tenant("beta", TENANT.replace('"pong"', '"salut"'))
    server = home.serve()
    assert server.get("/t/beta/ask", {"message": "ping"})[1]["answer"] == "salut"
    assert server.get("/ask", {"message": "ping"})[0] == 404
    assert server.stop() == 0


def test_a_request_under_way_is_answered_before_the_server_ends(home):
    home.tenant("acme")
    server = home.serve("--tenant", "acme")
    answers = []
    asking = threading.Thread(target=lambda: answers.append(server.get("/slow")))
    asking.start()
    until = time.monotonic() + 10
    while "hookline_requests" not in urllib.request.urlopen(server.url + "/metrics").read().decode():
        assert time.monotonic() < until
    time.sleep(0.1)
    assert server.stop() == 0
    asking.join()
    assert answers == [(200, {"slow": True})]


@pytest.mark.slow
@pytest.mark.row("T62")
def test_the_port_comes_from_the_flag_then_the_environment_then_the_config(home):
    home.tenant("acme")
    ports = []
    for _ in range(3):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            ports.append(str(free.getsockname()[1]))
    config, environment, flag = ports
    env = {"ACME_PORT": config}
    assert home.serve("--tenant", "acme", "--data", "a", port="", env=env).url.endswith(f":{config}")
    env["PORT"] = environment
    assert home.serve("--tenant", "acme", "--data", "b", port="", env=env).url.endswith(f":{environment}")
    assert home.serve("--tenant", "acme", "--data", "c", port=flag, env=env).url.endswith(f":{flag}")
    assert refused(home.run("serve", "--tenant", "acme", env={"PORT": "http"})) == (
        "hookline: error: PORT is set to 'http'; allowed: 0 to 65535"
    )


@pytest.mark.slow
@pytest.mark.row("T60")
def test_everything_is_written_below_the_data_folder_also_a_relative_database(home):
    home.tenant("acme", 'database = "${DATABASE_URL:-sqlite:///chatbot.db}"\n' + TENANT)
    server = home.serve("--tenant", "acme", "--data", "store")
    server.get("/chat", {"message": "ping"})
    server.stop()
    assert (home.folder / "store" / "chatbot.db").exists()
    assert sorted(p.name for p in home.folder.iterdir()) == ["site", "store", "tenants"]
    other = home.serve("--tenant", "acme", "--data", "store", env={"DATABASE_URL": "sqlite:///other.db"})
    other.stop()
    assert (home.folder / "store" / "other.db").exists()


@pytest.mark.row("T61")
@pytest.mark.row("T55")
def test_debug_logs_more_and_the_log_file_is_not_reachable(home):
    text = TENANT.replace(
        "[plugins]", 'debug = "${FLASK_DEBUG:-false}"\nlogging.file = "./static/logs/chatbot.log"\n[plugins]', 1
    )
    home.tenant("acme", text)
    server = home.serve("--tenant", "acme", "--log", "json", env={"FLASK_DEBUG": "True"})
    assert server.get("/ask", {"message": "ping"})[0] == 200
    server.wait_for(r'"event": ?"request".*"level": ?"debug"|"level": ?"debug".*"event": ?"request"', server.errors)
    for path in ("/static/logs/chatbot.log", "/logs/chatbot.log", "/t/acme/static/logs/chatbot.log"):
        assert server.get(path)[0] == 404
    server.stop()
    assert '"tenant":' in (home.folder / "var" / "static" / "logs" / "chatbot.log").read_text()
    quiet = home.serve("--tenant", "acme", "--log", "json")
    quiet.get("/ask", {"message": "ping"})
    quiet.stop()
    assert not any('"debug"' in line for line in quiet.errors)


def test_a_value_of_the_config_can_be_set_on_the_command_line(home):
    home.tenant("acme")
    server = home.serve("--tenant", "acme", "--set", "plugins.cliprobe.word=set")
    assert server.get("/ask", {"message": "ping"})[1]["answer"] == "set"


# -- what keeps it from starting -----------------------------------------------------------------------------------------


def test_a_port_in_use_is_one_line_that_names_it_and_the_flag(home):
    home.tenant("acme")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = home.run("serve", "--tenant", "acme", "--port", str(port))
    assert refused(done) == (
        f"hookline: error: port {port} on 127.0.0.1 is in use by another program; take another one with --port"
    )


@pytest.mark.parametrize("more", ["", '\n[logging]\nfile = "logs/acme.log"\n'])
def test_a_data_folder_that_can_not_be_written_is_one_line(home, more):
    file = home.tenant("acme") / "tenant.toml"
    file.write_text(file.read_text() + more)
    (home.folder / "file").write_text("")
    done = home.run("serve", "--tenant", "acme", "--port", "0", "--data", "file/data")
    assert refused(done).startswith("hookline: error: the data folder file/data can't be used: Not a directory; ")


def test_a_data_folder_that_is_held_is_one_line_that_names_the_process(home):
    home.tenant("acme")
    server = home.serve("--tenant", "acme")
    done = home.run("serve", "--tenant", "acme", "--port", "0")
    assert refused(done) == (
        f"hookline: error: the data folder var is held by the server with process id {server.process.pid}; "
        f"stop that server, or start this one with another --data folder"
    )


def test_a_command_waits_for_the_server_that_is_still_starting(home):
    home.tenant("acme")
    server = Server(home, ["serve", "--port", "0", "--tenant", "acme"], {})
    home.servers.append(server)
    lock = home.folder / "var" / "hookline.lock"
    until = time.monotonic() + 30
    while not (lock.exists() and lock.read_text()) and time.monotonic() < until:
        time.sleep(0.001)
    assert not (home.folder / "var" / "control.sock").exists(), "it is starting"
    done = home.run("key", "create", "--tenant", "acme", "--name", "phone", "--role", "viewer")
    assert done.returncode == 0, done.stderr


def test_a_tenant_that_is_not_there_is_one_line_with_the_nearest_and_the_place(home):
    home.tenant("telecom")
    assert refused(home.run("serve", "--tenant", "telcom")) == (
        "hookline: error: no tenant 'telcom'; did you mean 'telecom'? Looked for tenants/telcom/tenant.toml "
        "(known there: telecom); another folder is named by --tenants DIR or HOOKLINE_TENANTS"
    )
    assert refused(home.run("serve", env={"HOOKLINE_TENANTS": "elsewhere"})) == (
        f"hookline: error: no tenant found: {home.folder}/elsewhere has no folder with a tenant.toml; "
        f"another folder is named by --tenants DIR or HOOKLINE_TENANTS"
    )


def test_a_config_with_problems_is_a_line_for_each(home):
    home.tenant("acme", TENANT.replace("title", "titel") + "speed = 3\n")
    done = home.run("serve", "--tenant", "acme", "--port", "0")
    assert done.returncode == 2
    assert [line.partition("; allowed")[0] for line in done.stderr.splitlines()] == [
        "hookline: error: tenants/acme/tenant.toml:2: tenant 'acme': titel: unknown key (did you mean 'title'?)",
        "hookline: error: tenants/acme/tenant.toml:8: tenant 'acme': plugins.cliprobe.speed: unknown key",
    ]


@pytest.mark.row("T59")
def test_a_key_that_is_needed_and_not_set_is_named_and_one_that_is_not_needed_is_not_asked_for(home):
    home.tenant("acme", TENANT + 'api_key = "${GROQ_API_KEY}"\nneeds_key = true\n')
    done = home.run("serve", "--tenant", "acme", "--port", "0")
    assert done.returncode == 2
    assert "plugin 'cliprobe': raised RuntimeError: GROQ_API_KEY is not set" in done.stderr.splitlines()[-1]
    assert home.serve("--tenant", "acme", env={"GROQ_API_KEY": "gsk-1"}).stop() == 0
    home.tenant("acme", TENANT + 'api_key = "${GROQ_API_KEY}"\n')
    assert home.serve("--tenant", "acme").stop() == 0


def test_one_tenant_that_fails_is_told_and_the_others_are_served(home):
    home.tenant("acme")
    home.tenant("beta", TENANT + "needs_key = true\n")
    server = home.serve()
    server.wait_for("tenant beta is out of service: .*is not set", server.errors)
    assert server.get("/t/acme/ask", {"message": "x"})[0] == 200
    assert server.get("/t/beta/ask", {"message": "x"})[0] == 503
    told = home.run("doctor")
    assert told.returncode == 1
    assert "ERROR    server: tenant beta is out of service: hook 'start' of plugin 'cliprobe'" in told.stdout


def test_a_host_that_is_not_this_machines_is_one_line(home):
    home.tenant("acme")
    assert refused(home.run("serve", "--tenant", "acme", "--port", "0", "--host", "no.such.host.invalid")).startswith(
        "hookline: error: --host no.such.host.invalid: "
    )
    assert refused(home.run("serve", "--tenant", "acme", "--port", "0", "--host", "192.0.2.1")).startswith(
        "hookline: error: port 0 on 192.0.2.1 can't be used: "
    )


def test_a_setting_without_a_value_is_one_line(home):
    home.tenant("acme")
    assert refused(home.run("serve", "--set", "debug")) == (
        "hookline: error: --set debug: write --set KEY=VALUE, e.g. --set history.store=sql"
    )


# -- keys, with and without a server -------------------------------------------------------------------------------------


def test_keys_are_made_listed_and_revoked_while_the_server_runs_and_while_it_does_not(home):
    home.tenant("acme")
    before = home.run("key", "create", "--tenant", "acme", "--name", "ci", "--role", "admin")
    assert before.returncode == 0, before.stderr
    server = home.serve("--tenant", "acme")
    key = before.stdout.strip()
    assert server.get("/inbox/dead", **{"X-API-Key": key})[0] == 200
    made = home.run("key", "create", "--name", "asha", "--role", "viewer")
    assert server.get("/inbox/dead", **{"X-API-Key": made.stdout.strip()})[0] == 403
    listed = home.run("key", "list").stdout.splitlines()
    assert [line.split()[1] for line in listed] == ["admin", "viewer"]
    assert key not in "".join(listed)
    revoked = home.run("key", "revoke", listed[0].split()[0])
    assert revoked.stdout == f"revoked {listed[0].split()[0]}\n"
    assert server.get("/inbox/dead", **{"X-API-Key": key})[0] == 401
    again = home.run("key", "revoke", listed[0].split()[0])
    assert refused(again).startswith("hookline: error: tenant 'acme' has no working key ")
    server.stop()
    assert "revoked" in home.run("key", "list").stdout
    whole = home.run("key", "create", "--server", "--name", "ops", "--role", "admin")
    again_serving = home.serve("--tenant", "acme")
    assert again_serving.get("/api/v1/tenants", **{"X-API-Key": whole.stdout.strip()})[0] == 200


PASSWORD = "marble otter tram seven"


@pytest.mark.row("L61")
def test_an_admin_made_by_a_command_signs_in_and_the_password_is_stored_hashed(home):
    home.tenant("acme")
    made = home.run("user", "create", "asha@example.com", "--role", "admin", "--password-stdin", stdin=f"{PASSWORD}\n")
    assert re.fullmatch(r"asha@example.com is admin of acme \(id [0-9a-f]{16}\)\n", made.stdout), made
    server = home.serve("--tenant", "acme")
    body = {"email": "asha@example.com", "password": PASSWORD}
    status, told = server.get("/auth/login", body)
    assert (status, told["staff"]["role"]) == (200, "admin")
    assert server.get("/staff", Authorization=f"Bearer {told['access_token']}")[0] == 200
    stored = sqlite3.connect(home.folder / "var/hookline.db").execute("SELECT password FROM staff").fetchall()
    assert stored[0][0].startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    kept = (path for path in (home.folder / "var").rglob("*") if path.is_file())
    assert all(PASSWORD.encode() not in path.read_bytes() for path in kept)


@pytest.mark.slow
def test_accounts_are_changed_while_the_server_runs_and_while_it_does_not(home):
    home.tenant("acme")
    server = home.serve("--tenant", "acme")
    first = home.run("user", "create", "root@example.com", "--role", "admin", "--password-stdin", stdin=PASSWORD)
    assert first.returncode == 0, first.stderr
    made = home.run("user", "create", "asha@example.com", "--role", "agent", "--name", "Asha", "--link")
    token = re.search(r"/login\?token=(\S+)", made.stdout)[1]
    body = {"email": "asha@example.com", "password": PASSWORD}
    assert server.get("/auth/login", body)[0] == 401
    assert server.get("/auth/reset", {"token": token, "password": PASSWORD})[0] == 200
    headers = {"Authorization": f"Bearer {server.get('/auth/login', body)[1]['access_token']}"}
    assert server.get("/auth/me", **headers)[1]["role"] == "agent"
    assert (
        home.run("user", "role", "ASHA@example.com", "supervisor").stdout == "asha@example.com is supervisor of acme\n"
    )
    assert server.get("/auth/me", **headers)[0] == 401
    assert home.run("user", "deactivate", "asha@example.com").stdout == "asha@example.com is deactivated\n"
    assert server.get("/auth/login", body)[0] == 401
    assert refused(home.run("user", "deactivate", "root@example.com")) == (
        "hookline: error: this is the only admin; make another account admin first"
    )
    server.stop()
    home.run("user", "activate", "asha@example.com")
    changed = home.run(
        "user", "reset-password", "asha@example.com", "--password-stdin", stdin="velvet comet ladder nine"
    )
    assert changed.stdout == "asha@example.com has a new password\n"
    listed = home.run("user", "list").stdout
    assert re.search(r"  supervisor  last seen 20\S+ \S+  asha@example.com  Asha$", listed, re.MULTILINE)
    again = home.serve("--tenant", "acme")
    assert again.get("/auth/login", body)[0] == 401
    assert again.get("/auth/login", body | {"password": "velvet comet ladder nine"})[0] == 200
    assert refused(home.run("user", "role", "nobody@example.com", "agent")) == (
        "hookline: error: tenant 'acme' has no account 'nobody@example.com'; `hookline user list` shows them"
    )


def test_a_password_is_never_an_argument_and_has_to_be_a_good_one(home):
    home.tenant("acme")
    create = ("user", "create", "asha@example.com", "--role", "admin")
    assert "there is no terminal to ask for the password; use --password-stdin or --link" in home.run(*create).stderr
    assert "the standard input is empty" in home.run(*create, "--password-stdin").stderr
    assert "--link and --password-stdin can't both be" in home.run(*create, "--password-stdin", "--link").stderr
    assert refused(home.run(*create, "--password-stdin", stdin="short")) == (
        "hookline: error: password: has 5 characters; at least 12 are needed, e.g. four or five words"
    )
    assert "too easy to guess" in refused(home.run(*create, "--password-stdin", stdin="qwertyuiop12"))
    assert home.run("user", "list").stdout == ""


def test_the_audit_log_is_shown_and_tampering_is_found(home):
    home.tenant("acme")
    home.run("user", "create", "root@example.com", "--role", "admin", "--link")
    home.run("key", "create", "--name", "ci", "--role", "agent", "--scope", "cliprobe:read", "--expires", "2999-12-31")
    listed = home.run("audit", "list").stdout
    assert [line.split("  ")[3] for line in listed.splitlines()] == [
        "staff.created",
        "staff.reset_offered",
        "key.created",
    ]
    whole = home.run("audit", "verify")
    assert re.fullmatch(r"3 rows, none missing, none changed; the last one's hash is [0-9a-f]{64}\n", whole.stdout)
    shown = home.run("key", "list").stdout
    assert "cliprobe:read  expires 3000-01-01 00:00" in shown
    with contextlib.closing(sqlite3.connect(home.folder / "var/hookline.db")) as database:
        database.execute("DELETE FROM audit WHERE n = 2")
        database.commit()
    broken = home.run("audit", "verify")
    assert (broken.returncode, broken.stderr) == (1, "the audit log of acme is broken: row 2 is missing\n")


def test_which_tenant_is_asked_where_there_are_several(home):
    home.tenant("acme")
    home.tenant("beta")
    assert refused(home.run("key", "list")) == (
        "hookline: error: which tenant? --tenant NAME says it; there are: acme, beta"
    )


def test_dotenv_files_are_read_below_the_environment(home):
    folder = home.tenant("acme", TENANT.replace('"pong"', '"${WORD:-none} ${PLACE:-none}"'))
    (home.folder / ".env").write_text("PORT=0\nHOOKLINE_TENANT=acme\nWORD=project\n")
    (folder / ".env").write_text("WORD=tenant\nPLACE=tenant\n")
    server = home.serve(port="")
    assert not server.url.endswith(":8080"), "the port is the file's"
    assert server.get("/ask", {"message": "x"})[1]["answer"] == "project tenant"
    server.stop()
    server = home.serve(port="", env={"WORD": "environment"})
    assert server.get("/ask", {"message": "x"})[1]["answer"] == "environment tenant"
    (folder / ".env").write_text("PLACE=elsewhere\n")
    done = home.run("reload", "--tenant", "acme")
    assert done.stdout == "acme: reloaded\n"
    assert server.get("/ask", {"message": "x"})[1]["answer"] == "environment elsewhere"
    (folder / ".env").write_text("not a variable at all!\n")
    assert "tenants/acme/.env:1: not understood" in home.run("reload", "--tenant", "acme").stderr
    assert server.get("/ask", {"message": "x"})[1]["answer"] == "environment elsewhere"


@pytest.mark.slow
def test_trusted_proxies_are_named_by_flag_and_a_wrong_one_is_refused(home):
    home.tenant("acme", TENANT.replace("[plugins]", "ratelimit.requests = 2\nratelimit.seconds = 60.0\n[plugins]", 1))
    assert refused(home.run("serve", "--trusted-proxies", "10.0.0.0/33")).startswith(
        "hookline: error: trusted proxies: given '10.0.0.0/33'"
    )
    server = home.serve("--tenant", "acme", "--trusted-proxies", "none")
    told = [server.get("/ask", {"message": "x"}, **{"X-Forwarded-For": f"203.0.113.{n}"})[0] for n in range(3)]
    assert told == [200, 200, 429], "one client, whatever it says"
    server.stop()
    server = home.serve("--tenant", "acme", env={"HOOKLINE_PROXY_HEADER": "Forwarded"})
    told = [server.get("/ask", {"message": "x"}, Forwarded=f"for=203.0.113.{n}")[0] for n in range(3)]
    assert told == [200, 200, 200], "three clients behind a proxy on this machine"


# -- commands of plugins, reload, hooks, inbox, doctor ---------------------------------------------------------------------


def test_a_plugins_command_runs_in_the_server_or_without_one(home):
    home.tenant("acme")
    alone = home.run("probe-count", "2")
    assert (alone.returncode, alone.stdout) == (0, "1/2\n2/2\npong\n"), alone.stderr
    home.serve("--tenant", "acme", "--set", "plugins.cliprobe.word=served")
    assert home.run("probe-count", "1").stdout == "1/1\nserved\n"


def test_a_reload_swaps_the_config_and_a_bad_one_leaves_the_old_serving(home):
    home.tenant("acme")
    server = home.serve("--tenant", "acme")
    home.tenant("acme", TENANT.replace('"pong"', '"new"'))
    assert home.run("reload").stdout == "acme: reloaded\n"
    assert server.get("/ask", {"message": "x"})[1]["answer"] == "new"
    home.tenant("acme", TENANT + "nonsense = 1\n")
    bad = home.run("reload")
    assert bad.returncode == 1
    assert bad.stderr.startswith(
        "acme: not reloaded, the old configuration goes on serving: tenants/acme/tenant.toml:8"
    )
    assert server.get("/ask", {"message": "x"})[1]["answer"] == "new"
    server.stop()
    assert refused(home.run("reload")).startswith("hookline: error: no server is running on ")


def test_a_change_of_the_file_is_taken_up_by_itself(home):
    home.tenant("acme")
    server = home.serve("--tenant", "acme", "--log", "json")
    home.tenant("acme", TENANT.replace('"pong"', '"watched"'))
    server.wait_for("tenant reloaded", server.errors)
    assert server.get("/ask", {"message": "x"})[1]["answer"] == "watched"


def test_the_order_of_hooks_is_printed(home):
    home.tenant("acme")
    assert [line.split() for line in home.run("plugins").stdout.splitlines()] == [
        ["start", "cliprobe"],
        ["respond", "cliprobe"],
    ]


def test_a_tenant_is_shown_as_it_is_in_force_and_secrets_without_their_values(home):
    home.tenant(
        "acme",
        TENANT.replace("Acme help", "${ACME_TITLE:-Shop}").replace("pong", "postgresql://root:hunter2@db.example/x")
        + '[auth]\nsecret = "${ACME_SECRET:-}"\n[texts.fr]\ngreeting = "Bonjour !"\n',
    )
    shown = home.run("tenant", "show", "acme", env={"ACME_SECRET": "s3cr3t" * 8, "ACME_TITLE": "Corner shop"}).stdout
    told = dict(line.split(None, 1) for line in shown.splitlines())
    assert told["title"] == '"Corner shop"'
    assert told["auth.secret"] == "(set by ACME_SECRET)"
    assert told["texts.fr.greeting"] == '"Bonjour !"'
    assert told["plugins.enabled"] == '["cliprobe"]'
    assert told["plugins.cliprobe.word"] == '"postgresql://…@db.example/x"'
    assert "hunter2" not in shown
    assert "s3cr3t" not in shown
    assert "history.store" not in told, "what has its default is left out"
    assert home.run("tenant", "show").stdout.count("(not set: ACME_SECRET)") == 1


def test_all_of_a_tenant_is_shown_as_json_too(home):
    home.tenant("acme")
    found = {one["key"]: one for one in json.loads(home.run("tenant", "show", "--all", "--json").stdout)}
    assert found["history.store"] == {"key": "history.store", "value": '"sql"', "default": True}
    assert found["title"] == {"key": "title", "value": '"Acme help"', "default": False}
    assert found["plugins.cliprobe.word"]["value"] == '"pong"'
    assert "'nobody'" in refused(home.run("tenant", "show", "nobody"))


def test_dead_letters_are_listed(home):
    home.tenant("acme")
    assert home.run("inbox", "list").stdout == "no dead letters\n"
    assert refused(home.run("inbox", "retry", "7")) == (
        "hookline: error: tenant 'acme' has no dead letter 7; `hookline inbox list` shows them"
    )


@pytest.mark.slow
def test_undelivered_messages_are_listed_sent_again_and_given_up(home):
    home.tenant("acme")
    assert home.run("outbox", "list").stdout == "nothing is undelivered\n"
    assert home.run("outbox", "list", "--state", "parked").stdout == "nothing is parked\n"
    for what in ("retry", "drop"):
        assert refused(home.run("outbox", what, "7")) == (
            "hookline: error: tenant 'acme' has no failed, ambiguous or parked message 7; "
            "`hookline outbox list` shows them"
        )
    server = home.serve("--tenant", "acme")
    for _ in range(2):
        assert server.get("/chat", {"message": "hello"})[1]["answer"] == "pong"
    server.stop()
    with contextlib.closing(sqlite3.connect(home.folder / "var" / "hookline.db")) as db, db:
        body = "(SELECT body FROM message WHERE message.conversation = outbox.conversation AND direction = 'outbound')"
        db.execute(f"UPDATE outbox SET state = 'failed', attempts = 8, error = 'no route to host', body = {body}")
    home.serve("--tenant", "acme")
    first, second = home.run("outbox", "list").stdout.splitlines()
    assert re.fullmatch(r"1  \d{4}-\d\d-\d\d \d\d:\d\d  failed  bot on api  8 tries: no route to host", first)
    assert home.run("outbox", "list", "--after", "1").stdout.splitlines() == [second]
    assert home.run("outbox", "retry", "1").stdout == "1 is sent again\n"
    assert home.run("outbox", "drop", "2").stdout == "2 is given up\n"
    assert home.run("outbox", "list").stdout == "nothing is undelivered\n"


def test_the_doctor_has_one_plugin_ask_the_services_that_it_needs(home):
    home.tenant("acme", TENANT + 'ask_at = "http://127.0.0.1:1/"\n')
    home.tenant("other", "[plugins]\nenabled = []\n")
    calm = home.run("doctor", "--tenant", "acme")
    assert "ok       tenant acme: 1 plugins, nothing to remark" in calm.stdout, "nobody outside is asked"
    away = home.run("doctor", "cliprobe")
    assert (away.returncode, away.stdout.splitlines()[0]) == (1, "ok       cliprobe of acme: the word is pong")
    assert away.stdout.splitlines()[1].startswith(
        "ERROR    cliprobe of acme: its checks failed: ClientConnectorError: "
    )
    server = home.serve("--tenant", "acme", "--set", "plugins.cliprobe.word=served")
    home.tenant("acme", TENANT + f'ask_at = "{server.url}/ask"\n')
    there = home.run("doctor", "cliprobe", "--tenant", "acme")
    assert (there.returncode, there.stdout.splitlines()[1:]) == (
        0,
        ["note     cliprobe of acme: paste served into the form"],
    )
    assert home.run("doctor", "cliprobe", "--set").stdout.endswith("form, which is set\n")
    home.tenant("acme", TENANT.replace('"pong"', '"rude"'))
    told = home.run("doctor", "--tenant", "acme").stdout
    assert "warning  cliprobe of acme: the word is rude" in told
    assert "ok       cliprobe" not in told, "of plugins only what is wrong, where none is named"
    told = home.run("doctor", "cliprobe", "--tenant", "other")
    assert (told.returncode, told.stdout) == (
        1,
        "ERROR    tenant other: the plugin 'cliprobe' is not enabled: add it to [plugins] enabled in tenants/other/tenant.toml\n",
    )
    assert refused(home.run("doctor", "nothing")).startswith(
        "hookline: error: no plugin 'nothing' is installed; there are: "
    )
    assert "--set needs a plugin's name" in home.run("doctor", "--set").stderr


@pytest.mark.row("T64")
def test_the_doctor_warns_of_what_is_unwise_in_production(home):
    text = 'debug = true\npublic_url = "http://bot.example"\ncors.allow_origins = ["*"]\nauth.open_routes = ["POST /ask"]\n'
    text += 'auth.registration = true\ndatabase = "postgresql://nobody@127.0.0.1:1/none"\n'
    home.tenant("acme", text + TENANT + 'api_key = "${KEY}"\n')
    done = home.run("doctor", env={"KEY": "changeme"})
    assert done.returncode == 0, done.stdout
    warnings = [
        line.removeprefix("warning  tenant acme: ") for line in done.stdout.splitlines() if line.startswith("warning")
    ]
    assert warnings == [
        "debug is on: turn it off where customers are",
        'cors.allow_origins is "*": every web page may call this tenant; name the origins',
        "public_url http://bot.example is not encrypted: put TLS in front, use https://",
        "auth.open_routes opens POST /ask without a key (to this machine only); empty it in production",
        "auth.secret is not set: who signs in on one process of this database is a stranger to the others",
        "auth.registration is on: anybody may make an account that sees what a viewer does",
        "a secret still has a sample's value; set one of your own",
    ]
    assert "changeme" not in done.stdout
    home.tenant("acme", TENANT)
    calm = home.run("doctor")
    assert "the word is" not in calm.stdout, "of plugins only what is wrong, where none is named"
    home.tenant("acme", TENANT + "nonsense = 1")
    broken = home.run("doctor")
    assert broken.returncode == 1
    assert (
        "ERROR    tenant acme: tenants/acme/tenant.toml:8: tenant 'acme': plugins.cliprobe.nonsense: unknown key"
        in broken.stdout
    )


# -- the database ------------------------------------------------------------------------------------------------------------


def test_the_schema_is_upgraded_shown_and_purged(home):
    behind = home.run("db", "status")
    assert behind.returncode == 1
    assert "core             -  behind: " in behind.stdout
    assert home.run("db", "upgrade").returncode == 0
    assert home.run("db", "status").returncode == 0
    assert "(nothing to do)" in home.run("db", "upgrade").stdout
    assert refused(home.run("db", "purge", "nothing", "--yes")) == (
        "hookline: error: the database holds no tables of a plugin 'nothing'"
    )
    asked = home.run("db", "purge", "nothing", stdin="n\n")
    assert "Drop all tables of 'nothing'" in asked.stdout
    assert asked.returncode == 130


def test_the_schema_is_left_alone_while_a_server_holds_it(home):
    home.tenant("acme")
    home.serve("--tenant", "acme")
    assert "is held by the server with process id" in refused(home.run("db", "upgrade"))


@pytest.mark.row("T63")
@pytest.mark.service("postgresql")
def test_a_shared_database_is_upgraded_by_its_own_command_and_a_server_says_so(home):
    base = os.environ["HOOKLINE_TEST_POSTGRES"]
    name = f"cli_{secrets.token_hex(6)}"
    url = f"{base.rpartition('/')[0]}/{name}"
    asyncio.run(on_postgres(base, f'CREATE DATABASE "{name}"'))
    try:
        home.tenant("acme")
        line = refused(home.run("serve", "--tenant", "acme", "--port", "0", "--database", url))
        assert line.startswith(
            "hookline: error: the database's schema is not what this version needs (core is at nothing"
        )
        assert line.endswith("run `hookline db upgrade`")
        assert home.run("db", "upgrade", "--database", url).returncode == 0
        server = home.serve("--tenant", "acme", "--database", url)
        assert server.get("/ask", {"message": "ping"})[1]["answer"] == "pong"
        key = home.run("key", "create", "--name", "ci", "--role", "admin", "--database", url).stdout.strip()
        assert server.get("/inbox/dead", **{"X-API-Key": key})[0] == 200
        assert server.stop() == 0
    finally:
        asyncio.run(on_postgres(base, f'DROP DATABASE "{name}" WITH (FORCE)'))


async def on_postgres(url: str, statement: str) -> None:
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def test_a_database_that_is_none_is_one_line(home):
    home.tenant("acme")
    assert refused(home.run("serve", "--tenant", "acme", "--port", "0", "--database", "mysql://x/y")).startswith(
        "hookline: error: database url: 'mysql' is not supported; write sqlite:///"
    )


# -- help --------------------------------------------------------------------------------------------------------------------


def test_help_lists_the_commands_of_the_core_and_of_the_plugins(home):
    done = home.run("--help")
    assert done.returncode == 0
    for name in (
        "serve",
        "demo",
        "work",
        "db",
        "key",
        "plugins",
        "reload",
        "doctor",
        "inbox",
        "outbox",
        "new",
        "check",
        "docs",
        "probe-count",
    ):
        assert re.search(rf"(?m)^  {name} ", done.stdout), name
    unknown = home.run("srve")
    assert unknown.returncode == 2
    assert "No such command 'srve'" in unknown.stderr


def test_a_plugin_that_can_not_be_loaded_is_told_and_the_command_line_works(home):
    (home.folder / "site" / "hookline_cliprobe.py").write_text("import no_such_library\n")
    done = subprocess.run(
        [sys.executable, "-m", "hookline.cli", "--help"],
        env=home.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (
        "hookline: warning: plugin 'cliprobe' ('hookline_cliprobe:plugin' of distribution 'hookline-cliprobe') "
        in done.stderr
    )
    assert "  serve  " in done.stdout


def test_commands_of_the_core_start_without_the_heavy_libraries(home):
    code = "import sys, hookline.cli; print(sorted({'aiohttp', 'sqlalchemy', 'alembic', 'numpy', 'structlog'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=home.environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


@pytest.mark.slow
def test_help_and_conversation_files_need_no_pytest(home):
    home.tenant("acme")
    conversations = home.folder / "tenants" / "acme" / "conversations"
    conversations.mkdir()
    (conversations / "ping.yaml").write_text("name: it answers\nturns:\n  - say: ping\n    expect: {text: pong}\n")

    def run(*arguments: str) -> str:
        code = (
            "import sys; sys.modules |= {'pytest': None, 'pytest_asyncio': None}; "
            f"from hookline.cli import main; sys.exit(main({list(arguments)!r}))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=home.environment, cwd=home.folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "  test  " in run("--help")
    assert "1 passed, 0 failed" in run("test", "acme")
