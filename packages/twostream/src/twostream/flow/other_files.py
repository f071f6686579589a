"""Flow in files of other benchmarks: KITTI's PNG, PFM, Spring's ``.flo5``; NaN where it is unknown."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twostream.atomic import atomic_path
from twostream.errors import TwostreamError
from twostream.flow.flo import UNKNOWN_ABOVE

KITTI_STEPS, KITTI_ZERO = 64.0, 32768.0
DATA_SET = "flow"
COLOURS = "pictures in colours do not keep the numbers; write flow as .flo"


def read_kitti(path: Path) -> NDArray[np.float32]:
    """Read KITTI's 16-bit PNG: (code - 32768) / 64 px in red and green, blue 0 where unknown."""
    import cv2

    content = np.frombuffer(_content(path, remedy=COLOURS), np.uint8)
    image: Any = cv2.imdecode(content, cv2.IMREAD_UNCHANGED) if content.size else None
    if image is None or image.dtype != np.uint16 or image.ndim != 3 or image.shape[2] != 3:
        shape = "no picture" if image is None else f"{image.dtype} of shape {image.shape}"
        raise TwostreamError(
            path,
            expected="flow as KITTI has it, a PNG of three times 16 bits",
            found=shape,
            remedy=COLOURS,
        )
    codes = image[..., :0:-1].astype(np.float32)
    flow: NDArray[np.float32] = np.asarray((codes - KITTI_ZERO) / KITTI_STEPS, np.float32)
    flow[image[..., 0] == 0] = np.nan
    return flow


def write_kitti(path: Path, flow: NDArray[np.floating]) -> Path:
    """Write KITTI's PNG, to 1/64 px; raises TwostreamError for flow beyond its range, -512 to 511.98 px."""
    import cv2

    known = np.isfinite(flow).all(axis=-1)
    codes = np.rint(np.where(known[..., None], flow, 0).astype(float) * KITTI_STEPS + KITTI_ZERO)
    if codes.min() < 0 or codes.max() > 65535:
        raise TwostreamError(
            path,
            expected="flow of -512 to 511.98 px, which KITTI's PNG holds",
            found=f"up to {float(np.abs(flow[known]).max()):g} px",
            remedy="write it as .flo",
        )
    image = np.dstack([known, codes[..., 1], codes[..., 0]]).astype(np.uint16)
    done, content = cv2.imencode(".png", image)
    if not done:
        raise AssertionError(f"{path} could not be encoded")
    return _write(path, content.tobytes())


def read_pfm(path: Path) -> NDArray[np.float32]:
    """Read flow in a PFM of three channels (x, y, and one that is left), rows from the bottom up."""
    content = _content(path)
    try:
        stream = io.BytesIO(content)
        kind, size, scale = (stream.readline(80).strip() for _ in range(3))
        width, height = map(int, size.split())
        order = "<f4" if float(scale) < 0 else ">f4"
        values = np.frombuffer(content, order, offset=stream.tell())
        if kind != b"PF" or values.size != 3 * width * height or min(width, height) < 1:
            raise ValueError(f"{kind!r}, {size!r} and {values.size} numbers")
    except ValueError as error:
        raise TwostreamError(
            path,
            expected="flow in a PFM of three channels",
            found=f"other or damaged data ({error})",
            remedy="write it again, or give a .flo file",
        ) from error
    return _unknown_as_nan(values.reshape(height, width, 3)[::-1, :, :2])


def write_pfm(path: Path, flow: NDArray[np.floating]) -> Path:
    """Write flow as a PFM of three channels, the third 0, little-endian."""
    height, width = flow.shape[:2]
    image = np.zeros((height, width, 3), "<f4")
    image[..., :2] = flow
    return _write(path, b"PF\n%d %d\n-1.0\n" % (width, height) + image[::-1].tobytes())


def read_flo5(path: Path) -> NDArray[np.float32]:
    """Read Spring's ``.flo5``: HDF5 with the data set ``flow`` (H, W, 2)."""
    import h5py

    try:
        with h5py.File(io.BytesIO(_content(path)), "r") as file:
            flow = np.asarray(file[DATA_SET])
    except (OSError, KeyError, ValueError, RuntimeError) as error:
        raise TwostreamError(
            path,
            expected=f"an HDF5 file with the data set {DATA_SET!r}",
            found=f"other or damaged data ({type(error).__name__})",
            remedy="write it again, or give a .flo file",
        ) from error
    if flow.ndim != 3 or flow.shape[2] != 2 or not np.issubdtype(flow.dtype, np.floating):
        raise TwostreamError(
            path,
            expected="floating-point flow of shape (H, W, 2)",
            found=f"{flow.dtype} of shape {flow.shape}",
            remedy="stack the x and y components last",
        )
    return _unknown_as_nan(flow)


def write_flo5(path: Path, flow: NDArray[np.floating]) -> Path:
    """Write Spring's ``.flo5``, compressed as there."""
    import h5py

    with (
        atomic_path(path, durable=False) as temporary,
        h5py.File(temporary, "w") as file,
    ):
        file.create_dataset(
            DATA_SET, data=np.asarray(flow, np.float32), compression="gzip", compression_opts=5
        )
    return path


READERS: dict[str, Callable[[Path], NDArray[np.float32]]] = {
    ".png": read_kitti,
    ".pfm": read_pfm,
    ".flo5": read_flo5,
}


def _unknown_as_nan(flow: NDArray[np.floating]) -> NDArray[np.float32]:
    field = flow.astype(np.float32)
    field[~(np.abs(field) < UNKNOWN_ABOVE).all(axis=-1)] = np.nan
    return field


def _content(path: Path, *, remedy: str = "check the path") -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise TwostreamError(
            path,
            expected="a readable flow file",
            found=error.strerror or "an error",
            remedy=remedy,
        ) from error


def _write(path: Path, content: bytes) -> Path:
    with atomic_path(path, durable=False) as temporary:
        temporary.write_bytes(content)
    return path
