"""What is changed in a tenant's folder is taken up by a server that runs; a wrong file leaves the old ones serving."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request

import pytest

CONFIG = """
languages = ["en"]
[plugins]
enabled = ["flows", "nlu", "scoring"]
[plugins.nlu]
embedder = ""
[plugins.scoring]
rules = "scoring.yaml"
"""
INTENTS = "intents:\n  - {name: hours, keywords: {en: [opening hours]}}\n"
ENTITIES = "fields:\n  shop:\n    kind: list\n    file: shops.csv\n    column: name\n"
FLOW = "version: 1\ntitle: flow-hours\nstarts:\n  intents: [hours]\nsteps:\n  - say: hours-told\n  - end: told\n"
TEXTS = "flow-hours = the hours\nhours-told = We open at nine.\n"
RULES = "intents: {hours: 7}\n"


class Served:
    """A server process with one tenant, whose log is read as it is written."""

    def __init__(self, home):
        self.tenants, self.folder = home, home / "acme"
        self.places = ["--tenants", str(home), "--data", str(home.parent / "data")]
        self.log: list[str] = []
        self.url = ""
        self.keys = 0
        self.key = ""

    def write(self, **files):
        for name, text in files.items():
            path = self.folder / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def start(self, *more):
        command = [sys.executable, "-m", "hookline", "serve", "--port", "0", "--log", "json", *more, *self.places]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=dict(os.environ), cwd=self.tenants
        )
        self.reader = threading.Thread(target=self._read)
        self.reader.start()
        self.url = self.told(r"serving on (http://\S+)")

    def _read(self):
        for line in self.process.stdout:
            self.log.append(line)

    def told(self, pattern, after=0):
        until = time.monotonic() + 60
        while time.monotonic() < until:
            for line in self.log[after:]:
                if found := re.search(pattern, line):
                    return found[1] if found.groups() else found[0]
            assert self.process.poll() is None, self.log
            time.sleep(0.02)
        raise AssertionError(f"no {pattern!r} in {self.log[after:]}")

    def change(self, outcome="tenant reloaded", **files):
        """Write the files, and wait for what becomes of it; the lines that the server wrote about it."""
        before = len(self.log)
        self.write(**files)
        self.told(outcome, before)
        return "".join(self.log[before:])

    def post(self, path, body):
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"}
        request = urllib.request.Request(f"{self.url}/t/acme{path}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def make_key(self):
        made = subprocess.run(
            [sys.executable, "-m", "hookline", "key", "create", "--tenant", "acme", "--name", "k", "--role", "admin", *self.places],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        self.key = next(word for word in made.stdout.split() if word.startswith("hk_"))

    def said(self, text):
        return self.post("/chat", {"message": text})["answer"]

    def points(self):
        return self.post("/api/v1/leads/evaluate", {"intent": "hours"})["score"]

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        self.reader.join(30)
        self.process.stdout.close()


@pytest.fixture
def served(tmp_path):
    home = Served(tmp_path / "tenants")
    home.write(
        tenant_dot_toml=CONFIG, intents_dot_yaml=INTENTS, entities_dot_yaml=ENTITIES, shops_dot_csv="name\nHarbour\n",
        flows__hours_dot_yaml=FLOW, locales__en_dot_ftl=TEXTS, scoring_dot_yaml=RULES,
    )  # fmt: skip
    yield home
    if hasattr(home, "process"):
        home.stop()


@pytest.mark.slow
def test_each_kind_of_file_is_taken_up_and_a_wrong_one_leaves_the_old_serving(served):
    served.start()
    served.make_key()
    assert served.said("your opening hours?") == "We open at nine."

    served.change(locales__en_dot_ftl=TEXTS.replace("nine", "ten"))
    assert served.said("your opening hours?") == "We open at ten."
    log = served.change("tenant not loaded", locales__en_dot_ftl=TEXTS + "broken {\n")
    assert "acme/locales/en.ftl:3: no valid Fluent" in log
    assert served.said("your opening hours?") == "We open at ten."
    served.change(locales__en_dot_ftl=TEXTS)

    served.change(intents_dot_yaml=INTENTS.replace("opening hours", "when are you open"))
    assert served.said("your opening hours?") != "We open at nine."
    assert served.said("when are you open") == "We open at nine."
    log = served.change("tenant not loaded", intents_dot_yaml=INTENTS + "  - {nane: x}\n")
    assert "acme/intents.yaml:3" in log
    assert served.said("when are you open") == "We open at nine."
    served.change(intents_dot_yaml=INTENTS)

    log = served.change("tenant not loaded", flows__hours_dot_yaml=FLOW.replace("hours-told", "hours-tld"))
    assert "flows/hours.yaml:6" in log
    assert served.said("your opening hours?") == "We open at nine."
    served.change(flows__hours_dot_yaml=FLOW.replace("  - end: told", "  - say: hours-more\n  - end: told"),
                  locales__en_dot_ftl=TEXTS + "hours-more = And on Sundays.\n")  # fmt: skip
    assert "And on Sundays." in served.said("your opening hours?")

    assert served.points() == 7
    log = served.change("tenant not loaded", scoring_dot_yaml="intents: {hours: many}\n")
    assert "scoring.yaml:1" in log
    assert served.points() == 7
    served.change(scoring_dot_yaml="intents: {hours: 9}\n")
    assert served.points() == 9

    log = served.change("tenant not loaded", shops_dot_csv="town\nHarbour\n")
    assert re.search(r"entities\.yaml:4: fields\.shop.*has no column 'name'", log)
    served.change(shops_dot_csv="name\nHarbour\nMarket\n")


@pytest.mark.slow
def test_a_flow_that_is_new_or_gone_counts_at_once(served):
    served.start()
    served.make_key()
    (served.folder / "flows" / "hours.yaml").rename(served.folder / "hours.bak")
    served.told("tenant reloaded")
    assert served.said("your opening hours?") != "We open at nine."
    before = len(served.log)
    (served.folder / "hours.bak").rename(served.folder / "flows" / "hours.yaml")
    served.told("tenant reloaded", before)
    assert served.said("your opening hours?") == "We open at nine."


@pytest.mark.slow
def test_a_tenant_that_a_wrong_file_kept_out_of_service_comes_back_once_it_is_right(served):
    served.write(intents_dot_yaml="intents: {\n")
    other = served.tenants / "other"
    other.mkdir()
    (other / "tenant.toml").write_text('plugins = ["flows"]\n', encoding="utf-8")
    served.start()
    assert served.told(r"acme/intents\.yaml:\d+")
    served.change(intents_dot_yaml=INTENTS)
    served.make_key()
    assert served.said("your opening hours?") == "We open at nine."


@pytest.mark.slow
def test_what_a_command_has_reloaded_is_not_reloaded_once_more(served):
    served.start()
    served.write(locales__en_dot_ftl=TEXTS.replace("nine", "ten"))
    subprocess.run([sys.executable, "-m", "hookline", "reload", *served.places], check=True, capture_output=True)
    before = len(served.log)
    served.change(intents_dot_yaml=INTENTS + "  - {name: late, keywords: {en: [late]}}\n")
    changes = [json.loads(line)["files"] for line in served.log[before:] if "files changed" in line]
    assert changes == [["intents.yaml"]]
