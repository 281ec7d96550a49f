"""The plugin in whole turns, on a real database."""

from __future__ import annotations

import pytest

import hookline_voice
from hookline.errors import ServiceError

ESPEAK = """
[plugins]
enabled = ["voice", "loopback"]

[plugins.voice]
tts = "espeak"
"""


@pytest.mark.service("espeak")
async def test_text_is_spoken_by_the_speaker_of_that_name(make_bot):
    bot = await make_bot(plugins=[hookline_voice.plugin], config=ESPEAK)

    audio = await bot.snapshot().hooks.synthesize("espeak", "नमस्ते", "hi")

    assert audio.media_type == "audio/ogg"
    assert audio.language == "hi"
    assert audio.data.startswith(b"OggS")


async def test_nothing_to_say_is_refused(make_bot):
    bot = await make_bot(plugins=[hookline_voice.plugin], config=ESPEAK)

    with pytest.raises(ServiceError, match="there is nothing to say"):
        await bot.snapshot().hooks.synthesize("espeak", " ", "en")
