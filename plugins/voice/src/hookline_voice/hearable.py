"""From what a customer sent to samples that a transcriber understands: whatever the kind, within limits, with words in it.

The kind is told by the bytes.  AAC (iPhones) and AMR (older phones) are read by the program ffmpeg, where the machine
has it: no wheel of a permissive licence reads them.
"""

from __future__ import annotations

import asyncio
import tempfile
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TYPE_CHECKING

from hookline.errors import ServiceError, ServiceUnavailable

from . import program, sound, webm
from .sound import Samples, SoundRefused

if TYPE_CHECKING:
    from hookline.tenant import Tenant

FFMPEG = "ffmpeg"
_AMR = b"#!AMR"
_NATIVE = (b"OggS", b"RIFF", b"RF64", b"fLaC", b"ID3", b"FORM", b".snd")
_PATIENCE = 20.0


def kind(data: bytes) -> str:
    """What sound it is by its bytes: "native", "webm", "mp4", "amr", "aac"; "" for what is none that is known."""
    if data.startswith(_NATIVE) or _is_mp3(data):
        return "native"
    if webm.is_webm(data):
        return "webm"
    if data[4:8] == b"ftyp" or data[4:8] == b"moof":
        return "mp4"
    if data.startswith(_AMR):
        return "amr"
    return "aac" if len(data) > 1 and data[0] == 0xFF and data[1] & 0xF6 == 0xF0 else ""


def _is_mp3(data: bytes) -> bool:
    return (
        len(data) > 2 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0 and data[1] & 0x06 != 0 and data[2] & 0xF0 != 0xF0
    )


def media_type(data: bytes) -> str:
    """The media type of sound by its bytes; "" for what is no sound."""
    found = kind(data)
    if found == "native":
        begins = {b"OggS": "audio/ogg", b"RIFF": "audio/wav", b"RF64": "audio/wav", b"fLaC": "audio/flac"}
        return begins.get(data[:4], "audio/mpeg" if _is_mp3(data) or data[:3] == b"ID3" else "audio/basic")
    return {"webm": "audio/webm", "mp4": "audio/mp4", "amr": "audio/amr", "aac": "audio/aac"}.get(found, "")


async def samples_of(tenant: Tenant, data: bytes) -> Samples:
    """The sound as samples; raises `SoundRefused`, and `ServiceUnavailable` where ffmpeg is wanted and missing."""
    most = tenant.config.max_seconds
    if not data:
        raise SoundRefused("damaged", "the file is empty")
    if len(data) > tenant.config.max_bytes:
        raise SoundRefused("long", f"the file has {len(data):,} bytes; at most {tenant.config.max_bytes:,} are taken")
    found = kind(data)
    if not found:
        raise SoundRefused(
            "kind", "the file is no sound of a kind that is known (Ogg, WebM, MP4, MP3, WAV, FLAC, AMR, AAC)"
        )
    if found in ("mp4", "amr", "aac"):
        data = await _by_ffmpeg(data, found, most)
    try:
        return await tenant.compute.process(_read, data, found, most)
    except BrokenProcessPool:
        raise SoundRefused("damaged", "reading the sound ended the process that read it") from None


def _read(data: bytes, found: str, most: float) -> Samples:
    if found == "webm":
        try:
            data = webm.to_ogg(data)
        except webm.NotWebm as error:
            raise SoundRefused("damaged", f"the WebM can't be read: {error}") from None
    samples = sound.read(data, most)
    sound.check(samples)
    return samples


async def _by_ffmpeg(data: bytes, found: str, most: float) -> bytes:
    """As WAV.  From a file, as MP4 may have its index at the end; nothing but that file may be opened."""
    if not program.found(FFMPEG):
        raise ServiceUnavailable(
            f"the sound is {found.upper()}, which the program ffmpeg reads; install it (Debian, Ubuntu: apt install ffmpeg)"
        )
    with tempfile.TemporaryDirectory(prefix="hookline-voice-") as folder:
        path = Path(folder) / "sound"
        await asyncio.to_thread(path.write_bytes, data)
        demuxer = {"mp4": "mov", "amr": "amr", "aac": "aac"}[found]
        command = [FFMPEG, "-nostdin", "-hide_banner", "-loglevel", "error", "-max_alloc", str(256 * 1024 * 1024)]
        command += [
            "-protocol_whitelist",
            "file,pipe",
            "-f",
            demuxer,
            "-i",
            str(path),
            "-vn",
            "-sn",
            "-dn",
            "-t",
            f"{most + 1:g}",
        ]
        command += ["-ac", "1", "-ar", str(sound.RATE), "-c:a", "pcm_s16le", "-f", "wav", "pipe:1"]
        longest = int((most + 2) * sound.RATE * 2) + 4096
        try:
            return await program.answer("ffmpeg", command, b"", timeout=_PATIENCE, most=longest)
        except ServiceUnavailable:
            raise
        except ServiceError as error:
            raise SoundRefused("damaged", f"the sound can't be read: {error}") from None
