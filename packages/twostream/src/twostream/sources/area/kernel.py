"""The average of areas of an image, in the order in which OpenCV adds: equal to the last bit."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from twostream.flow.tv_l1.compilation import inlined, kernel
from twostream.flow.tv_l1.vectors import LANES, load, plain_sum, splat, store
from twostream.sources.area.conversions import Terms
from twostream.sources.area.lanes import load_bytes, store_bytes, turn_bytes, turn_floats
from twostream.sources.area.planes import turn_planes
from twostream.sources.area.taps import Columns, Rows

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
TILE = LANES * LANES


@kernel
def averaged(
    source: Bytes, width: int, height: int, columns: Columns, rows: Rows, out: Bytes
) -> None:
    """Write the averages of areas of `source`, an RGB image, into `out`.

    `source` is flat, of `height` rows of `width` bytes, at least sixteen of each; `out` is flat, its rows
    padded to whole vectors. What is left of a row of areas when a block of sixteen rows ends is kept in
    `sums`.
    """
    turned = np.empty(width * LANES, np.uint8)
    tiles = np.empty(3 * TILE, np.float32)
    areas = len(columns.first)
    sums = np.zeros(3 * areas, np.float32)
    for block in range(0, height, LANES):
        top = min(block, height - LANES)
        for strip in range(0, areas, LANES):
            start = min(columns.first[strip], width - LANES)
            for byte in range(start, columns.beyond[strip + LANES - 1], LANES):
                left = min(byte, width - LANES)
                turn_bytes(source, top * width + left, width, turned, (left - start) * LANES)
            _sum_rows(turned, start, strip, columns, tiles)
            _sum_columns(tiles, block, top, height, strip, rows, sums, out)
    _write_last(sums, rows, out)


@kernel
def averaged_planes(
    y: Bytes,
    u: Bytes,
    v: Bytes,
    y_stride: int,
    uv_stride: int,
    terms: Terms,
    width: int,
    height: int,
    columns: Columns,
    rows: Rows,
    out: Bytes,
) -> None:
    """`averaged` of the RGB image that `terms` make of planes (`video.planes`); both sides are even."""
    turned = np.empty(3 * width * LANES, np.uint8)
    tiles = np.empty(3 * TILE, np.float32)
    areas = len(columns.first)
    sums = np.zeros(3 * areas, np.float32)
    for block in range(0, height, LANES):
        top = min(block, height - LANES)
        for strip in range(0, areas, LANES):
            # Colours are those of pairs of pixels.
            start = min(columns.first[strip] // 3 // 2 * 2, width - LANES)
            for pixel in range(start, columns.beyond[strip + LANES - 1] // 3, LANES):
                left = min(pixel, width - LANES)
                turn_planes(
                    y,
                    top * y_stride + left,
                    y_stride,
                    u,
                    v,
                    top // 2 * uv_stride + left // 2,
                    uv_stride,
                    terms,
                    turned,
                    3 * (left - start) * LANES,
                )
            _sum_rows(turned, 3 * start, strip, columns, tiles)
            _sum_columns(tiles, block, top, height, strip, rows, sums, out)
    _write_last(sums, rows, out)


@inlined
def _sum_rows(turned: Bytes, start: int, strip: int, columns: Columns, tiles: Floats) -> None:
    """The sums along sixteen rows at once, of sixteen areas, of bytes from `start` on."""
    for lane in range(LANES):
        place = (columns.first[strip + lane] - start) * LANES
        tap = columns.tap[strip + lane]
        red = green = blue = splat(np.float32(0))
        for k in range(tap, tap + columns.taps[strip + lane]):
            share = splat(columns.share[k])
            red = plain_sum(red, load_bytes(turned, place) * share)
            green = plain_sum(green, load_bytes(turned, place + LANES) * share)
            blue = plain_sum(blue, load_bytes(turned, place + 2 * LANES) * share)
            place += 3 * LANES
        store(tiles, 3 * lane * LANES, red)
        store(tiles, (3 * lane + 1) * LANES, green)
        store(tiles, (3 * lane + 2) * LANES, blue)


@inlined
def _sum_columns(
    tiles: Floats,
    block: int,
    top: int,
    height: int,
    strip: int,
    rows: Rows,
    sums: Floats,
    out: Bytes,
) -> None:
    """Add the rows of a block, of sixteen areas, to what is there of them; write those that are whole."""
    padded = len(sums)
    first, end = rows.begin[block], rows.begin[min(block + LANES, height)]
    for part in range(3):
        turn_floats(tiles, part * TILE)
        element = 3 * strip + part * LANES
        total = load(sums, element)
        for k in range(first, end):
            row = load(tiles, part * TILE + (rows.source[k] - top) * LANES)
            share = splat(rows.share[k])
            if rows.begins[k]:
                if rows.target[k] > 0:
                    store_bytes(out, (rows.target[k] - 1) * padded + element, total)
                total = row * share
            else:
                total = plain_sum(total, row * share)
        store(sums, element, total)


@inlined
def _write_last(sums: Floats, rows: Rows, out: Bytes) -> None:
    last = rows.target[len(rows.target) - 1]
    for element in range(0, len(sums), LANES):
        store_bytes(out, last * len(sums) + element, load(sums, element))
