"""The Middlebury `.flo` file: 'PIEH', width, height, then x and y interleaved, little-endian."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twostream.atomic import atomic_path
from twostream.errors import TwostreamError
from twostream.paths import StrPath

_TAG = b"PIEH"  # the float 202021.25 in little-endian bytes
_HEADER_BYTES = 12
_LARGEST_SIDE = 99_999
UNKNOWN_ABOVE = 1e9
"""Components beyond this mean "unknown" in files with ground truth."""


def read_flo(path: StrPath) -> NDArray[np.float32]:
    """Read a `.flo` file as float32 `(H, W, 2)`, pixels, x to the right, y down.

    Raises
    ------
    TwostreamError
        The file is missing, is not a `.flo` file, or is shorter or longer than its header says.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TwostreamError(
            path,
            expected="a readable .flo file",
            found=error.strerror or str(error),
            remedy="check the path",
        ) from error
    if len(content) < _HEADER_BYTES or content[:4] != _TAG:
        raise TwostreamError(
            path,
            expected="a .flo file that starts with PIEH",
            found=f"{content[:4]!r}" if content else "an empty file",
            remedy="give a Middlebury .flo file",
        )
    width, height = (int(side) for side in np.frombuffer(content, "<i4", count=2, offset=4))
    if not (0 < width <= _LARGEST_SIDE and 0 < height <= _LARGEST_SIDE):
        raise TwostreamError(
            path,
            expected=f"a width and height in 1..{_LARGEST_SIDE}",
            found=f"{width}x{height}",
            remedy="the file is damaged; write it again",
        )
    expected = _HEADER_BYTES + 8 * width * height
    if len(content) != expected:
        raise TwostreamError(
            path,
            expected=f"{expected} bytes for {width}x{height} pixels",
            found=f"{len(content)} bytes",
            remedy="the file is damaged or cut off; write it again",
        )
    values = np.frombuffer(content, "<f4", offset=_HEADER_BYTES)
    return values.astype(np.float32).reshape(height, width, 2)


def write_flo(path: StrPath, flow: NDArray[np.floating]) -> Path:
    """Write flow `(H, W, 2)` to a `.flo` file, whole or not at all; return its path.

    Raises
    ------
    TwostreamError
        `flow` has another shape.

    Examples
    --------
    >>> import tempfile
    >>> path = write_flo(Path(tempfile.mkdtemp()) / "a.flo", np.ones((2, 3, 2), np.float32))
    >>> read_flo(path).shape
    (2, 3, 2)
    """
    path = Path(path)
    field = np.asarray(flow)
    if field.ndim != 3 or field.shape[2] != 2 or 0 in field.shape:
        raise TwostreamError(
            path,
            expected="flow of shape (H, W, 2)",
            found=f"shape {field.shape}",
            remedy="stack the x and y components last",
        )
    height, width = field.shape[:2]
    with atomic_path(path, durable=False) as temporary:
        temporary.write_bytes(
            _TAG + np.array([width, height], "<i4").tobytes() + field.astype("<f4").tobytes()
        )
    return path
