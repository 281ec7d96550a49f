"""What browsers and phones record: each kind is read, and what only says that it is one is refused."""

from __future__ import annotations

import subprocess
import tracemalloc

import attrs
import numpy as np
import pytest

from hookline.compute import Compute
from hookline_voice import hearable, webm
from hookline_voice.config import Config
from hookline_voice.sound import RATE, Samples, SoundRefused, ogg, read, resampled, wav


@attrs.frozen
class Room:
    """What reading sound needs of a tenant: its config, and where it may compute."""

    config: Config
    compute: Compute


@pytest.fixture(scope="module")
def room():
    """Make a `Room`: `room(max_seconds=5.0)`."""
    compute = Compute(threads=1, processes=1)
    yield lambda **config: Room(Config(**config), compute)
    compute.close()


KINDS = {
    "webm": ["-c:a", "libopus", "-f", "webm"],
    "webm live": ["-c:a", "libopus", "-f", "webm", "-live", "1", "-cluster_time_limit", "200"],
    "webm stereo": ["-c:a", "libopus", "-ac", "2", "-f", "webm"],
    "webm 60 ms": ["-c:a", "libopus", "-frame_duration", "60", "-f", "webm"],
    "mp4": ["-c:a", "aac", "-f", "mp4"],
    "mp4 in pieces": ["-c:a", "aac", "-movflags", "frag_keyframe+empty_moov", "-f", "mp4"],
    "aac": ["-c:a", "aac", "-f", "adts"],
    "mp3": ["-c:a", "libmp3lame", "-f", "mp3"],
    "ogg vorbis": ["-c:a", "libvorbis", "-f", "ogg"],
    "flac": ["-c:a", "flac", "-f", "flac"],
    "amr": ["-c:a", "libopencore_amrnb", "-ar", "8000", "-b:a", "12.2k", "-f", "amr"],
}


def tone(seconds):
    return Samples((0.3 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * RATE)) / RATE)).astype(np.float32), RATE)


def recorded(kind, tmp_path, seconds=2.0):
    """The tone as ffmpeg makes the kind; None where this ffmpeg can't make it."""
    made, given = tmp_path / "made", tmp_path / "given.wav"
    given.write_bytes(wav(tone(seconds)))
    command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-y", "-i", str(given), *KINDS[kind], str(made)]
    done = subprocess.run(command, capture_output=True, check=False)
    return made.read_bytes() if done.returncode == 0 else None


@pytest.mark.service("ffmpeg")
@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_is_heard_whole_and_at_its_pitch(room, tmp_path, kind):
    data = recorded(kind, tmp_path)
    if data is None:
        assert kind == "amr", "only AMR's encoder is left out of some builds"
        return

    samples = await hearable.samples_of(room(), data)

    assert hearable.media_type(data).startswith("audio/")
    assert samples.rate == RATE
    assert 1.85 < samples.seconds < 2.2
    middle = samples.data[RATE // 2 : RATE + RATE // 2]
    assert abs(int(np.abs(np.fft.rfft(middle)).argmax()) - 440) <= 2


@pytest.mark.service("ffmpeg")
@pytest.mark.parametrize("kind", ["mp4", "aac"])
async def test_a_bomb_is_read_no_further_than_is_allowed(room, tmp_path, kind):
    data = recorded(kind, tmp_path, seconds=600.0)

    with pytest.raises(SoundRefused, match="longer than 5 s"):
        await hearable.samples_of(room(max_seconds=5.0), data)


@pytest.mark.service("ffmpeg")
def test_a_recording_that_was_broken_off_is_heard_as_far_as_it_goes(tmp_path):
    data = recorded("webm live", tmp_path)

    samples = read(webm.to_ogg(data[: len(data) * 2 // 3]), 60.0)

    assert 0.8 < samples.seconds < 1.8


@pytest.mark.service("ffmpeg")
def test_damaged_webm_is_refused_or_heard_but_never_an_error_of_another_kind(tmp_path):
    whole, random, refused = recorded("webm", tmp_path), np.random.default_rng(7), 0
    for _ in range(200):
        data = bytearray(whole)
        for place in random.integers(0, len(data), 25):
            data[place] = random.integers(0, 256)
        try:
            read(webm.to_ogg(bytes(data)), 60.0)
        except (webm.NotWebm, SoundRefused):
            refused += 1

    assert 0 < refused < 200, "some of them can still be heard"


@pytest.mark.service("ffmpeg")
async def test_video_without_sound_is_refused(room, tmp_path):
    made = tmp_path / "v.mp4"
    source = ["-f", "lavfi", "-i", "color=c=red:s=64x64:d=1", "-an", "-f", "mp4", str(made)]
    subprocess.run(["ffmpeg", "-nostdin", "-loglevel", "error", *source], check=True)

    with pytest.raises(SoundRefused):
        await hearable.samples_of(room(), made.read_bytes())


async def test_what_is_no_sound_is_told_by_its_bytes(room):

    for data in (
        b"hello, this is text",
        b"\x89PNG\r\n\x1a\n" + bytes(50),
        b"%PDF-1.7",
        b"\xff\xd8\xff\xe0" + bytes(50),
    ):
        assert hearable.media_type(data) == ""
        with pytest.raises(SoundRefused, match="no sound of a kind that is known"):
            await hearable.samples_of(room(), data)


async def test_ogg_is_read_without_any_program(room, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")

    samples = await hearable.samples_of(room(), ogg(tone(1.0)))

    assert 0.95 < samples.seconds < 1.1


async def test_without_ffmpeg_it_is_said_which_program_is_missing(room, monkeypatch):
    from hookline.errors import ServiceUnavailable

    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(ServiceUnavailable, match="the sound is MP4, which the program ffmpeg reads; install it"):
        await hearable.samples_of(room(), b"\0\0\0\x20ftypM4A " + bytes(100))


def test_sound_of_a_high_rate_takes_no_more_room_than_a_few_times_itself():
    """A stranger's file says its rate itself: weights for each sample of it once took a gigabyte."""
    whole = np.zeros(192_000 * 10, dtype=np.float32)
    tracemalloc.start()
    try:
        made = resampled(whole, 192_000, RATE)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(made) == RATE * 10
    assert most < 4 * whole.nbytes
