"""What `hookline doctor` says of speech."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest

from hookline.examination import Examination
from hookline.settings import Secret, Settings
from hookline.testing.openaiaudio import SpeechServer
from hookline_voice.config import (
    Config,
    EspeakConfig,
    OpenAISpeakerConfig,
    OpenAITranscriberConfig,
    PiperConfig,
    WhisperConfig,
)
from hookline_voice.examine import examine


async def findings(config, *, online=False):
    async with aiohttp.ClientSession() as http:
        about = Examination("acme", "voice", config, Settings(plugins=()), Path(), Path(), http, online)
        return [(one.weight, one.text) async for one in examine(about)]


def texts(found, weight):
    return [text for given, text in found if given == weight]


async def test_what_is_missing_is_named_with_what_to_do():
    config = Config(
        stt="mine", tts="robot",
        transcribers={"mine": WhisperConfig(model="/nowhere/model"), "cloud": OpenAITranscriberConfig()},
        speakers={"robot": EspeakConfig(command="no-espeak"), "piper": PiperConfig(command="no-piper", voices={})},
    )  # fmt: skip

    errors = texts(await findings(config), "error")

    assert any("transcriber 'mine': there is no model '/nowhere/model' on this machine" in one for one in errors)
    assert any("transcriber 'cloud': api_key is not set, and OpenAI wants one" in one for one in errors)
    assert any("speaker 'robot': the program 'no-espeak' is missing: install espeak-ng" in one for one in errors)
    assert any("speaker 'piper': the program 'no-piper' is missing" in one for one in errors)


async def test_a_service_is_asked_only_where_it_may_be():
    async with SpeechServer("yes") as speech:
        there = OpenAITranscriberConfig(base_url=speech.base_url, api_key=Secret("test-key"))
        wrong = OpenAISpeakerConfig(base_url=speech.base_url, api_key=Secret("another"))
        config = Config(stt="a", tts="b", transcribers={"a": there}, speakers={"b": wrong})

        quiet, asked = await findings(config), await findings(config, online=True)

    assert not texts(quiet, "error")
    assert "transcriber 'a': it is there" in texts(asked, "ok")
    assert texts(asked, "error") == ["speaker 'b': does not accept the key (HTTP 401)"]
    gone = await findings(config, online=True)
    assert any("can't be reached at http://127.0.0.1" in one for one in texts(gone, "error"))


async def test_without_anything_it_says_what_customers_are_told():
    assert texts(await findings(Config()), "note") == [
        "stt is not set: customers who send voice notes are asked to write"
    ]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"stt": "loud"}, "stt: given 'loud'; allowed: openai, whisper, or a name with a table"),
        ({"reply_audio": True}, "reply_audio: given true, and nothing speaks"),
        ({"secret": Secret("short")}, "secret: given is too short"),
    ],
)
def test_a_config_that_means_nothing_is_refused(config, said):
    with pytest.raises(ValueError, match=said):
        Config(**config)
