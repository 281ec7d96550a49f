"""What speaks, without a server."""

from __future__ import annotations

import io

import pytest
import soundfile

from hookline.errors import ServiceError
from hookline_voice.config import EspeakConfig
from hookline_voice.espeak import Espeak
from hookline_voice.sound import to_ogg

LANGUAGES = ["en", "hi", "fr", "ta", "te", "kn", "mr", "gu", "hi-Latn"]


@pytest.mark.service("espeak")
@pytest.mark.parametrize("language", LANGUAGES)
async def test_espeak_has_a_voice_for_each_of_our_languages(language):
    said = await Espeak("speaker 'espeak'", EspeakConfig()).speak("12,500", language)

    data, seconds = to_ogg(said.data, 60.0)

    with soundfile.SoundFile(io.BytesIO(data)) as file:
        assert (file.format, file.subtype, file.channels) == ("OGG", "OPUS", 1)
        assert abs(len(file) / file.samplerate - seconds) < 0.1
    assert seconds > 0.5


@pytest.mark.service("espeak")
async def test_espeak_says_for_which_language_it_has_no_voice():
    with pytest.raises(ServiceError, match="no voice for the language 'qaa'"):
        await Espeak("speaker 'espeak'", EspeakConfig()).speak("hello", "qaa")


async def test_a_missing_program_is_named():
    speaker = Espeak("speaker 'espeak'", EspeakConfig(command="espeak-that-is-not-there"))

    with pytest.raises(ServiceError, match="'espeak-that-is-not-there' is not on this machine"):
        await speaker.speak("hello", "en")
    assert (await speaker.state())["status"] == "down"
