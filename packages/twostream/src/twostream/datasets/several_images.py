"""Picture files that hold several images: OpenCV would read the first alone."""

from __future__ import annotations

import struct

WEBP_START, WEBP_NAME = b"RIFF", b"WEBP"
HEADER_BYTES = 64
UNREAD_WEBP = "an animated WebP, which FFmpeg does not read"
WEBP_REMEDY = "write it as GIF, APNG or MP4"
_ANIMATED_WEBP = 0x02  # in the flags of the extended header
_TIFF_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
_SUBFILE_TYPE, _REDUCED, _ENTRY_BYTES = 254, 1, 12


def several_images_in(content: bytes) -> str | None:
    """What a picture's bytes are if they hold several images: an animation or pages; else None.

    A smaller copy of the picture in a TIFF, as cameras put there, is no page.
    """
    if is_animated_webp(content):
        return "an animated WebP"
    if content.startswith(b"\x89PNG"):
        # Behind the header, which has a fixed length, and before any pixels.
        before = content[: content.find(b"IDAT")]
        return "an animated PNG" if b"acTL" in before else None
    return "a TIFF of several pages" if _has_pages(content) else None


def is_animated_webp(content: bytes) -> bool:
    """Whether a file that begins with `content` is an animated WebP, which FFmpeg does not read."""
    named = content[:4] == WEBP_START and content[8:12] == WEBP_NAME
    return (
        named
        and content[12:16] == b"VP8X"
        and bool(content[20:21] and content[20] & _ANIMATED_WEBP)
    )


def _has_pages(content: bytes) -> bool:
    order = _TIFF_ORDERS.get(content[:4])
    if order is None:
        return False
    try:
        following = _directory(content, struct.unpack_from(f"{order}I", content, 4)[0], order)[1]
        return following != 0 and not _directory(content, following, order)[0]
    except struct.error:  # cut off: what reads it says so
        return False


def _directory(content: bytes, place: int, order: str) -> tuple[bool, int]:
    """Whether the image that a TIFF's directory describes is a smaller copy, and where the next one is."""
    entries = struct.unpack_from(f"{order}H", content, place)[0]
    reduced = False
    for k in range(entries):
        tag, _, _, value = struct.unpack_from(f"{order}HHII", content, place + 2 + k * _ENTRY_BYTES)
        reduced = reduced or (tag == _SUBFILE_TYPE and bool(value & _REDUCED))
    return reduced, struct.unpack_from(f"{order}I", content, place + 2 + entries * _ENTRY_BYTES)[0]
