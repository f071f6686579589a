"""Flow and frames as files, told apart by their suffix."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twostream.atomic import atomic_path
from twostream.errors import TwostreamError
from twostream.flow.colors import flow_to_rgb
from twostream.flow.flo import read_flo, write_flo
from twostream.flow.other_files import READERS, write_flo5, write_kitti, write_pfm
from twostream.own_files import marked_picture, require_own, require_own_picture
from twostream.paths import StrPath

READABLE = (".flo", ".npy", *READERS)
PICTURES = (".png", ".jpg", ".jpeg")
WRITABLE = (".flo", ".npy", ".pfm", ".flo5", *PICTURES)
KITTI = ".kitti.png"  # of a name: else a PNG is a picture in colours


def read_flow(path: StrPath) -> NDArray[np.float32]:
    """Read flow `(H, W, 2)` from a `.flo`, `.npy`, `.pfm`, `.flo5` or KITTI's `.png` file.

    Where the last three do not know it, it is NaN.

    Raises TwostreamError for other suffixes, unreadable files and arrays of another shape.
    """
    path = Path(path)
    if path.suffix.lower() == ".flo":
        return read_flo(path)
    if path.suffix.lower() in READERS:
        return READERS[path.suffix.lower()](path)
    if path.suffix.lower() != ".npy":
        raise TwostreamError(
            path,
            expected=f"a flow file ({', '.join(READABLE)})",
            found=f"suffix {path.suffix!r}",
            remedy="pictures do not keep the numbers; write flow as .flo",
        )
    try:
        flow = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        reason = getattr(error, "strerror", None) or "damaged data"
        raise TwostreamError(
            path, expected="a readable .npy file", found=reason, remedy="check the path"
        ) from error
    if flow.ndim != 3 or flow.shape[2] != 2 or not np.issubdtype(flow.dtype, np.floating):
        raise TwostreamError(
            path,
            expected="floating-point flow of shape (H, W, 2)",
            found=f"{flow.dtype} of shape {flow.shape}",
            remedy="stack the x and y components last",
        )
    return np.asarray(flow, dtype=np.float32)


def write_flow(path: StrPath, flow: NDArray[np.float32], *, max_px: float | None = None) -> Path:
    """Write flow by suffix: numbers as `.flo`, `.npy`, `.pfm`, `.flo5`, colours as `.png` or `.jpg`.

    A name that ends in `.kitti.png` takes KITTI's numbers.

    `max_px` is the speed of full colour; None takes the fastest. Raises TwostreamError for another
    suffix.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix == ".flo":
        return write_flo(path, flow)
    if suffix == ".npy":
        with atomic_path(path, durable=False) as temporary:
            np.save(temporary, flow)
        return path
    if suffix == ".pfm":
        return write_pfm(path, flow)
    if suffix == ".flo5":
        return write_flo5(path, flow)
    if path.name.lower().endswith(KITTI):
        return write_kitti(path, flow)
    if suffix in WRITABLE:
        return write_image(path, flow_to_rgb(flow, max_px=max_px), marked=True)
    raise TwostreamError(
        path,
        expected=f"a name that ends in {', '.join(WRITABLE)}",
        found=f"suffix {path.suffix!r}",
        remedy="numbers go to .flo, pictures to .png",
    )


def require_own_flow(path: Path, *, flag: str) -> None:
    """Raise TwostreamError where a file is there that holds no flow, and is none of our pictures of it."""
    if path.suffix.lower() in PICTURES and not path.name.lower().endswith(KITTI):
        require_own_picture(path, flag=flag)
        return

    def is_own() -> bool:
        try:
            read_flow(path)
        except TwostreamError:
            return False
        return True

    require_own(path, is_own, flag=flag, what="a file of flow")


def read_image(path: StrPath) -> NDArray[np.uint8]:
    """Read a picture as RGB `(H, W, 3)`; raises TwostreamError where that fails."""
    import cv2

    path = Path(path)
    try:
        content = np.fromfile(path, np.uint8)
    except OSError as error:
        raise TwostreamError(
            path,
            expected="a readable picture",
            found=error.strerror or "an error",
            remedy="check the path",
        ) from error
    image: Any = cv2.imdecode(content, cv2.IMREAD_COLOR) if content.size else None
    if image is None:
        raise TwostreamError(
            path,
            expected="a picture (PNG, JPEG, PPM, …)",
            found="other or damaged data" if content.size else "an empty file",
            remedy="convert it to PNG",
        )
    _refuse_few_levels(path, cv2.imdecode(content, cv2.IMREAD_UNCHANGED))
    rgb: NDArray[np.uint8] = np.ascontiguousarray(image[..., ::-1])
    return rgb


def _refuse_few_levels(path: Path, image: Any) -> None:
    """Raise TwostreamError for a picture of more than 8 bits that would keep few of its levels in 8."""
    if image is None or image.dtype != np.uint16:
        return
    lowest, highest = int(image.min()), int(image.max())
    if highest - lowest < 1 << 14:
        raise TwostreamError(
            path,
            expected="a picture of 8 bits, or of 16 that uses its range",
            found=f"16 bits, of which {lowest} to {highest} are used",
            remedy="scale both pictures by the same numbers to 8 bits",
        )


def write_image(
    path: StrPath, image: NDArray[np.uint8], *, jpeg_quality: int = 95, marked: bool = False
) -> Path:
    """Write a grey `(H, W)` or RGB `(H, W, 3)` picture, whole or not at all; return its path.

    One that is `marked` says that it is ours, and may be replaced (`twostream.own_files`).
    """
    import cv2

    path = Path(path)
    ordered = image if image.ndim == 2 else image[..., ::-1]
    is_jpeg = path.suffix.lower() in (".jpg", ".jpeg")
    options = [cv2.IMWRITE_JPEG_QUALITY, jpeg_quality] if is_jpeg else []
    done, content = cv2.imencode(path.suffix, np.ascontiguousarray(ordered), options)
    if not done:
        raise AssertionError(f"{path} could not be encoded")
    with atomic_path(path, durable=False) as temporary:
        data = content.tobytes()
        temporary.write_bytes(marked_picture(data) if marked else data)
    return path
