"""Voice notes in whole turns: written down, answered in text and in sound, refused kindly."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from hookline.testing.loopback import Status
from hookline_voice.sound import RATE, Samples, ogg, wav

AUDIO = ('tts = "espeak"', "reply_audio = true")


def tone(seconds, level=0.3, rate=RATE):
    return Samples((level * np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate)).astype(np.float32), rate)


def silence(seconds):
    return Samples(np.zeros(int(seconds * RATE), dtype=np.float32), RATE)


@pytest.mark.service("espeak")
@pytest.mark.parametrize("said", ["i need a loan", "where is my money"])
async def test_what_is_said_in_a_recording_is_the_text_of_the_turn(make_booth, recorded, said):
    booth = await make_booth()

    told = await booth.say(await recorded(said), user_id="asha")

    assert told["transcript"] == said
    assert told["answer"] == f"You said: **{said}** [1]"
    (heard,) = booth.parrot.heard
    assert (heard.text, heard.input_type) == (said, "audio")
    stored, reply = await booth.messages(told["session_id"])
    assert (stored.text, stored.input_type, reply.attachments) == (said, "audio", ())
    (attachment,) = stored.attachments
    assert attachment.media_type == "audio/ogg"


@pytest.mark.service("espeak")
async def test_the_reply_to_a_voice_note_is_spoken_besides_the_text_and_a_text_is_answered_by_text(
    make_booth, recorded
):
    booth = await make_booth(*AUDIO)
    told = await booth.say(await recorded("open an account"), user_id="asha")

    async with booth.http.get(booth.url + told["audio"]) as answer:
        sound = await answer.read()
        assert (answer.status, answer.content_type) == (200, "audio/ogg")
    again = await booth.say(sound, session_id=told["session_id"])
    await booth.http.post(f"{booth.url}/t/acme/chat", json={"message": "in writing", "session_id": told["session_id"]})

    # The bot's own voice is understood: what it says is what it wrote, without the marks.
    assert again["transcript"] == "open an account"
    messages = await booth.messages(told["session_id"])
    sent = [(m.text, [a.media_type for a in m.attachments]) for m in messages if m.direction == "outbound"]
    assert sent == [
        ("You said: **open an account** [1]", []),
        ("", ["audio/ogg"]),
        ("You said: **open an account** [1]", []),
        ("", ["audio/ogg"]),
        ("You said: **in writing** [1]", []),
    ]


@pytest.mark.service("espeak")
async def test_the_language_of_the_conversation_is_the_hint_of_the_recogniser(make_booth, recorded):
    booth = await make_booth(first='language = "fr"\nlanguages = ["fr", "hi", "en"]')
    sound = await recorded("i need a loan")

    await booth.say(sound, user_id="a")
    await booth.say(sound, user_id="b", language="hi")
    await booth.say(sound, user_id="c", language="hi-Latn")

    assert [one.fields.get("language") for one in booth.speech.heard] == ["fr", "hi", None]


@pytest.mark.parametrize(
    ("sound", "expected"),
    [
        (wav(silence(2)), "I heard nothing in your voice message"),
        (ogg(tone(130)), "Your voice message is too long for me: 2 minutes are the most"),
        (ogg(tone(3))[:400], "I can't play your voice message"),
        (b"OggS" + bytes(5000), "I can't play your voice message"),
        (b"RIFF\xff\xff\xff\xffWAVEfmt " + b"\xff" * 64, "I can't play your voice message"),
        (b"\x1a\x45\xdf\xa3" + b"\x01" + b"\xff" * 400, "I can't play your voice message"),
    ],
    ids=["silence", "long", "cut off", "zeroes", "lying header", "broken webm"],
)
async def test_what_cannot_be_heard_is_answered_kindly_with_what_to_do(make_booth, sound, expected):
    booth = await make_booth()

    told = await booth.say(sound, user_id="asha")

    assert told["answer"].startswith(expected)
    assert not told["answered"]
    assert (told["transcript"], booth.speech.heard, booth.parrot.heard) == ("", [], [])


@pytest.mark.service("espeak")
async def test_words_that_are_not_made_out_are_asked_for_again(make_booth, recorded):
    booth = await make_booth()
    booth.speech.hear = lambda sound: " … "

    told = await booth.say(await recorded("i need a loan"), user_id="asha")

    assert told["answer"].startswith("I could not make out what you said")


@pytest.mark.service("espeak")
@pytest.mark.parametrize("fault", [Status(503), Status(401), Status(400), Status(429, "1")])
async def test_a_recogniser_that_fails_leaves_the_customer_with_text_in_their_language(make_booth, recorded, fault):
    booth = await make_booth(first='language = "fr"\nlanguages = ["fr"]')
    booth.speech.fail(fault)

    told = await booth.say(await recorded("i need a loan"), user_id="asha")

    assert "texte seulement" in told["answer"]
    assert "Merci d’écrire votre question" in told["answer"]


async def test_while_no_recogniser_answers_the_customer_is_asked_to_write(make_booth):
    booth = await make_booth(first='language = "fr"\nlanguages = ["fr"]')
    await booth.speech.refuse_connections()

    told = await booth.say(wav(tone(1)), user_id="asha")

    assert "texte seulement" in told["answer"]


async def test_a_message_cannot_name_the_recording_of_another_conversation(make_booth):
    booth = await make_booth()
    told = await booth.say(wav(silence(1)), user_id="asha")
    (mine,) = [one for one in await booth.messages(told["session_id"]) if one.direction == "inbound"]
    from hookline.ledger import Inbound

    accepted = await booth.tenant.accept(
        Inbound("api", "thief", "look", attachments=mine.attachments, input_type="audio")
    )
    await booth.tenant.wait(accepted.inbox_id, 20.0)

    theirs = await booth.messages(accepted.conversation)
    assert theirs[0].attachments == ()


def test_silence_and_a_click_are_told_from_speech():
    from hookline_voice.sound import SoundRefused, check

    check(tone(0.5, level=0.02))
    for quiet in (silence(3), tone(0.05), Samples(np.full(RATE, 0.5, dtype=np.float32), RATE)):
        with pytest.raises(SoundRefused):
            check(quiet)


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 44100, 48000])
def test_another_rate_changes_neither_length_nor_pitch_nor_loudness(rate):
    from hookline_voice.sound import resampled

    made = resampled(tone(1.0, rate=rate).data, rate, RATE)

    assert len(made) == RATE
    spectrum = np.abs(np.fft.rfft(made))
    assert int(spectrum.argmax()) == 440
    assert abs(float(np.sqrt((made[1000:-1000] ** 2).mean())) - 0.3 / np.sqrt(2)) < 0.005
    assert spectrum[2000:].max() < spectrum.max() / 300, "nothing is folded down from above"


def test_speech_is_ogg_with_opus_that_others_read():
    with soundfile.SoundFile(io.BytesIO(ogg(tone(1.5)))) as file:
        assert (file.subtype, file.samplerate, file.channels) == ("OPUS", 24000, 1)
        assert abs(len(file) / file.samplerate - 1.5) < 0.05
