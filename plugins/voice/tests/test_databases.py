"""Voice notes on each database that Hookline runs on."""

from __future__ import annotations

import numpy as np
import pytest

import hookline_voice
from hookline_voice import contacts
from hookline_voice.models import sound
from hookline_voice.sound import RATE, Samples, wav

SILENT = wav(Samples(np.zeros(RATE, dtype=np.float32), RATE))


@pytest.fixture
def database_plugins():
    return [hookline_voice.plugin]


@pytest.mark.service("espeak")
async def test_a_note_is_claimed_answered_in_sound_kept_and_erased(database_url, make_booth):
    booth = await make_booth('tts = "espeak"', "reply_audio = true", database_url=database_url)

    told = await booth.say(SILENT, user_id="asha")

    assert told["audio"]
    kept = await booth.tenant.db.fetch(sound.select())
    assert sorted(row.direction for row in kept) == ["inbound", "outbound"]
    assert {row.conversation for row in kept} == {told["session_id"]}
    known = await booth.tenant.conversations.get(told["session_id"])
    erased = await contacts.erase(booth.tenant, known.conversation.contact)
    assert erased.rows["voice_sound"] == 2
    assert await booth.tenant.implementation.notes.sounds.purge() == 0
