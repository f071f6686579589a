"""Uploads: one file out of a multipart body, into a folder of its own, by a name that can do no harm."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from twostream.datasets.names import is_video

FIELD = "file"
MOST_FIELDS = 16
FIELD_BYTES = 64 << 10
LONGEST_STEM = 80
SMALL_BYTES = 1 << 20  # what is larger lies on the disk while it comes


class UploadError(Exception):
    """A body that is no upload: the reason, and the HTTP status."""

    def __init__(self, reason: str, status: int = 400) -> None:
        self.status, self.reason = status, reason
        super().__init__(reason)


@dataclass(frozen=True)
class Upload:
    """An uploaded file: where it lies, what its sender calls it, and how large it is."""

    place: Path
    name: str
    size_bytes: int

    async def remove(self) -> None:
        """Remove the file, if it is still there."""
        await aside(self.size_bytes, self.place.unlink, True)


async def receive(request: Any, folder: Path, *, prefix: str = "") -> Upload:
    """Write the multipart field `file` of a request into `folder`; raises UploadError without one.

    `prefix` begins the name of the file, where the folder has others.
    """
    from starlette.datastructures import UploadFile
    from starlette.formparsers import MultiPartException, MultiPartParser

    kind = request.headers.get("content-type", "")
    if kind.partition(";")[0].strip().lower() != "multipart/form-data":
        raise UploadError(
            "expected multipart/form-data with a field `file`, found " + (kind or "none"), 415
        )
    parser = MultiPartParser(
        request.headers,
        request.stream(),
        max_files=1,
        max_fields=MOST_FIELDS,
        max_part_size=FIELD_BYTES,
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise UploadError(f"no proper multipart body: {error.message}") from error
    except (KeyError, ValueError) as error:  # no boundary; names that are no text
        raise UploadError("no proper multipart body") from error
    try:
        file = form.get(FIELD)
        if not isinstance(file, UploadFile):
            found = "a field that is no file" if file is not None else "none"
            raise UploadError(f"expected a file in the field `file`, found {found}", 422)
        if not file.size:
            raise UploadError("expected a video in the field `file`, found an empty file", 422)
        name = shown_name(file.filename or "")
        upload = Upload(folder / f"{prefix}{safe_name(name)}", name, file.size)
        try:
            await aside(file.size, _write, file.file, upload.place)
        except BaseException:
            await upload.remove()
            raise
        return upload
    finally:
        await form.close()


async def aside(size_bytes: int, do: Callable[..., object], *arguments: object) -> None:
    """Do something with a file of that size: in a thread, but at once where it is small.

    To wake a thread takes longer than a small file, and much longer on a busy machine.
    """
    if size_bytes <= SMALL_BYTES:
        do(*arguments)
    else:
        await asyncio.to_thread(do, *arguments)


def _write(file: Any, place: Path) -> None:
    with place.open("xb") as target:
        shutil.copyfileobj(file, target, 1 << 20)


def shown_name(name: str) -> str:
    r"""What results call an upload: the last part of its name, without what no text has.

    >>> shown_name("../../etc/clip 1.mp4"), shown_name("C:\\films\\a.avi"), shown_name("")
    ('clip 1.mp4', 'a.avi', 'video')
    """
    last = PurePosixPath(name.replace("\\", "/").replace("\0", "")).name
    return "".join(sign for sign in last if sign.isprintable()).strip()[:200] or "video"


def safe_name(name: str) -> str:
    """The name of a file on any disk, with the extension of a video.

    >>> safe_name("clip 1.mp4"), safe_name("frame%04d.png"), safe_name("..")
    ('clip_1.mp4', 'frame_04d_png.bin', 'video.bin')
    """
    stem, ending = (
        (PurePosixPath(name).stem, PurePosixPath(name).suffix) if is_video(name) else (name, ".bin")
    )
    stem = re.sub(r"[^A-Za-z0-9_-]+", "_", stem).strip("_")[:LONGEST_STEM]
    return f"{stem or 'video'}{ending.lower()}"
