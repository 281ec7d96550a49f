"""Pages of Ogg (RFC 3533) with Opus in them (RFC 7845)."""

from __future__ import annotations

import struct

_RATE = 48_000  # in which Opus counts, whatever it was recorded at
_FULL = 48  # packets a page; 255 segments are the most
_SERIAL = 0x686F6F6B
_TABLE = []
for _n in range(256):
    _sum = _n << 24
    for _ in range(8):
        _sum = ((_sum << 1) ^ 0x04C11DB7) & 0xFFFFFFFF if _sum & 0x80000000 else (_sum << 1) & 0xFFFFFFFF
    _TABLE.append(_sum)
# Milliseconds × 2 of a frame, by the configuration in a packet's first byte (RFC 6716, table 2).
_FRAMES = [20, 40, 80, 120] * 3 + [20, 40] * 2 + [5, 10, 20, 40] * 4


def pages(head: bytes, packets: list[bytes]) -> bytes:
    """An Ogg stream of the packet OpusHead and packets of sound."""
    vendor = b"hookline"
    tags = b"OpusTags" + struct.pack("<I", len(vendor)) + vendor + struct.pack("<I", 0)
    out = [_page(2, 0, 0, [head]), _page(0, 0, 1, [tags])]
    position, number, waiting, segments = 0, 2, list[bytes](), 0
    for n, packet in enumerate(packets):
        needs = len(packet) // 255 + 1
        if waiting and (segments + needs > 255 or len(waiting) >= _FULL):
            out.append(_page(0, position, number, waiting))
            waiting, segments, number = [], 0, number + 1
        waiting.append(packet[: 255 * 254])
        segments += needs
        position += samples(packet)
        if n == len(packets) - 1:
            out.append(_page(4, position, number, waiting))
    return b"".join(out)


def samples(packet: bytes) -> int:
    """How much sound a packet of Opus holds, counted at 48 kHz (RFC 6716, section 3.1)."""
    if not packet:
        return 0
    frame = _FRAMES[packet[0] >> 3] * _RATE // 2000
    code = packet[0] & 3
    count = 1 if code == 0 else 2 if code < 3 else packet[1] & 63 if len(packet) > 1 else 0
    return min(frame * count, _RATE * 120 // 1000)


def _page(kind: int, position: int, number: int, packets: list[bytes]) -> bytes:
    table = b"".join(b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255]) for packet in packets)
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, kind, position, _SERIAL, number, 0, len(table)) + table
    whole = head + b"".join(packets)
    return whole[:22] + struct.pack("<I", _checksum(whole)) + whole[26:]


def _checksum(data: bytes) -> int:
    """CRC-32 as Ogg has it: not reflected, begun with zero."""
    found = 0
    for byte in data:
        found = ((found << 8) & 0xFFFFFFFF) ^ _TABLE[(found >> 24) ^ byte]
    return found
