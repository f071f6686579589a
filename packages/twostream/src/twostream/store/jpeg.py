"""The JPEG of the store: what every image of a clip has passed through when a network sees it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]


def encode_jpeg(image: Image, *, quality: int) -> bytes:
    """JPEG bytes of `image`: (H, W) grey or (H, W, 3) RGB uint8; quality 1..100."""
    import cv2

    pixels = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if image.ndim == 3 else image
    done, content = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"JPEG encoder refused an image of shape {image.shape}")
    return bytes(content)


def decode_jpeg(content: bytes, *, grey: bool) -> Image | None:
    """The image in JPEG bytes: (H, W) if `grey`, else (H, W, 3) RGB; None where they are damaged."""
    import cv2

    if not content:
        return None
    mode = cv2.IMREAD_GRAYSCALE if grey else cv2.IMREAD_COLOR_RGB
    image: Image | None = cv2.imdecode(np.frombuffer(content, np.uint8), mode)
    return image
