"""Cloth, skin and noise: the surfaces of figures and scenes, drawn at random."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from twostream.lab.generated.keyframes import FloatArray
from twostream.lab.generated.painting import Picture

CLOTH_PATTERNS = ("plain", "hoops", "stripes", "checks", "dots", "halves")

Colour = FloatArray
"""Red, green and blue, 0-255, shape (3,)."""

_SKINS = ((244, 208, 177), (226, 178, 139), (198, 144, 103), (152, 103, 68), (101, 67, 45))


def draw_colour(
    rng: np.random.Generator, *, saturation: tuple[float, float] = (0.15, 0.85)
) -> Colour:
    """Draw a colour of any hue, of medium to high brightness.

    >>> draw_colour(np.random.default_rng(0)).shape
    (3,)
    """
    return colour_of(rng.uniform(0, 360), rng.uniform(*saturation), rng.uniform(0.3, 0.95))


def colour_of(hue_degrees: float, saturation: float, value: float) -> Colour:
    """Return the colour of a hue, saturation and value (0-1).

    >>> colour_of(120.0, 1.0, 1.0).round().tolist()
    [0.0, 255.0, 0.0]
    """
    hsv = np.array([[[hue_degrees % 360, saturation, value]]], np.float32)
    rgb: Any = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)
    return np.asarray(rgb[0, 0], np.float64) * 255


def draw_skin(rng: np.random.Generator) -> Colour:
    """Draw a skin colour between the lightest and the darkest.

    >>> bool(draw_skin(np.random.default_rng(0)).max() <= 255)
    True
    """
    place = rng.uniform(0, len(_SKINS) - 1)
    low = int(place)
    first, second = np.array(_SKINS[low], float), np.array(_SKINS[min(low + 1, len(_SKINS) - 1)])
    result: Colour = first + (second - first) * (place - low)
    return result


def draw_noise(
    rng: np.random.Generator, rows: int, columns: int, *, grains: tuple[int, ...]
) -> NDArray[np.float32]:
    """Draw smooth noise of unit variance or less: one layer per grain size in pixels.

    >>> draw_noise(np.random.default_rng(0), 8, 12, grains=(2, 4)).shape
    (8, 12)
    """
    total = np.zeros((rows, columns), np.float32)
    for grain in grains:
        small = rng.standard_normal((rows // grain + 2, columns // grain + 2)).astype(np.float32)
        layer: Any = cv2.resize(small, None, fx=grain, fy=grain, interpolation=cv2.INTER_CUBIC)
        total += layer[:rows, :columns]
    result: NDArray[np.float32] = total / np.sqrt(np.float32(len(grains)))
    return result


def shaded(surface: FloatArray, *, depth: float = 0.42) -> Picture:
    """Darken the sides of a (rows, columns, 3) surface as on a cylinder; return uint8.

    >>> shaded(np.full((1, 9, 3), 200.0))[0, ::4, 0].tolist()
    [166, 212, 166]
    """
    columns = surface.shape[1]
    u = (np.arange(columns) + 0.5) / columns * 2 - 1
    light = 1.06 - depth * (1 - np.sqrt(np.maximum(1 - u * u, 0.0)))
    result: Picture = np.clip(surface * light[None, :, None], 0, 255).astype(np.uint8)
    return result


def cloth(
    rng: np.random.Generator,
    pattern: str,
    colours: tuple[Colour, Colour],
    *,
    rows: int = 40,
    columns: int = 20,
    period_px: int = 8,
) -> Picture:
    """Return a piece of cloth of one of `CLOTH_PATTERNS`, uint8 (rows, columns, 3).

    >>> cloth(np.random.default_rng(0), "hoops", (np.zeros(3), np.full(3, 255.0))).shape
    (40, 20, 3)
    """
    y, x = np.mgrid[0:rows, 0:columns]
    half = period_px // 2
    second: dict[str, NDArray[np.bool_]] = {
        "plain": np.zeros((rows, columns), bool),
        "hoops": (y // half) % 2 == 1,
        "stripes": (x // half) % 2 == 1,
        "checks": ((x // half) + (y // half)) % 2 == 1,
        "dots": (x % period_px - half) ** 2 + (y % period_px - half) ** 2 < (0.36 * period_px) ** 2,
        "halves": y > 0.45 * rows,
    }
    surface = np.where(second[pattern][..., None], colours[1], colours[0])
    weave = draw_noise(rng, rows, columns, grains=(2, 5))
    return shaded(surface * (1 + 0.09 * weave[..., None]))
