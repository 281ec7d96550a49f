"""Opus in WebM, as browsers record it, put into Ogg without changing the sound.

WebM is EBML (RFC 8794): elements of an id, a size and a body.  Recorders write segments and clusters of unknown size.
Ogg is RFC 3533, Opus in it RFC 7845.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from .oggpages import pages

_EBML = b"\x1a\x45\xdf\xa3"
_SEGMENT, _CLUSTER, _TRACKS, _TRACK, _AUDIO = 0x18538067, 0x1F43B675, 0x1654AE6B, 0xAE, 0xE1
_NUMBER, _CODEC, _PRIVATE, _CHANNELS = 0xD7, 0x86, 0x63A2, 0x9F
_GROUP, _BLOCK, _SIMPLE = 0xA0, 0xA1, 0xA3
_INSIDE = frozenset({_SEGMENT, _CLUSTER, _TRACKS, _TRACK, _AUDIO, _GROUP})
_MOST_PACKETS = 400_000  # of 2.5 ms at least: more than a quarter of an hour


class NotWebm(ValueError):
    """It is no WebM with Opus in it, or it is damaged; the text says what is missing."""


def is_webm(data: bytes) -> bool:
    """Whether it begins as WebM does."""
    return data.startswith(_EBML)


def to_ogg(data: bytes) -> bytes:
    """The first track with Opus as Ogg; raises `NotWebm`."""
    tracks: list[dict[int, bytes]] = []
    packets: list[bytes] = []
    wanted = -1
    for ident, body in _elements(data):
        if ident == _TRACK:
            tracks.append({})
        elif tracks and ident in (_NUMBER, _CODEC, _PRIVATE, _CHANNELS):
            tracks[-1].setdefault(ident, body)
        elif ident in (_SIMPLE, _BLOCK):
            if wanted < 0:
                wanted = _number(_opus(tracks))
            if not body or len(body) < _length(body[0]) + 4:
                continue
            track, size = _varint(body, 0)
            if track != wanted:
                continue
            if body[size + 2] & 0x06:
                raise NotWebm("its blocks are laced, which no recorder does with Opus")
            packets.append(body[size + 3 :])
            if len(packets) > _MOST_PACKETS:
                raise NotWebm("it has too many packets")
    if not packets:
        raise NotWebm("there is no sound in it")
    return pages(_head(_opus(tracks)), packets)


def _opus(tracks: list[dict[int, bytes]]) -> dict[int, bytes]:
    for track in tracks:
        if track.get(_CODEC, b"").rstrip(b"\0") == b"A_OPUS":
            return track
    found = ", ".join(track.get(_CODEC, b"?").decode("ascii", "replace") for track in tracks) or "none"
    raise NotWebm(f"no track has Opus in it (tracks: {found})")


def _number(track: dict[int, bytes]) -> int:
    return int.from_bytes(track.get(_NUMBER, b"\1"), "big")


def _head(track: dict[int, bytes]) -> bytes:
    """The packet OpusHead: WebM has it as it is in Ogg."""
    private = track.get(_PRIVATE, b"")
    if private.startswith(b"OpusHead") and len(private) >= 19:
        return private
    channels = min(max(int.from_bytes(track.get(_CHANNELS, b"\1"), "big"), 1), 2)
    return b"OpusHead" + struct.pack("<BBHIhB", 1, channels, 0, 48_000, 0, 0)


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """All elements in order, those that hold others with an empty body before what they hold.

    What is cut off in the middle ends it: a recording that was broken off is heard as far as it goes.
    """
    at = 0
    while at < len(data):
        try:
            ident, size = _id(data, at)
            at += size
            length, size = _varint(data, at)
            unknown = length == (1 << (7 * size)) - 1
            at += size
        except IndexError:
            return
        if ident in _INSIDE:
            yield ident, b""
        elif unknown:
            raise NotWebm("an element has no size")
        else:
            if at + length > len(data):
                return
            yield ident, data[at : at + length]
            at += length


def _id(data: bytes, at: int) -> tuple[int, int]:
    size = _length(data[at])
    if size > 4:
        raise NotWebm("an element's id is longer than 4 bytes")
    if at + size > len(data):
        raise IndexError(at)
    return int.from_bytes(data[at : at + size], "big"), size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    size = _length(data[at])
    if at + size > len(data):
        raise IndexError(at)
    return int.from_bytes(data[at : at + size], "big") & ((1 << (7 * size)) - 1), size


def _length(first: int) -> int:
    if not first:
        raise NotWebm("an element begins with a zero byte")
    return 9 - first.bit_length()
