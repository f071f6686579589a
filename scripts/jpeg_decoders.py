"""How fast OpenCV and simplejpeg decode the pictures of a data set, and whether pixels are the same.

Usage: python scripts/jpeg_decoders.py DATA   (needs `pip install simplejpeg`)
"""

from __future__ import annotations

import sys
import time
import zipfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import simplejpeg  # type: ignore[import-not-found]

CLIPS, PICTURES, ROUNDS = 4, 30, 15


def main(data: Path) -> None:
    """Print the least processor time of each, frames and flow apart."""
    kinds: dict[str, list[bytes]] = {"frames": [], "flow": []}
    for path in islice(sorted((data / "clips").rglob("*.zip")), CLIPS):
        with zipfile.ZipFile(path) as archive:
            for name in (name for name in archive.namelist() if name.endswith(".jpg")):
                content = archive.read(name)
                shape = decoded(content, cv2.IMREAD_UNCHANGED).shape
                kinds["frames" if len(shape) == 3 else "flow"].append(content)
    cv2.setNumThreads(1)
    for kind, contents in kinds.items():
        chosen = contents[:PICTURES]
        flag = cv2.IMREAD_COLOR if kind == "frames" else cv2.IMREAD_GRAYSCALE
        space = "BGR" if kind == "frames" else "GRAY"
        ours = microseconds(lambda c, flag=flag: decoded(c, flag), chosen)
        other = microseconds(lambda c, space=space: simplejpeg.decode_jpeg(c, space), chosen)
        differ = sum(
            not np.array_equal(decoded(c, flag), simplejpeg.decode_jpeg(c, space).squeeze())
            for c in chosen
        )
        print(f"{kind}: OpenCV {ours:.0f} us, simplejpeg {other:.0f} us, {differ} pictures differ")


def decoded(content: bytes, flag: int) -> Any:
    """A picture as OpenCV decodes it."""
    return cv2.imdecode(np.frombuffer(content, np.uint8), flag)


def microseconds(decode: Callable[[bytes], object], contents: list[bytes]) -> float:
    """The least time of this thread for a picture."""
    taken = []
    for _ in range(ROUNDS):
        started = time.thread_time()
        for content in contents:
            decode(content)
        taken.append(time.thread_time() - started)
    return 1e6 * min(taken) / len(contents)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
