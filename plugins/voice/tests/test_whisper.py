"""Whisper on this machine, through the real faster-whisper; what is missing is said, and nothing is downloaded."""

from __future__ import annotations

import contextlib
import importlib.util
from pathlib import Path

import numpy as np
import pytest

import hookline_voice
from hookline.compute import Compute
from hookline.errors import ServiceUnavailable
from hookline.message import Audio
from hookline_voice import whisper
from hookline_voice.config import WhisperConfig
from hookline_voice.sound import RATE, Samples, wav
from hookline_voice.transcriber import NotUnderstood
from hookline_voice.whisper import Whisper

SPEECH = Samples((0.2 * np.random.default_rng(3).standard_normal(RATE)).astype(np.float32), RATE)


_spec = importlib.util.spec_from_file_location("tinywhisper", Path(__file__).with_name("tinywhisper.py"))
tinywhisper = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(tinywhisper)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return tinywhisper.make(tmp_path_factory.mktemp("whisper") / "tiny")


@pytest.fixture(scope="module")
def compute():
    made = Compute(threads=1, processes=1)
    yield made
    made.close()


@pytest.fixture
def asked(monkeypatch):
    """What the real model is asked with; what it makes of it is its own."""
    from faster_whisper import WhisperModel

    asked, real = [], WhisperModel.transcribe

    def note(self, audio, **options):
        asked.append(options)
        return real(self, audio, **options)

    monkeypatch.setattr(WhisperModel, "transcribe", note)
    # The small one says of itself that it is English only.
    monkeypatch.setattr(WhisperModel, "supported_languages", property(lambda self: tinywhisper.LANGUAGES))
    return asked


async def test_a_real_model_of_random_weights_is_loaded_once_and_writes_something_down(model, compute):
    hears = Whisper("transcriber 'whisper'", WhisperConfig(model=str(model), beam=1), compute)

    first = await hears.hear(SPEECH, "fr")
    second = await hears.hear(SPEECH, "fr")

    assert first
    assert second
    assert len([key for key in whisper._LOADED if key[0] == str(model)]) == 1
    assert (await hears.state())["status"] == "ok"


@pytest.mark.row("K05")
@pytest.mark.parametrize(
    ("language", "hint"), [("fr", "fr"), ("fr-SN", "fr"), ("hi", "hi"), ("hi-Latn", None), ("tlh", None)]
)
async def test_the_language_is_a_hint_where_whisper_knows_it(model, compute, asked, language, hint):
    await Whisper("transcriber 'whisper'", WhisperConfig(model=str(model), beam=1), compute).hear(SPEECH, language)

    assert asked[0]["language"] == hint


@pytest.mark.row("K05")
async def test_a_french_tenant_gives_the_french_hint_to_whisper(make_bot, model, asked):
    config = 'language = "fr"\nlanguages = ["fr"]\n[plugins]\nenabled = ["voice", "loopback"]\n[plugins.voice]\nstt = "whisper"\n'
    config += f'[plugins.voice.transcribers.whisper]\nkind = "whisper"\nmodel = "{model}"\nbeam = 1\n'
    bot = await make_bot(plugins=[hookline_voice.plugin], config=config)

    with contextlib.suppress(NotUnderstood):  # random weights may write nothing that has a letter
        await bot.snapshot().hooks.transcribe("whisper", Audio(wav(SPEECH), "audio/wav"))

    assert asked[0]["language"] == "fr"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "no-such-model",
            "there is no model 'no-such-model' on this machine; name the folder of one as model, or fetch it",
        ),
        ("small", "there is no model 'small' on this machine"),
    ],
)
async def test_a_model_that_is_not_there_is_named_with_what_to_do(monkeypatch, tmp_path, compute, name, said):
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    hears = Whisper("transcriber 'whisper'", WhisperConfig(model=name), compute)

    with pytest.raises(ServiceUnavailable, match=said):
        await hears.hear(SPEECH, "en")
    assert "hookline voice fetch" in (await hears.state())["detail"]


async def test_a_folder_that_is_no_model_is_told_from_one(tmp_path, compute):
    hears = Whisper("transcriber 'whisper'", WhisperConfig(model=str(tmp_path)), compute)

    with pytest.raises(ServiceUnavailable, match=r"there is no model\.bin in .*no whole model in CTranslate2's format"):
        await hears.hear(SPEECH, "en")
    (tmp_path / "model.bin").write_bytes(b"nothing")
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ServiceUnavailable, match="can't be loaded"):
        await hears.hear(SPEECH, "en")
