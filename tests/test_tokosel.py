"""The tenant tokosel against the reference system's own curl line and dialogues, on a real server."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import attrs
import pytest

ROOT = Path(__file__).parent.parent

CHAT = """\
curl -X POST http://localhost:8000/api/chat \\
  -H "Content-Type: application/json" \\
  -d '{
    "text": "Je veux emprunter 5 millions",
    "session_id": "user123"
  }'
"""
"""As the reference document prints it."""

pytestmark = pytest.mark.service("curl")


@attrs.frozen
class Server:
    """A server of the tenant; `port` is 8000 unless another program has it."""

    port: int
    data: Path

    def run(self, command):
        """Run a printed command as it is printed, but for the port; the status and the JSON body."""
        curlrc = self.data / "curl"
        curlrc.mkdir(exist_ok=True)
        (curlrc / ".curlrc").write_text('silent\nshow-error\nmax-time = 120\nwrite-out = "\\n%{http_code}"\n')
        command = command.replace("localhost:8000", f"localhost:{self.port}")
        done = subprocess.run(
            ["/bin/sh", "-c", command], capture_output=True, text=True, env={**os.environ, "CURL_HOME": str(curlrc)}
        )
        assert done.returncode == 0, done.stderr
        body, _, status = done.stdout.rpartition("\n")
        return int(status), json.loads(body)

    def ask(self, method, path, body=None, **headers):
        """The status, the headers and the bytes of any request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            given = json.dumps(body).encode() if body is not None else None
            connection.request(method, path, given, {"Content-Type": "application/json", **headers})
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()

    def say(self, text, session):
        """A message by the replaced system's path."""
        status, _, body = self.ask("POST", "/api/chat", {"text": text, "session_id": session})
        assert status == 200, body
        return json.loads(body)

    def talk(self, session, *said):
        """Several messages; the last answer."""
        return [self.say(text, session) for text in said][-1]

    def key(self, role):
        """The header of a new API key."""
        where = ["--tenant", "tokosel", "--data", str(self.data)]
        command = [sys.executable, "-m", "hookline", "key", "create", "--name", role, "--role", role, *where]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        return {"X-API-Key": done.stdout.strip()}

    def get(self, path, key):
        """JSON for somebody of the staff."""
        status, _, body = self.ask("GET", path, **key)
        assert status == 200, body
        return json.loads(body)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextlib.contextmanager
def serving(data):
    """`hookline serve --tenant tokosel`, ready."""
    keep = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "HOOKLINE_CACHE", "TMPDIR")}
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "hookline",
        "serve",
        "--tenant",
        "tokosel",
        "--data",
        str(data),
        "--port",
        str(port),
    ]
    command += ["--set", "ratelimit.requests=0", "--set", "ratelimit.contact_requests=0"]
    with (data.parent / "tokosel.log").open("w+") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=keep, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            found = next((m for line in process.stdout if (m := re.match(r"serving on http://\S+:(\d+)", line))), None)
            log.seek(0)
            assert found, log.read()
            assert int(found[1]) == port
            yield Server(port, data)
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("tokosel") / "data") as running:
        yield running


@pytest.mark.row("K22")
def test_the_printed_command_is_answered_and_the_amount_kept(server):
    status, answer = server.run(CHAT)

    assert status == 200
    assert answer["session_id"] == "user123"
    assert answer["intent"] == "simuler_pret"
    assert answer["reply"] == "Quel type de prêt souhaitez-vous ?"
    assert answer["buttons"] == ["Immobilier", "Auto", "Consommation", "Entreprise"]
    assert server.say("immobilier", "user123")["reply"] == "Sur combien de temps ?"
    result = server.talk("user123", "15 ans", "800000", "CDI")["reply"]
    assert "💰 Prêt Immobilier : 5 000 000 FCFA\n" in result


@pytest.mark.row("K23", "K24", "K25", "K26", "K27", "X14")
def test_the_printed_simulation_word_for_word(server):
    said = ["Je veux simuler un prêt immobilier", "10 millions", "15 ans", "800000"]
    answers = [server.say(text, "pret-1")["reply"] for text in said]

    assert answers == [
        "Quel montant souhaitez-vous emprunter ?",
        "Sur combien de temps ?",
        "Quels sont vos revenus mensuels ?",
        "Votre situation professionnelle ?",
    ]
    assert server.say("CDI", "pret-1")["reply"].splitlines()[:6] == [
        "📊 RÉSULTATS DE VOTRE SIMULATION",
        "💰 Prêt Immobilier : 10 000 000 FCFA",
        "Durée : 15 ans (180 mois)",
        "💳 MENSUALITÉ : 84 386 FCFA",
        "Taux : 6.0% / an",
        "✅ Votre dossier est éligible !",
    ]


@pytest.mark.row("K30")
def test_bonjour_is_greeted_word_for_word(server):
    assert server.say("Bonjour", "hello-1")["reply"] == (
        "Bonjour ! Je suis Tokosel, votre assistant bancaire SG.\nJe peux vous aider à :\n- Ouvrir un compte\n"
        "- Simuler un prêt\n- Répondre à vos questions\n\nComment puis-je vous aider ?"
    )


@pytest.mark.row("K56")
def test_the_api_is_on_the_port_that_is_asked_for_and_on_8000_where_none_is(server):
    assert server.ask("GET", "/health")[0] == 200
    assert tomllib.loads((ROOT / "tenants/tokosel/tenant.toml").read_text(encoding="utf-8"))["port"] == 8000


@pytest.mark.row("K01", "K06")
def test_the_page_is_french(server):
    assert server.ask("GET", "/")[0] == 200
    status, _, body = server.ask("POST", "/webchat/session", {}, **{"Accept-Language": "en"})

    config = json.loads(body)["config"]
    assert (status, config["language"]) == (200, "fr")
    assert "Bonjour ! Je suis Tokosel" in json.dumps(config, ensure_ascii=False)


def test_the_amortisation_table_is_for_who_has_its_link(server):
    answer = server.talk("table-1", "Je veux simuler un prêt immobilier", "10 millions", "15 ans", "800000", "CDI")
    pdf, table = (one["url"] for one in answer["messages"][-1]["attachments"])

    status, headers, data = server.ask("GET", pdf)
    assert (status, headers["Content-Type"], data[:5]) == (200, "application/pdf", b"%PDF-")
    assert headers["Content-Disposition"].startswith('attachment; filename="tableau-amortissement-SIM_')
    assert headers["X-Content-Type-Options"] == "nosniff"
    status, headers, data = server.ask("GET", table)
    assert (status, headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert data.decode("utf-8-sig").splitlines()[-1] == "Total;15189423;5189423;10000000;"
    path, _, key = table.partition("?cle=")
    number = re.search(r"SIM_\d+_\d+", path)[0]
    other = path.replace(number, "SIM_20200101_001")
    refused = [server.ask("GET", one) for one in (path, f"{path}?cle={key}x", f"{other}?cle={key}", f"{path}?cle=")]
    assert [status for status, _, _ in refused] == [404] * 4
    told = [{**json.loads(body), "request_id": ""} for _, _, body in refused]
    assert all(one == told[0] for one in told), "nothing tells a wrong key from a missing table"


@pytest.mark.row("K35", "K36", "K37", "K38", "K39", "K41")
def test_a_finished_form_is_a_prospect_a_lead_and_a_task_of_48_hours(server):
    said = ["Je veux ouvrir un compte", "Compte Courant", "DIOP", "Fatou", "77 123 45 67", "fatou@x.sn"]
    answers = [server.say(text, "compte-1") for text in said]
    key = server.key("agent")

    assert answers[0]["reply"] == "Quel type de compte vous intéresse ?"
    assert answers[0]["buttons"] == ["Courant", "Épargne", "Jeune", "Entreprise"]
    assert [one["reply"] for one in answers[1:3]] == ["Quel est votre nom de famille ?", "Et votre prénom ?"]
    number = re.search(r"PROS_\d{8}_\d{3,}", answers[-1]["reply"])[0]
    assert answers[-1]["reply"].startswith(
        f"✅ Votre demande est enregistrée ({number})\nUn conseiller vous contactera sous 48h"
    )
    found = server.get(f"/api/v1/records/tenant_tokosel/prospects?q={number}", key)["records"]
    [row] = [one for one in found if one["prospect_id"] == number]
    assert (row["nom"], row["prenom"], row["telephone"], row["source"]) == ("DIOP", "Fatou", "+221771234567", "web")

    def lead():
        listed = server.get("/api/v1/leads?source=web&status=qualified", key)["leads"]
        return next((one for one in listed if one["fields"].get("prospect") == number), None)

    while lead() is None:  # a command after the turn
        time.sleep(0.05)
    assert (lead()["name"], lead()["email"]) == ("Fatou DIOP", "fatou@x.sn")
    tasks = server.get("/api/v1/handoff/tasks", key)["tasks"]
    [task] = [one for one in tasks if one["reference"] == number]
    assert task["overdue"] is False
    assert "Fatou DIOP" in task["title"]


@pytest.mark.row("K45", "K46", "K47", "K48", "K50", "K51")
def test_a_claim_is_taken_followed_and_changed_by_an_adviser(server):
    said = ["J'ai un problème avec ma carte", "Carte bancaire", "Débit frauduleux de 50 000 FCFA", "hier"]
    answers = [server.say(text, "claim-1") for text in said]
    assert answers[0]["reply"] == "De quelle catégorie s'agit-il ?"
    assert answers[0]["buttons"] == ["Carte bancaire", "Virement", "Frais", "Service client"]
    assert answers[1]["reply"] == "Pouvez-vous décrire le problème ?"
    reply = server.talk("claim-1", "Awa NDIAYE", "78 123 45 67", "awa@x.sn")["reply"]
    number = re.search(r"CLAIM_\d{8}_\d{3,}", reply)[0]
    assert reply.startswith(f"✅ Votre réclamation est enregistrée ({number})\nUn conseiller vous contactera sous 24h")
    question, key = f"Où en est ma réclamation {number} ?", server.key("agent")
    assert "en attente d'un conseiller" in server.say(question, "claim-1")["reply"]

    found = server.get(f"/api/v1/records/tenant_tokosel/claims?q={number}", key)["records"]
    [row] = [one for one in found if one["claim_id"] == number]
    assert (row["montant"], row["description"]) == ("50000", "Débit frauduleux de 50 000 FCFA")
    path = f"/api/v1/records/tenant_tokosel/claims/{row['id']}"
    status, _, body = server.ask("PATCH", path, {"status": "en_cours", "version": row["version"]}, **key)
    assert status == 200, body

    assert "en cours de traitement" in server.say(question, "claim-1")["reply"]
    assert "Je ne trouve pas" in server.say(question, "somebody-else")["reply"]


def test_the_conversations_of_the_tenant_hold():
    command = [sys.executable, "-m", "hookline", "test", "tokosel"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)

    assert done.returncode == 0, done.stdout
    assert " 0 failed" in done.stdout


@pytest.mark.row("K106", "K107")
def test_the_readme_says_what_became_of_what_and_whose_it_was():
    readme = (ROOT / "tenants" / "tokosel" / "README.md").read_text(encoding="utf-8")

    for part in (
        "FastAPI",
        "aiohttp",
        "Chroma",
        "FAISS",
        "LangChain",
        "Streamlit",
        "Abdoulaye SALL",
        "Pr Fodé CAMARA",
        "M. Mamadou SARR",
        "Université Alioune Diop de Bambey",
        "84 386",
        "6.8145",
    ):
        assert part in readme, part  # fmt: skip
