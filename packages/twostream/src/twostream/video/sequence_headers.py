"""Where MPEG-1 and MPEG-2 pictures change their shape, by what packets say before they are decoded."""

from __future__ import annotations

from typing import Any

CODECS = frozenset({"mpeg1video", "mpeg2video"})
# ISO/IEC 11172-2 and 13818-2: a start code, then 12 bits each of width and height and 4 of the aspect.
SEQUENCE_HEADER = b"\x00\x00\x01\xb3"
LOOKED_AT_BYTES = 64


def stated_shape(packet: Any) -> int | None:
    """Width, height and aspect as one number, of a PyAV packet that begins a sequence; None of others.

    FFmpeg's decoder holds the last picture back, and drops it where another shape follows.
    """
    if not packet.size or packet.stream.codec_context.name not in CODECS:
        return None
    return shape_in(bytes(memoryview(packet)[:LOOKED_AT_BYTES]))


def shape_in(data: bytes) -> int | None:
    """The same of the first bytes of a packet.

    >>> hex(shape_in(bytes.fromhex("000001b3 0a00781300")))
    '0xa00781'
    >>> shape_in(bytes.fromhex("00000100 0a00781300"))
    """
    place = data.find(SEQUENCE_HEADER)
    stated = data[place + 4 : place + 8]
    return int.from_bytes(stated, "big") >> 4 if place >= 0 and len(stated) == 4 else None
