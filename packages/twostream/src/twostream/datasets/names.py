"""Names of files: which are videos, which to ignore, and the identifiers made of them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Container
from pathlib import PurePath

_EXTENSIONS = (
    ".3g2 .3gp .asf .avi .divx .dv .f4v .flv .gif .m1v .m2ts .m2v .m4v .mjpeg .mjpg .mkv .mov .mp4",
    ".mpe .mpeg .mpg .mpv .mts .mxf .ogg .ogm .ogv .qt .rm .rmvb .ts .vob .webm .wmv .y4m",
    ".264 .265 .apng .h264 .hevc .ivf .m2p .nut .tod .trp",
)
VIDEO_EXTENSIONS = frozenset(" ".join(_EXTENSIONS).split())
ARCHIVES = frozenset({".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst"})
# What unpacking on a Mac, network drives, and Windows leave among a user's folders.
OF_SYSTEMS = frozenset(
    {"__MACOSX", "@eaDir", "#recycle", "$RECYCLE.BIN", "System Volume Information", "lost+found"}
)
# File systems allow 255 bytes for a name; an identifier still gets an extension.
LONGEST_STEM_BYTES = 240


def is_video(name: str) -> bool:
    """Whether a file name has the extension of a video, in any case.

    >>> is_video("A.AVI"), is_video("notes.txt"), is_video("avi")
    (True, False, False)
    """
    return PurePath(name).suffix.lower() in VIDEO_EXTENSIONS


def is_packed(path: PurePath) -> bool:
    """Whether a file has the extension of an archive of any kind.

    >>> is_packed(PurePath("videos.tar.gz")), is_packed(PurePath("a.mp4"))
    (True, False)
    """
    return path.suffix.lower() in ARCHIVES


def without_extension(name: str) -> str:
    """A file name without the extension of a video; other endings, such as ``.part2``, stay.

    >>> without_extension("a.b.AVI"), without_extension("a.b")
    ('a.b', 'a.b')
    """
    return PurePath(name).stem if is_video(name) else name


def is_hidden(name: str) -> bool:
    """Whether a name is hidden by convention, or that of a folder which a system keeps for itself.

    >>> is_hidden(".git"), is_hidden("__MACOSX"), is_hidden("run")
    (True, True, False)
    """
    return name.startswith(".") or name in OF_SYSTEMS


def is_temporary(name: str) -> bool:
    """Whether a program is still writing this file, told from its name.

    >>> is_temporary("a.part.mp4"), is_temporary("~$a.mp4"), is_temporary("part.mp4")
    (True, True, False)
    """
    before = PurePath(PurePath(name).stem).suffix.lower()
    return name.startswith("~$") or name.endswith("~") or before in {".part", ".temp", ".tmp"}


def is_text(name: str) -> bool:
    """Whether a name can be written as UTF-8 (bytes that are not appear as lone surrogates)."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def readable(name: str) -> str:
    r"""`name` with bytes that are not UTF-8 written as ``\xNN``.

    >>> readable("caf\udce9.avi")
    'caf\\xe9.avi'
    """
    if is_text(name):
        return name
    try:
        data = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        # Surrogates that stand for no byte, from a system with UTF-16 names.
        data = name.encode("utf-8", "backslashreplace")
    return data.decode("utf-8", "backslashreplace")


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """A number and what it counts, for sentences.

    >>> counted(1, "clip"), counted(2, "clip"), counted(0, "class", "classes")
    ('1 clip', '2 clips', '0 classes')
    """
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def clip_stem(parts: tuple[str, ...], taken: Container[str]) -> str:
    """The part of a clip's identifier after its class.

    `parts` is the path of the file within its class folder. Sub-folders are joined with ``__``.
    Where the stem is in `taken`, the extension stays, and a number is added where that is taken
    too.

    >>> clip_stem(("day 1", "a.avi"), set()), clip_stem(("a.mp4",), {"a"})
    ('day 1__a', 'a.mp4')
    """
    whole = "__".join(parts)
    stem = PurePath(whole).stem
    number = 1
    candidate = _shortened(stem)
    while candidate in taken:
        candidate = _shortened(whole if number == 1 else f"{whole}~{number}")
        number += 1
    return candidate


def _shortened(stem: str) -> str:
    data = os.fsencode(stem)
    if len(data) <= LONGEST_STEM_BYTES:
        return stem
    kept = data[: LONGEST_STEM_BYTES - 9].decode("utf-8", "ignore")
    return f"{kept}~{hashlib.sha256(data).hexdigest()[:8]}"
