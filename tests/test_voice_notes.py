"""Voice notes to the tenants as they are configured: spoken by espeak-ng, sent as providers and browsers send them, really recognised."""

from __future__ import annotations

import json
import re
import shutil
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import attrs
import pytest
import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer

from hookline import control, routing
from hookline.app import make_app
from hookline.catalogue import Catalogue
from hookline.testing.meta import MetaServer
from hookline.testing.openaiaudio import SpeechServer, spoken
from hookline_voice.sound import to_ogg

ROOT = Path(__file__).parent.parent
ASHA = "919812345678"
# What may be said, and how it is written down: numbers as Whisper does it, and French, which this recogniser has no ear for.
GRAMMAR = """i need a loan against my property | i have a house in bangalore worth one point five crore
    | what is the interest rate | i need about eighty lakhs for my business | simulate a loan"""
WORDS = {"crore": "K R AO R", "lakhs": "L AE K S"}
WRITTEN = {"one point five crore": "1.5 crore", "eighty lakhs": "80 lakhs", "bangalore": "Bangalore",
           "simulate a loan": "Je veux simuler un prêt"}  # fmt: skip


@attrs.define(eq=False)
class Desk:
    """A tenant behind its own addresses; `meta` is WhatsApp, `speech` writes down what is said."""

    bot: Any
    client: TestClient
    tenant: str
    meta: MetaServer
    speech: SpeechServer
    n: int = 0

    async def hear(self, part):
        """What goes out by Meta after a customer's message: the texts, and the kinds of the others."""
        self.n += 1
        before = len(self.meta.messages)
        now = self.bot.tenant("whatsapp", self.tenant).clock.now()
        message = {"from": ASHA, "id": f"wamid.{self.n}", "timestamp": str(int(now)), **part}
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"phone_number_id": self.meta.number},
            "messages": [message],
        }
        body = json.dumps(
            {
                "object": "whatsapp_business_account",
                "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}],
            }
        ).encode()
        headers = {"X-Hub-Signature-256": self.meta.sign(body), "Content-Type": "application/json"}
        async with self.client.post("/webhook/", data=body, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
        await self.bot.idle()
        return [_said(one) for one in self.meta.messages[before:]]

    async def write(self, text):
        return await self.hear({"type": "text", "text": {"body": text}})

    async def speak(self, text):
        """Send a voice note as Meta announces one."""
        sound, _ = to_ogg(await spoken(text), 60.0)
        ident = f"note{self.n}"
        self.meta.files[ident] = (sound, "audio/ogg; codecs=opus")
        audio = {"mime_type": "audio/ogg; codecs=opus", "sha256": "x", "id": ident, "voice": True}
        return await self.hear({"type": "audio", "audio": audio})

    async def record(self, text, path="/api/voice-chat", **fields):
        """Post a recording as the page does; the status and the answer."""
        form = aiohttp.FormData(fields)
        sound = text if isinstance(text, bytes) else to_ogg(await spoken(text), 60.0)[0]
        form.add_field("audio", sound, filename="note.ogg", content_type="audio/ogg")
        async with self.client.post(path, data=form) as answer:
            return answer.status, await answer.json()


def _said(message):
    part = message[message["type"]]
    if message["type"] == "interactive":
        return part["body"]["text"]
    return part["body"] if message["type"] == "text" else message["type"]


@pytest_asyncio.fixture
async def desk(make_bot, tmp_path):
    """`await desk(tenant, **env)`: the tenant with its documents, WhatsApp by Meta where it has that, a recogniser."""
    clients = []
    async with MetaServer() as meta, SpeechServer(GRAMMAR, words=WORDS, written=WRITTEN) as speech:

        async def make(name, **env):
            mine = tmp_path / "site" / "tenants" / name
            shutil.copytree(ROOT / "tenants" / name, mine, ignore=shutil.ignore_patterns("src", "tests", "__pycache__"))
            text = (mine / "tenant.toml").read_text(encoding="utf-8")
            text = text.replace('kind = "onnx"', 'kind = "hashing"').replace('model = "all-MiniLM-L6-v2"\n', "")
            text = text.replace("[plugins.whatsapp.meta]\n", f'[plugins.whatsapp.meta]\nurl = "{meta.host}"\n')
            text += f'\n[plugins.whatsapp.media]\nallowed_hosts = ["127.0.0.1:{meta.port}"]\n'
            enabled = re.search(r"^enabled = (\[.*\])", text, re.MULTILINE)
            names = [*json.loads(enabled[1]), "loopback"]
            text = text.replace(enabled[0], f"enabled = {json.dumps(names)}")
            keys = {
                "WHATSAPP_API_KEY": meta.token, "WHATSAPP_APP_SECRET": meta.secret, "WHATSAPP_PHONE_NUMBER_ID": meta.number,
                "WHATSAPP_VERIFY_TOKEN": meta.verify_token, "USE_WHATSAPP_SIMULATOR": "False",
            } if 'provider = "meta"' in text else {}  # fmt: skip
            hearing = {"VOICE_STT": "openai", "VOICE_URL": speech.base_url, "OPENAI_API_KEY": speech.api_key}
            bot = await make_bot(
                plugins=[Catalogue.load().get(one) for one in names if one != "loopback"], tenants={name: text},
                folder=tmp_path / "site", env={**keys, **hearing, **env}, blocking=5.0,
            )  # fmt: skip
            commands = control.Commands()
            commands.add_plugins(bot.runtime, routing.collect(bot.runtime.hooks))
            await commands.run("rag.ingest", name, {"paths": [str(mine / "knowledge")]}, lambda _told: None)
            client = TestClient(TestServer(make_app(bot.runtime, tenant=name)))
            await client.start_server()
            clients.append(client)
            return Desk(bot, client, name, meta, speech)

        yield make
        for client in clients:
            await client.close()


# -- property_loans: voice notes both ways -------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.service("espeak")
@pytest.mark.row("L15")
@pytest.mark.row("L16")
async def test_a_house_that_is_spoken_of_is_kept_as_one_that_is_written_of_and_answered_in_sound(desk):
    lender = await desk("property_loans")
    models = sys.modules["tenant_property_loans.models"]

    written = await lender.write("i need a loan against my property")
    heard = await lender.speak("i have a house in bangalore worth one point five crore")

    (house,) = await lender.bot.tenant("tenant_property_loans", "property_loans").db.fetch(
        models.property_.table.select()
    )
    assert (house.kind, house.city, house.value) == ("house", "Bangalore", Decimal(15_000_000))
    assert "audio" not in written, "a text is answered by text alone"
    assert any("How much do you need" in one for one in heard)
    assert heard[-1] == "audio", "a voice note is answered by one, besides the text"
    number, kind, data, media_type, _ = list(lender.meta.uploads.values())[-1]
    assert (number, kind, media_type.partition(";")[0]) == (lender.meta.number, "audio", "audio/ogg")
    assert data.startswith(b"OggS")
    assert b"OpusHead" in data[:80]


# -- tokosel: the browser -----------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.service("espeak")
@pytest.mark.row("K53")
@pytest.mark.row("K02")
async def test_a_recording_is_answered_in_the_session_of_what_is_written(desk):
    bank = await desk("tokosel")
    async with bank.client.post("/api/chat", json={"text": "Bonjour", "session_id": "user123"}) as answer:
        assert answer.status == 200
    async with bank.client.post("/api/chat", json={"text": "Je veux simuler un prêt", "session_id": "other"}) as answer:
        typed = await answer.json()

    status, told = await bank.record("simulate a loan", session_id="user123")

    assert (status, told["session_id"], told["transcript"]) == (200, "user123", "Je veux simuler un prêt")
    assert (told["reply"], told["intent"], told["buttons"]) == (typed["reply"], typed["intent"], typed["buttons"])
    assert told["audio"] == "", "this tenant answers by text"
    async with bank.client.get("/sessions/user123/messages") as answer:
        messages = (await answer.json())["messages"]
    assert [one["text"] for one in messages if one["author"] == "contact"] == ["Bonjour", "Je veux simuler un prêt"]
    assert {one.fields["language"] for one in bank.speech.heard} == {"fr"}


@pytest.mark.slow
@pytest.mark.row("K53")
@pytest.mark.row("K05")
async def test_what_is_no_recording_is_refused_and_without_whisper_the_customer_is_asked_to_write(desk):
    bank = await desk("tokosel", VOICE_STT="whisper", VOICE_MODEL="/nowhere")

    assert (await bank.record(b"%PDF-1.7 no sound", session_id="user123"))[0] == 415
    assert (await bank.record(b"", session_id="user123"))[0] == 422
    async with bank.client.post("/api/voice-chat", json={"session_id": "user123"}) as answer:
        assert answer.status == 415
    async with bank.client.post("/api/voice-chat", data={"session_id": "user123", "other": "x"}) as answer:
        assert answer.status == 415
    tone = b"".join((8000 if n // 20 % 2 else -8000).to_bytes(2, "little", signed=True) for n in range(16_000))
    head = (
        b"RIFF"
        + (36 + len(tone)).to_bytes(4, "little")
        + b"WAVEfmt \x10\0\0\0\1\0\1\0\x80\x3e\0\0\0\x7d\0\0\2\0\x10\0data"
    )
    status, told = await bank.record(head + len(tone).to_bytes(4, "little") + tone, session_id="user123")

    assert (status, told["transcript"]) == (200, "")
    assert "texte seulement" in told["reply"]
