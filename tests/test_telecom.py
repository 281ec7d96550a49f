"""The tenant telecom against the reference system's own curl lines and client, on a real server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import aiohttp
import attrs
import pytest
import socketio

from hookline.catalogue import Catalogue
from hookline.config import load_tenant
from hookline.runtime import Runtime

ROOT = Path(__file__).parent.parent
TENANT = ROOT / "tenants" / "telecom"

CREATE_SESSION = """\
curl -X POST http://localhost:5000/api/sessions \\
  -H "Content-Type: application/json" \\
  -d '{"user_id": "user123"}'
"""
INGEST = """\
curl -X POST http://localhost:5000/api/ingest \\
  -H "Content-Type: application/json" \\
  -d '{
    "documents": [
      {
        "content": "To reset your password, go to the account settings...",
        "title": "Password Reset Guide",
        "category": "account_management"
      }
    ]
  }'
"""
ASK = """\
curl -X POST http://localhost:5000/api/ask \\
  -H "Content-Type: application/json" \\
  -d '{"message": "How do I reset my password?"}'
"""
CLIENT = (Path(__file__).parent / "telecom_client.js").read_text(encoding="utf-8")
"""The snippet that the reference document prints."""
HEALTH = "curl http://localhost:5000/api/health"

pytestmark = pytest.mark.service("curl")


@attrs.frozen
class Server:
    """A server of the tenant; `port` is 5000 unless another program has it."""

    process: subprocess.Popen
    url: str
    data: Path

    @property
    def port(self):
        return int(self.url.rpartition(":")[2])

    def run(self, command):
        """Run a printed command as it is printed, but for the port; the status and the JSON body."""
        curlrc = self.data / "curl"
        curlrc.mkdir(exist_ok=True)
        (curlrc / ".curlrc").write_text('silent\nshow-error\nmax-time = 60\nwrite-out = "\\n%{http_code}"\n')
        command = command.replace("localhost:5000", f"localhost:{self.port}")
        done = subprocess.run(
            ["/bin/sh", "-c", command], capture_output=True, text=True, env={**os.environ, "CURL_HOME": str(curlrc)}
        )
        assert done.returncode == 0, done.stderr
        body, _, status = done.stdout.rpartition("\n")
        return int(status), json.loads(body)


@contextlib.contextmanager
def serving(data, *options, **variables):
    """`hookline serve --tenant telecom`, ready."""
    keep = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "HOOKLINE_CACHE", "TMPDIR")}
    command = [sys.executable, "-m", "hookline", "serve", "--tenant", "telecom", "--data", str(data), *options]
    with (data.parent / f"{data.name}.log").open("w+") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**keep, **variables}, stdout=subprocess.PIPE, stderr=log, text=True
        )
        try:
            url = ""
            for line in process.stdout:
                if found := re.match(r"serving on (http://\S+)", line):
                    url = found[1]
                    break
            log.seek(0)
            assert url, log.read()
            yield Server(process, url, data)
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def free(port):
    """Whether nobody listens there."""
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen()
        except OSError:
            return False
        return True


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    data = tmp_path_factory.mktemp("telecom") / "data"
    with serving(data, *([] if free(5000) else ["--port", "0"])) as running:
        yield running


@pytest.fixture(scope="module")
def ingested(server):
    """The server with the printed document taken in by the printed command."""
    status, body = server.run(INGEST)
    assert (status, body["ingested"]) == (200, 1), body
    return server


def keyed(server, role):
    """The header of a new API key."""
    where = ["--tenant", "telecom", "--data", str(server.data)]
    command = [sys.executable, "-m", "hookline", "key", "create", "--name", role, "--role", role, *where]
    key = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    return f'-H "X-API-Key: {key}" -H "Content-Type: application/json"'


@pytest.mark.row("T12")
@pytest.mark.row("T44")
def test_a_user_is_created_with_all_its_fields_and_only_once(server):
    header = keyed(server, "agent")
    user = {"user_id": "user77", "name": "Priya Nair", "email": "priya@example.com", "phone": "+41 44 555 01 00"}

    def create(**changes):
        return server.run(f"curl -X POST http://localhost:5000/api/users {header} -d '{json.dumps(user | changes)}'")

    assert create(email="no address")[0] == 400
    status, made = create()
    assert (status, {key: made[key] for key in user}) == (201, user)
    assert made["id"]
    assert create(name="Another")[0] == 409
    assert server.run(f"curl http://localhost:5000/api/users/user77 {header}") == (200, made)
    status, session = server.run(CREATE_SESSION.replace("user123", "user77"))
    assert (status, session["user_id"]) == (201, "user77")
    assert server.run(f"curl -X POST http://localhost:5000/api/users -d '{json.dumps(user)}'")[0] == 401


@pytest.mark.row("T44")
def test_an_agent_is_created_with_all_its_fields_and_only_once(server):
    header = keyed(server, "admin")
    agent = {"agent_id": "agent7", "name": "Ravi", "email": "ravi@example.com", "phone": "+41 44 555 01 01"}

    def create(**changes):
        return server.run(f"curl -X POST http://localhost:5000/api/agents {header} -d '{json.dumps(agent | changes)}'")

    assert create(email="no address")[0] == 400
    assert create() == (201, {"id": "agent7", **agent, "is_available": True})
    assert create(email="other@example.com")[0] == 409
    assert create(agent_id="agent8")[0] == 409
    _, told = server.run(f"curl http://localhost:5000/staff/agent7 {header}")
    assert {key: told[key] for key in ("name", "email", "phone", "role")} == {
        "name": "Ravi", "email": "ravi@example.com", "phone": "+41 44 555 01 01", "role": "agent",
    }  # fmt: skip


@pytest.mark.row("T38")
@pytest.mark.row("T09")
def test_the_printed_command_creates_a_chat_session(server):
    status, session = server.run(CREATE_SESSION)
    assert status == 201
    assert session["user_id"] == "user123"
    assert session["status"] == "open"
    assert session["session_id"]
    assert session["room_id"]
    status, problem = server.run(CREATE_SESSION.replace('{"user_id": "user123"}', "{}"))
    assert (status, problem["errors"][0]["field"]) == (400, "user_id")


@pytest.mark.row("T39")
@pytest.mark.row("T45")
@pytest.mark.row("T11")
def test_the_printed_command_takes_a_document_in(ingested):
    status, answer = ingested.run(ASK)
    assert status == 200
    source = answer["sources"][0]
    assert (source["title"], source["category"]) == ("Password Reset Guide", "account_management")
    assert source["text"] in "To reset your password, go to the account settings..."
    empty = INGEST[: INGEST.index("'{")] + "'{\"documents\": []}'"
    status, problem = ingested.run(empty)
    assert (status, problem["errors"][0]["field"]) == (400, "documents")


@pytest.mark.row("T40")
@pytest.mark.row("T02")
@pytest.mark.row("T07")
def test_the_printed_question_is_answered_from_the_document(ingested):
    status, answer = ingested.run(ASK)
    assert status == 200
    assert "account settings" in answer["answer"]
    assert answer["answered"] is True
    assert 0.6 <= answer["confidence"] <= 1, "sure enough for no escalation"
    status, problem = ingested.run(ASK.replace('"message"', '"massage"'))
    assert (status, problem["errors"][0]["field"]) == (400, "message")


@pytest.mark.row("T58")
@pytest.mark.row("T15")
def test_health_query_and_ingestion_work_in_the_printed_order(server):
    status, health = server.run(HEALTH)
    assert status == 200
    assert health["database"]["status"] == "ok"
    assert health["vector_store"]["status"] == "ok"
    assert health["llm"]["status"] == "off"
    assert server.run(ASK)[0] == 200
    assert server.run(INGEST)[0] == 200


@pytest.mark.row("T06")
def test_unknown_paths_and_wrong_methods_answer_in_json(server):
    assert server.run("curl http://localhost:5000/api/nothing")[0] == 404
    assert server.run("curl http://localhost:5000/api/ask")[0] == 405


async def connect(server, **options):
    client = socketio.AsyncClient(**options)
    client.seen, client.errors = [], []
    client.on("new_message", client.seen.append)
    client.on("error", client.errors.append)
    await client.connect(f"http://localhost:{server.port}")
    return client


async def until(condition, seconds=30):
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.mark.row("T41")
@pytest.mark.row("T16")
async def test_the_printed_client_joins_sends_and_hears_the_answer(server):
    client = await connect(server)
    try:
        await client.emit("join_room", {"room_id": "room123", "user_type": "user", "user_id": "user123"})
        await client.emit(
            "send_message",
            {
                "room_id": "room123",
                "message": "Hello, I need help with my account",
                "user_type": "user",
                "user_id": "user123",
            },
        )
        await until(lambda: len(client.seen) == 2)
        mine, reply = client.seen
        assert (mine["sender_type"], mine["message"]) == ("user", "Hello, I need help with my account")
        assert (reply["sender_type"], reply["room_id"]) == ("bot", "room123")
        assert "can't find" not in reply["message"], "a greeting is no question that went unanswered"
        assert client.errors == []
    finally:
        await client.disconnect()


@pytest.mark.row("T41")
@pytest.mark.row("T21")
@pytest.mark.service("node")
def test_the_printed_javascript_runs_as_it_is_printed(server):
    """With the real JavaScript library; what stands around the printed lines ends the program after two messages."""
    program = f"""
const {{ io }} = require("socket.io-client");
{CLIENT.replace("localhost:5000", f"localhost:{server.port}")}
let heard = 0;
socket.on("new_message", () => {{ heard += 1; if (heard === 2) socket.disconnect(); }});
socket.on("error", (data) => {{ console.log("ERROR", data); process.exit(1); }});
setTimeout(() => process.exit(2), 30000).unref();
"""
    done = subprocess.run(
        [os.environ["HOOKLINE_TEST_NODE"], "-e", program], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("New message: {") == 2
    assert "message: 'Hello, I need help with my account'" in done.stdout
    assert "sender_type: 'bot'" in done.stdout


@pytest.mark.row("T42")
async def test_a_chat_session_shows_the_eight_fields_and_moves_with_each_message(ingested):
    _, before = ingested.run(CREATE_SESSION)
    assert set(before) == {
        "id",
        "session_id",
        "user_id",
        "agent_id",
        "room_id",
        "status",
        "created_at",
        "updated_at",
    }
    client = await connect(ingested)
    try:
        room = {"room_id": before["room_id"], "user_type": "user", "user_id": "user123"}
        await client.call("join_room", room)
        await client.emit("send_message", {**room, "message": "How do I reset my password?"})
        await until(lambda: len(client.seen) == 2)
    finally:
        await client.disconnect()
    assert "account settings" in client.seen[1]["message"]
    _, after = ingested.run(f"curl http://localhost:5000/sessions/{before['session_id']}")
    assert after["created_at"] == before["created_at"]
    assert after["updated_at"] > before["updated_at"]


@pytest.mark.row("T46")
@pytest.mark.row("T60")
async def test_the_database_holds_sessions_and_no_message_once_it_is_delivered(server):
    words = "xylophone quandary"
    client = await connect(server)
    try:
        room = {"room_id": "secret-room", "user_type": "user", "user_id": "user-of-the-secret-room"}
        await client.call("join_room", room)
        await client.emit("send_message", {**room, "message": f"How do I reset my password? {words}"})
        await until(lambda: len(client.seen) == 2)
    finally:
        await client.disconnect()

    def rows():
        with contextlib.closing(sqlite3.connect(f"file:{server.data}/chatbot.db?mode=ro", uri=True)) as database:
            names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {name: str(database.execute(f'SELECT * FROM "{name}"').fetchall()) for name in names}

    await until(lambda: not any(words in text for text in rows().values()))
    assert "room:secret-room" in rows()["conversation"]


@pytest.mark.row("T55")
async def test_the_log_is_where_it_was_and_no_path_leads_to_it(server):
    file = server.data / "static" / "logs" / "chatbot.log"
    server.run(ASK)
    await until(file.exists)
    assert all(json.loads(line)["tenant"] == "telecom" for line in file.read_text().splitlines())
    assert "reset my password" not in file.read_text()
    async with aiohttp.ClientSession() as http:
        for path in (
            "static/logs/chatbot.log",
            "webchat/../static/logs/chatbot.log",
            "webchat/logs/chatbot.log",
            "webchat/%2e%2e/%2e%2e/static/logs/chatbot.log",
            "logs/chatbot.log",
        ):
            async with http.get(f"{server.url}/{path}") as response:
                assert response.status == 404, path


@pytest.mark.row("T53")
async def test_only_the_named_pages_may_call_from_a_browser(server):
    async with aiohttp.ClientSession() as http:
        for path in ("api/health", "socket.io/?EIO=4&transport=polling"):
            for origin, allowed in [("http://localhost:3000", True), ("https://evil.example", False)]:
                async with http.get(f"{server.url}/{path}", headers={"Origin": origin}) as response:
                    assert response.headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)


async def test_the_chat_page_is_at_the_root(server):
    async with aiohttp.ClientSession() as http, http.get(f"{server.url}/") as response:
        text = await response.text()
    assert response.status == 200 or (response.status == 503 and "make web" in text)


@pytest.mark.row("T62")
@pytest.mark.row("T60")
@pytest.mark.row("T61")
@pytest.mark.row("T63")
def test_the_printed_variables_set_port_database_and_debug(tmp_path):
    port = next(port for port in range(20500, 20600) if free(port))
    variables = {"PORT": str(port), "DATABASE_URL": f"sqlite:///{tmp_path}/elsewhere.db", "FLASK_DEBUG": "True"}
    with serving(tmp_path / "data", **variables) as server:
        assert server.port == port
        assert server.run(HEALTH)[0] == 200
    assert (tmp_path / "elsewhere.db").exists()
    assert not (tmp_path / "data" / "chatbot.db").exists()


@pytest.mark.row("T34")
@pytest.mark.row("T60")
@pytest.mark.row("T61")
@pytest.mark.row("T62")
@pytest.mark.row("T37")
def test_without_any_variable_the_config_is_what_was_printed():
    config = load_tenant(TENANT, Catalogue.load(), env={})
    assert config.warnings == ()
    settings = config.settings
    assert (settings.port, settings.debug, settings.database) == (5000, False, "sqlite:///chatbot.db")
    assert (settings.history.store, settings.logging.file) == ("memory", "static/logs/chatbot.log")
    assert config.plugins["rag"].context_chars == 2000
    assert config.plugins["embeddings"].named[config.plugins["rag"].embedder].model == "all-MiniLM-L6-v2"
    assert config.plugins["llm"].chain == ()
    loud = load_tenant(TENANT, Catalogue.load(), env={"FLASK_DEBUG": "True", "DATABASE_URL": "sqlite:////srv/x.db"})
    assert (loud.settings.debug, loud.settings.database) == (True, "sqlite:////srv/x.db")


@pytest.mark.row("T37")
@pytest.mark.row("T59")
def test_the_examples_of_models_in_the_config_can_be_used_as_they_are(tmp_path):
    text = (TENANT / "tenant.toml").read_text(encoding="utf-8")
    ollama, groq = re.findall(r"(?m)((?:^# (?:\[plugins\.llm.*|chain = .*|model = .*|api_key = .*)\n)+)", text)
    for example, chain, model in [(ollama, ("ollama",), "llama3:8b"), (groq, ("groq", "ollama"), "llama3-8b-8192")]:
        folder = tmp_path / chain[0] / "telecom"
        folder.mkdir(parents=True)
        lines = re.sub(r"(?m)^# ", "", example)
        (folder / "tenant.toml").write_text(text.replace(example, lines), encoding="utf-8")
        config = load_tenant(folder, Catalogue.load(), env={"GROQ_API_KEY": "gsk_0123456789"})
        llm = config.plugins["llm"]
        assert (llm.chain, llm.complete[chain[0]].model) == (chain, model)
        without = load_tenant(folder, Catalogue.load(), env={})
        assert ("GROQ_API_KEY" in " ".join(without.warnings)) == ("groq" in chain)


@pytest.mark.row("T36")
async def test_what_an_answer_is_made_of_has_at_most_two_thousand_characters(tmp_path):
    folder = tmp_path / "telecom"
    shutil.copytree(TENANT, folder)
    runtime = Runtime(catalogue=Catalogue.load(), folders={"telecom": folder}, data=tmp_path / "data", env={})
    async with runtime:
        assert runtime.tenants.get("telecom").available, runtime.tenants.get("telecom").error
        from hookline.control import Commands
        from hookline.routing import collect

        commands = Commands()
        commands.add_plugins(runtime, collect(runtime.hooks))
        given = tmp_path / "given"
        given.mkdir()
        for n in range(10):
            sentences = [f"The warranty of router model {n} covers part {m} for {m + 2} years. " for m in range(20)]
            (given / f"warranty-{n}.md").write_text(f"# Warranty {n}\n\n{''.join(sentences)[:1000]}\n")
        done = await commands.run("rag.ingest", "telecom", {"paths": [str(given)]}, lambda _told: None)
        assert done["ingested"] == 10
        with runtime.tenants.get("telecom").acquire() as snapshot:
            turn = await snapshot.core.ask("What does the warranty of the router cover?")
        lengths = [len(passage.text) for passage in turn.passages]
        assert len(lengths) > 1
        assert sum(lengths) <= 2000
        assert [p.score for p in turn.passages] == sorted((p.score for p in turn.passages), reverse=True)


@pytest.mark.slow
def test_the_tenants_conversations_go_as_written():
    done = subprocess.run(
        [sys.executable, "-m", "hookline", "test", "telecom"], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.row("T64")
@pytest.mark.row("T65")
@pytest.mark.row("T66")
def test_the_readme_says_what_became_of_everything_that_was_printed():
    text = (TENANT / "README.md").read_text(encoding="utf-8")
    for part in (
        "app.py",
        "requirements.txt",
        ".env",
        "models/chat_models.py",
        "models/user_models.py",
        "services/rag_service.py",
        "services/llm_service.py",
        "services/escalation_service.py",
        "services/websocket_service.py",
        "routes/chat_routes.py",
        "routes/admin_routes.py",
        "utils/db.py",
        "static/",
    ):
        assert f"`{part}`" in text, part
    production = text[text.index("## In production") :]
    for word in ("FLASK_DEBUG", "database", "CORS", "TLS", "secret", "monitoring"):
        assert re.search(word, production, re.IGNORECASE), word
    assert "MIT" in text
