"""Which files the providers take, as what, and how large.

Sources, as of November 2026: Meta's "Media" page of the Cloud API (types and sizes; its uploads take no other type), Twilio's "WhatsApp media
messages" (16 MB whatever it is), Gupshup's "Media message types" (as Meta).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .failures import SendRefused

if TYPE_CHECKING:
    from .config import ProviderName

_MB = 1024 * 1024
_OFFICE = "application/vnd.openxmlformats-officedocument."
KINDS = {
    "image/jpeg": "image",
    "image/png": "image",
    "image/webp": "sticker",
    "video/mp4": "video",
    "video/3gpp": "video",
    "audio/aac": "audio",
    "audio/amr": "audio",
    "audio/mpeg": "audio",
    "audio/mp4": "audio",
    "audio/ogg": "audio",
    "audio/opus": "audio",
    "application/pdf": "document",
    "application/msword": "document",
    "application/vnd.ms-excel": "document",
    "application/vnd.ms-powerpoint": "document",
    f"{_OFFICE}wordprocessingml.document": "document",
    f"{_OFFICE}spreadsheetml.sheet": "document",
    f"{_OFFICE}presentationml.presentation": "document",
    "text/plain": "document",
    "text/csv": "document",
}
_LARGEST = {"image": 5 * _MB, "sticker": 500 * 1024, "video": 16 * _MB, "audio": 16 * _MB, "document": 100 * _MB}
_TWILIO = 16 * _MB
_SHOWN = {"image": "JPEG and PNG", "video": "MP4 and 3GPP", "audio": "OGG with Opus, MP3, M4A, AAC and AMR"}
UNKNOWN = "application/octet-stream"


def bare(media_type: str) -> str:
    """The media type without its parameters."""
    return media_type.partition(";")[0].strip().lower()


def kind_of(media_type: str, name: str = "") -> str:
    """What a file of the type is on WhatsApp; raises `SendRefused` for one that no provider takes."""
    told = bare(media_type)
    if told in KINDS:
        return KINDS[told]
    if told in ("", UNKNOWN):
        return "document"
    taken = _SHOWN.get(told.partition("/")[0], "PDF, text, CSV, and Word, Excel and PowerPoint's files")
    raise SendRefused(
        f"the file {name or 'without a name'} is {told}, which WhatsApp does not take, and nothing here converts it; send one of "
        f"{taken}"
    )


def largest(carrier: ProviderName, kind: str) -> int:
    """The most bytes of a file of the kind."""
    return min(_LARGEST[kind], _TWILIO) if carrier == "twilio" else _LARGEST[kind]


def check_size(carrier: ProviderName, kind: str, size: int, name: str = "") -> None:
    """Raise `SendRefused` for a file that the provider does not take for its size."""
    most = largest(carrier, kind)
    if size > most:
        shown = f"{most // _MB} MB" if most >= _MB else f"{most // 1024} kB"
        raise SendRefused(
            f"the file {name or 'without a name'} has {size:,} bytes; {carrier} takes {shown} at most as {kind}: send a smaller one"
        )
    if not size:
        raise SendRefused(f"the file {name or 'without a name'} is empty")


def check_sound(data: bytes, media_type: str, name: str = "") -> None:
    """Raise `SendRefused` for an Ogg file with another codec than Opus, which WhatsApp does not play."""
    if bare(media_type) == "audio/ogg" and b"OpusHead" not in data[:512]:
        codec = "Vorbis" if b"\x01vorbis" in data[:512] else "another codec"
        raise SendRefused(
            f"the sound {name or 'without a name'} is Ogg with {codec}; WhatsApp plays Ogg with Opus alone"
        )
