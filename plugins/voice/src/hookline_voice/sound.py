"""Sound files read and written: any of the usual kinds to samples, samples to Ogg with Opus.

libsndfile (soundfile's wheel carries it) reads WAV, FLAC, MP3 and Ogg with Opus or Vorbis; Opus in WebM, as browsers
record it, is put into Ogg first (`webm`); for AAC and AMR the program ffmpeg is asked (`foreign`).  The functions block
and read what strangers sent, so they are called in another process, by `tenant.compute.process`.
"""

from __future__ import annotations

import io
import math
from typing import Literal

import attrs
import numpy as np

RATE = 16_000  # samples a second, of what is heard
SPOKEN_RATE = 24_000  # of what is spoken; one that Opus has
OGG = "audio/ogg"
_BLOCK = 65_536
_TAPS = 16  # of the filter, on either side
_MOST_CHANNELS, _MOST_RATE = 8, 192_000
_SILENT = 0.002  # full scale is 1; the quietest speech in a recording is ten times that
_FRAME = 400  # samples: 25 ms


@attrs.frozen
class Samples:
    """Mono sound, each sample from -1 to 1."""

    data: np.ndarray
    rate: int

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.data) / self.rate


class SoundRefused(Exception):
    """The sound can't be used; `reason` is damaged, long, silent or kind.  It travels between processes."""

    def __init__(self, reason: Literal["damaged", "long", "silent", "kind"], detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return self.detail


def read(data: bytes, most_seconds: float) -> Samples:
    """The sound of a file that libsndfile reads, mixed to mono at `RATE`.  No more of it is read than is allowed.

    Raises `SoundRefused`.
    """
    import soundfile

    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            rate, channels = file.samplerate, file.channels
            if not 0 < rate <= _MOST_RATE or not 0 < channels <= _MOST_CHANNELS:
                raise SoundRefused("damaged", f"the sound says that it has {channels} channels at {rate} Hz")
            most, blocks, count = int(most_seconds * rate), [], 0
            while len(block := file.read(_BLOCK, dtype="float32", always_2d=True)):
                count += len(block)
                if count > most:
                    raise SoundRefused("long", f"the sound is longer than {most_seconds:g} s")
                blocks.append(block.mean(axis=1))
    except soundfile.SoundFileError as error:
        raise SoundRefused("damaged", f"the sound can't be read: {error}") from None
    if not count:
        raise SoundRefused("damaged", "there is no sound in the file")
    return Samples(resampled(np.nan_to_num(np.concatenate(blocks)), rate, RATE), RATE)


def check(samples: Samples) -> None:
    """Refuse sound in which nothing is said: shorter than a syllable, or silence all through."""
    if samples.seconds < 0.1:
        raise SoundRefused("silent", f"the sound is only {samples.seconds * 1000:.0f} ms long")
    whole = len(samples.data) // _FRAME * _FRAME
    frames = samples.data[:whole].reshape(-1, _FRAME).astype(np.float64)
    loudest = float(np.sqrt(((frames - frames.mean(axis=1, keepdims=True)) ** 2).mean(axis=1)).max())
    if loudest < _SILENT:
        raise SoundRefused("silent", "there is only silence in the sound")


def resampled(data: np.ndarray, rate: int, wanted: int) -> np.ndarray:
    """The samples at another rate, by a windowed sinc that lets nothing through above half of the lower rate."""
    if rate == wanted or not len(data):
        return np.asarray(data, dtype=np.float32)
    scale = min(1.0, wanted / rate)
    reach = int(np.ceil(_TAPS / scale))
    windows = np.lib.stride_tricks.sliding_window_view(
        np.pad(np.asarray(data, dtype=np.float32), reach + 1), 2 * reach + 1
    )
    count = int(len(data) * wanted / rate)
    out = np.empty(count, dtype=np.float32)
    offsets = np.arange(-reach, reach + 1)
    common = math.gcd(rate, wanted)
    step, phases = rate // common, wanted // common  # after so many samples of each, the same weights come again
    for phase in range(min(phases, count)):
        nearest, beyond = divmod(phase * step, phases)
        distance = beyond / phases - offsets
        window = np.clip(np.cos(np.pi * distance / (2 * (reach + 1))), 0, None) ** 2
        weights = (scale * np.sinc(scale * distance) * window).astype(np.float32)
        here = out[phase::phases]
        here[:] = windows[nearest + 1 :: step][: len(here)] @ weights
    return out


def to_ogg(data: bytes, most_seconds: float) -> tuple[bytes, float]:
    """A sound file as Ogg with Opus, mono, as WhatsApp plays it; and how long it is.  Raises `SoundRefused`."""
    import soundfile

    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            rate = file.samplerate
            samples = file.read(int(most_seconds * rate) + 1, dtype="float32", always_2d=True).mean(axis=1)
    except soundfile.SoundFileError as error:
        raise SoundRefused("damaged", f"the speech can't be read: {error}") from None
    if not len(samples):
        raise SoundRefused("damaged", "there is no sound in the speech")
    if len(samples) > most_seconds * rate:
        raise SoundRefused("long", f"the speech is longer than {most_seconds:g} s")
    return ogg(Samples(samples, rate)), len(samples) / rate


def ogg(samples: Samples) -> bytes:
    """The samples as Ogg with Opus."""
    import soundfile

    data = np.clip(resampled(samples.data, samples.rate, SPOKEN_RATE), -1.0, 1.0)
    out = io.BytesIO()
    with soundfile.SoundFile(out, "w", SPOKEN_RATE, 1, format="OGG", subtype="OPUS") as file:
        for begin in range(0, len(data), _BLOCK):  # libsndfile's encoder overflows its stack on very long writes
            file.write(data[begin : begin + _BLOCK])
    return out.getvalue()


def wav(samples: Samples) -> bytes:
    """The samples as WAV of 16 bits, which every transcriber reads."""
    import soundfile

    out = io.BytesIO()
    soundfile.write(out, samples.data, samples.rate, format="WAV", subtype="PCM_16")
    return out.getvalue()
