"""The documentation holds: each fenced block of README.md and docs/*.md is run.

A page is a story: its blocks run from top to bottom in one clean folder, against real servers.  Only the port and the
data folder are changed.  What follows a block's language says what else becomes of it:

    file: PATH       the block is written there
    wrong            a tenant.toml that is refused; the `text` block after it is what one sees
    needs: SERVICE   run where the service is there
    not-run: REASON  not run at all; the reasons are listed below
    (a `text` block)    what the block before it prints: its lines in this order, … for anything
    (a `json` block)    what the block before it prints, compared by keys
    (a `python` block)  a test, run by pytest, or a program
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
import venv
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest

from hookline.catalogue import Catalogue
from hookline.config import load_tenant
from hookline.dispatch import make_manager
from hookline.errors import ConfigError
from hookline.hookspecs import Scope
from hookline.testing import conversation

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PAGES = [ROOT / "README.md", ROOT / "core" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
GENERATED = ROOT / "docs" / "hooks.md"
REASONS = {
    "needs nginx": 1,
    "needs systemd": 1,
    "needs Ollama and a model": 2,
    "for a superuser": 1,
    "a drawing": 4,
}
"""Why a block may be left out, and of how many blocks that may be said."""
DATABASE = "postgresql://hookline:secret@127.0.0.1/hookline"  # as the docs write it

FENCE = re.compile(
    r"^(?P<fence>```+)(?P<language>[a-z]*)[ ]*(?P<info>.*?)\n(?P<text>.*?)^(?P=fence)[ ]*$", re.MULTILINE | re.DOTALL
)
SERVES = re.compile(r"(?:[A-Z_]+=\S+ )*(?:hookline (?:serve|demo|work)|make demo)\b")


@attrs.frozen
class Block:
    """One fenced block of a page."""

    page: Path
    line: int
    language: str
    info: str
    text: str

    def said(self, key: str) -> str:
        """What stands behind `key:` in the info string; "" if it is not there."""
        return self.info.removeprefix(f"{key}: ") if self.info.startswith(f"{key}: ") else ""

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}: ```{self.language} {self.info}"


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(page, text[: m.start()].count("\n") + 1, m["language"], m["info"], m["text"])
        for m in FENCE.finditer(text)
    ]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], Any], what: str, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what} did not happen within {seconds:g} s"
        time.sleep(0.05)


def fetch(url: str, body: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
    data = None if body is None else json.dumps(body).encode()
    kind = {"Content-Type": "application/json"} if data else {}
    request = urllib.request.Request(url, data, {**kind, **(headers or {})})
    with contextlib.suppress(OSError), urllib.request.urlopen(request, timeout=30) as response:
        return response.status, response.read().decode()
    return 0, ""


# -- a page as a story -------------------------------------------------------------------------------------------------


class Server:
    """A server that a page starts; ended as a person ends it, by Ctrl-C."""

    def __init__(self, command: str, folder: Path, env: Mapping[str, str], port: int, log: Path) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.command = command
        self.log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                shlex.split(command), cwd=folder, env=env, stdout=out, stderr=out, start_new_session=True
            )

    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, text: str) -> None:
        def there() -> bool:
            assert self.process.poll() is None, f"{self.command} ended:\n{self.output()}"
            return text in self.output()

        wait_until(there, f"{text!r} of {self.command}", 120)

    def interrupt(self) -> int:
        """Ctrl-C, which reaches all processes of the terminal; the exit status."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(30)

    def end(self) -> None:
        assert self.interrupt() == 0, f"{self.command} did not end cleanly:\n{self.output()}"


class Story:
    """A page's blocks, run in order in one folder."""

    def __init__(self, folder: Path, home: Path, env: Mapping[str, str]) -> None:
        self.folder = folder
        self.env = {**os.environ, **env}
        self.home = home
        self.moved: dict[str, str] = {}
        """What stands in the page, and where it is here: addresses, and the database."""
        self.servers: list[Server] = []
        self.running: dict[str, Server] = {}
        self.printed = ""
        self.tests: list[Path] = []

    def run(self, block: Block) -> None:
        if block.said("not-run"):
            return
        target = block.said("file")
        if target:
            self._write(block, target)
        elif block.info == "wrong":
            self.printed = self._refused(block)
        elif block.language == "sh":
            self._sh(block)
        elif block.language == "toml":
            self._tenant(block)
        elif block.language == "text":
            self._expect(block)
        elif block.language == "json":
            self._compare(block)
        elif block.language == "python":
            self._python(block)
        elif block.language == "html":
            self._html(block)
        else:
            pytest.fail(f"{block}: nobody knows how to run this")

    def close(self) -> None:
        for server in self.servers:
            if server.process.poll() is None:
                os.killpg(server.process.pid, signal.SIGKILL)
                server.process.wait()

    # -- files ---------------------------------------------------------------------------------------------------------

    def _write(self, block: Block, target: str) -> None:
        path = self.folder / target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
        if block.language == "yaml" and path.parent.name == "conversations":
            assert conversation.read(path).turns, f"{block}: there is no turn"

    def _tenant(self, block: Block) -> None:
        """Read it strictly, as a tenant's whole config; a part of one gets the list of its plugins."""
        tables = tomllib.loads(block.text).get("plugins", {})
        listed = isinstance(tables, list) or "enabled" in tables
        enabled = json.dumps(list(dict.fromkeys(["webchat", "embeddings", "rag", *tables])))
        folder = self.home / f"config-{block.line}" / "shop"
        folder.mkdir(parents=True)
        text = block.text if listed else f"{block.text}\n[plugins]\nenabled = {enabled}\n"
        (folder / "tenant.toml").write_text(text, encoding="utf-8")
        variables = {"GROQ_API_KEY": "gsk-of-a-test", "CHAT_SECRET": "sixteen characters and more"}
        try:
            load_tenant(folder, Catalogue.load(), variables)
        except ConfigError as error:
            pytest.fail(f"{block}: {error}")

    def _refused(self, block: Block) -> str:
        folder = self.home / f"wrong-{block.line}" / "tenants" / "shop"
        folder.mkdir(parents=True)
        (folder / "tenant.toml").write_text(block.text, encoding="utf-8")
        with pytest.raises(ConfigError) as caught:
            load_tenant(folder, Catalogue.load(), {})
        return str(caught.value).replace(str(folder), "tenants/shop")

    # -- commands ------------------------------------------------------------------------------------------------------

    def here(self, text: str) -> str:
        """The text with the addresses as they are here."""
        for there, here in self.moved.items():
            text = text.replace(there, here)
        return text

    def _sh(self, block: Block) -> None:
        lines = [line for line in block.text.splitlines() if line and not line.startswith("#")]
        if SERVES.match(lines[-1]):
            assert len(lines) == 1, f"{block}: a server's command stands alone"
            self.serve(lines[0])
            return
        text = self.here(block.text).replace("make test", "make -n test")
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", text], cwd=self.folder, env=self.env, capture_output=True, text=True,
            timeout=120,
        )  # fmt: skip
        self.printed = done.stdout + done.stderr
        wanted = int(block.said("status") or 0)
        assert done.returncode == wanted, f"{block}: exit status {done.returncode}\n{self.printed}"
        self.printed = done.stdout or done.stderr

    def serve(self, command: str) -> Server:
        """Start it on a port of its own, in place of the server before it."""
        data = found[1] if (found := re.search(r"--data (\S+)", command)) else "var"
        if data in self.running:
            self.running.pop(data).end()
        port = free_port()
        command = re.sub(r"--port \d+", f"--port {port}", self.here(command))
        if "hookline work" not in command:
            self.moved["127.0.0.1:8080"] = f"127.0.0.1:{port}"
        env = {**self.env, "HOOKLINE_PORT": str(port), "PORT": str(port)}
        server = Server(command, self.folder, env, port, self.home / f"server-{port}.log")
        self.servers.append(server)
        self.running[data] = server
        server.wait_for("Ctrl-C ends" if "serve" not in command else "serving on")
        self.printed = server.output()
        return server

    # -- what is seen --------------------------------------------------------------------------------------------------

    def _expect(self, block: Block) -> None:
        at = 0
        for line in block.text.splitlines():
            pattern = re.escape(self.here(line).strip()).replace("…", ".*?")
            pattern = re.sub(r"(\\ )+", r"\\s+", pattern)
            found = re.compile(rf"^\s*{pattern}\s*$", re.MULTILINE).search(self.printed, at)
            assert found, f"{block}: {line!r} is not in\n{self.printed}"
            at = found.end()

    def _compare(self, block: Block) -> None:
        assert shape(json.loads(block.text)) == shape(json.loads(self.printed)), f"{block}\n{self.printed}"

    def _python(self, block: Block) -> None:
        if "def test_" in block.text:
            path = self.folder / "tests" / f"test_line_{block.line}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
            self.tests.append(path)
            return
        done = subprocess.run(
            ["python", "-c", self.here(block.text)], cwd=self.folder, env=self.env, capture_output=True, text=True,
            timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, f"{block}\n{done.stderr}"
        self.printed = done.stdout

    def _html(self, block: Block) -> None:
        for source in re.findall(r'src="([^"]+)"', block.text):
            address = re.sub(r"https?://[^/]+", self.servers[-1].url, source)
            assert fetch(address)[0] == 200, f"{block}: {address} is not served"

    def run_tests(self) -> None:
        """All tests of the page at once, with the settings that docs/testing.md shows."""
        if not self.tests:
            return
        (shown,) = (b for b in blocks(ROOT / "docs" / "testing.md") if b.said("file") == "pyproject.toml")
        (self.folder / "pyproject.toml").write_text(shown.text, encoding="utf-8")
        done = subprocess.run(
            ["python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", "tests"], cwd=self.folder,
            env=self.env, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


def shape(value: Any) -> Any:
    """The keys of a JSON value at all depths; of a list those of its first element."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    return [shape(item) for item in value[:1]] if isinstance(value, list) else ""


@pytest.fixture
def stage(tmp_path: Path) -> Mapping[str, str]:
    """An environment of Python's own, with the workspace's packages in it; where a plugin is installed it stays here."""
    home = tmp_path / "venv"
    venv.EnvBuilder(symlinks=True).create(home)
    packages = next(path for path in (BIN.parent / "lib").glob("python3*/site-packages"))
    mine = next(path for path in (home / "lib").glob("python3*/site-packages"))
    (mine / "workspace.pth").write_text(f"import site; site.addsitedir({str(packages)!r})\n", encoding="utf-8")
    command = home / "bin" / "hookline"
    command.write_text(
        f"#!{home}/bin/python\nimport sys\nfrom hookline.cli import main\nif __name__ == '__main__':\n    sys.exit(main())\n"
    )
    command.chmod(0o755)
    return {
        "PATH": f"{home}/bin:{BIN}:{os.environ['PATH']}",
        "VIRTUAL_ENV": str(home),
        "PIP_NO_INDEX": "1",  # what is needed is here; nothing is fetched
        "PIP_NO_BUILD_ISOLATION": "0",  # pip's way to say yes
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOOKLINE_LOG": "json",
    }


def tell(page: Path, story: Story, needs: str = "") -> None:
    """Run the page's blocks: those that need nothing, or those that need the service, with the files of the page."""
    story.folder.mkdir(exist_ok=True)
    with contextlib.closing(story):
        for block in blocks(page):
            if block.said("needs") == needs or (block.said("file") and needs):
                story.run(block)
        for server in story.running.values():
            server.end()
        story.run_tests()


# -- the pages -----------------------------------------------------------------------------------------------------------

STORIES = [page for page in PAGES if page not in (ROOT / "README.md", GENERATED)]


@pytest.mark.slow
@pytest.mark.service("curl")
@pytest.mark.parametrize("page", STORIES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_says_is_what_happens(page: Path, tmp_path: Path, stage: Mapping[str, str]) -> None:
    tell(page, Story(tmp_path / "work", tmp_path, stage))


@pytest.mark.slow
@pytest.mark.service("postgresql", "curl")
def test_what_operations_says_of_postgresql_is_what_happens(tmp_path: Path, stage: Mapping[str, str]) -> None:
    story = Story(tmp_path / "work", tmp_path, stage)
    with database_of_its_own() as url:
        story.moved[DATABASE] = url
        tell(ROOT / "docs" / "operations.md", story, needs="postgresql")


@contextlib.contextmanager
def database_of_its_own() -> Iterator[str]:
    """An empty database beside the one for tests, dropped afterwards."""
    base = os.environ["HOOKLINE_TEST_POSTGRES"]
    name = f"hookline_docs_{os.getpid()}"
    program = (
        "import asyncio, asyncpg, sys\n"
        "async def main():\n"
        "    c = await asyncpg.connect(sys.argv[1]); await c.execute(sys.argv[2]); await c.close()\n"
        "asyncio.run(main())"
    )
    subprocess.run([sys.executable, "-c", program, base, f"CREATE DATABASE {name}"], check=True)
    try:
        yield f"{base.rpartition('/')[0]}/{name}"
    finally:
        drop = f"DROP DATABASE {name} WITH (FORCE)"
        subprocess.run([sys.executable, "-c", program, base, drop], check=True)


@pytest.mark.slow
def test_the_readme_says_how_to_begin(tmp_path: Path) -> None:
    data = tmp_path / "data"
    story = Story(ROOT, tmp_path, {"DATA": str(data), "HOOKLINE_DATA": str(data), "HOOKLINE_LOG": "json"})
    with contextlib.closing(story):
        for block in blocks(ROOT / "README.md"):
            story.run(block)
            if block.text == "make demo\n":
                look_at(story.servers[0].url)
                take_over(story.servers[0].url, story.printed)
        demo = story.servers[0]
        # make itself dies of a Ctrl-C; what it ran has ended in good order if the folder's lock names nobody.
        assert demo.interrupt() in (0, -signal.SIGINT)
        assert "Traceback" not in demo.output()
        assert (data / "hookline.lock").read_text() == ""


def look_at(url: str) -> None:
    """What a newcomer does with the demo: look at the addresses, and ask."""
    assert json.loads(fetch(f"{url}/health")[1])["status"] == "ok"
    status, page = fetch(f"{url}/")
    assert (status, page.count("</html>")) == (200, 1)
    asked = json.loads(fetch(f"{url}/chat", {"message": "What does a travel pass cost?"})[1])
    assert "€4.90" in asked["answer"], asked
    assert asked["sources"], asked


def take_over(url: str, printed: str) -> None:
    """The rest of it: ask for a person, sign in with the printed password, have the conversation, give it back."""
    email, password = re.search(r"sign in +(\S+@\S+) +(\S+) +\(shown this once\)", printed).groups()  # type: ignore[union-attr]
    asked = json.loads(fetch(f"{url}/chat", {"message": "I want to talk to a human"})[1])
    assert "colleague" in asked["answer"]
    login = json.loads(fetch(f"{url}/auth/login", {"email": email, "password": password, "cookies": False})[1])
    bearer = {"Authorization": f"Bearer {login['access_token']}"}
    assert "<title>" in fetch(f"{url}/console", headers=bearer)[1]
    inbox = json.loads(fetch(f"{url}/console/api/inbox?view=unassigned", headers=bearer)[1])
    assert [item["conversation"]["id"] for item in inbox["items"]] == [asked["session_id"]]
    talk = f"{url}/console/api/conversations/{asked['session_id']}"
    assert fetch(f"{talk}/claim", {}, bearer)[0] == 200
    again = {"session_id": asked["session_id"], "message": "What does a travel pass cost?"}
    assert json.loads(fetch(f"{url}/chat", again)[1])["status"] == "held"
    assert fetch(f"{talk}/resolve", {}, bearer)[0] == 200
    assert "€4.90" in json.loads(fetch(f"{url}/chat", again)[1])["answer"]


def test_the_hook_reference_shows_signatures_that_are_accepted() -> None:
    found: dict[Scope, list[str]] = {Scope.TENANT: [], Scope.PROCESS: []}
    text = GENERATED.read_text(encoding="utf-8")
    for block in blocks(GENERATED):
        after = text.splitlines()[block.line + block.text.count("\n") + 1 :]
        scope = Scope.PROCESS if next(line for line in after if line).startswith("*ProcessHooks") else Scope.TENANT
        found[scope].append(block.text)
    for scope, signatures in found.items():
        assert signatures
        body = "".join(f"    {line}\n" for text in signatures for line in text.splitlines())
        program = f"from __future__ import annotations\nfrom hookline.hookspecs import hookimpl\nclass Hooks:\n{body}"
        names: dict[str, Any] = {}
        exec(compile(program, "docs/hooks.md", "exec"), names)
        make_manager([("documented", names["Hooks"]())], scope).check_pending()


def test_few_blocks_are_not_run_and_each_says_why() -> None:
    left_out: dict[str, int] = {}
    for page in PAGES:
        for block in blocks(page):
            reason = block.said("not-run")
            if reason:
                assert reason in REASONS, f"{block}: allowed reasons: {', '.join(REASONS)}"
                left_out[reason] = left_out.get(reason, 0) + 1
            else:
                known = block.info in ("", "wrong") or any(map(block.said, ("file", "needs", "status")))
                assert known, f"{block}: unknown words after the language"
    assert all(left_out[reason] <= REASONS[reason] for reason in left_out), left_out


def test_links_between_the_pages_lead_somewhere() -> None:
    for page in [*PAGES, *sorted(ROOT.glob("plugins/*/README.md")), *sorted(ROOT.glob("tenants/*/README.md"))]:
        text = FENCE.sub("", page.read_text(encoding="utf-8"))
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
            assert "://" in target or (page.parent / target).exists(), f"{page.relative_to(ROOT)}: {target}"
        for target, anchor in re.findall(r"\]\(([^)#\s]*)#([^)]+)\)", text):
            if "://" not in target:
                there = page.parent / target if target else page
                assert anchor in anchors(there), f"{page.relative_to(ROOT)}: {target}#{anchor}"


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}
