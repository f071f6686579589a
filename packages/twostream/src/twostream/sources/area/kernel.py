"""The average of areas of an RGB image, in the order in which OpenCV adds: equal to the last bit."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from twostream.flow.tv_l1.compilation import kernel
from twostream.flow.tv_l1.vectors import LANES, load, plain_sum, splat, store
from twostream.sources.area.lanes import load_bytes, store_bytes, turn_bytes, turn_floats
from twostream.sources.area.taps import Columns, Rows

Bytes = npt.NDArray[np.uint8]
TILE = LANES * LANES


@kernel
def averaged(
    source: Bytes, width: int, height: int, columns: Columns, rows: Rows, out: Bytes
) -> None:
    """Write the averages of areas of `source` into `out`.

    `source` is flat, of `height` rows of `width` bytes, at least sixteen of each; `out` is flat, its rows
    padded to whole vectors. What is left of a row of areas when a block of sixteen rows ends is kept in
    `sums`.
    """
    turned = np.empty(width * LANES, np.uint8)
    tiles = np.empty(3 * TILE, np.float32)
    areas = len(columns.first)
    padded = 3 * areas
    sums = np.zeros(padded, np.float32)
    for block in range(0, height, LANES):
        top = min(block, height - LANES)
        first, end = rows.begin[block], rows.begin[min(block + LANES, height)]
        for strip in range(0, areas, LANES):
            start = min(columns.first[strip], width - LANES)
            for byte in range(start, columns.beyond[strip + LANES - 1], LANES):
                left = min(byte, width - LANES)
                turn_bytes(source, top * width + left, width, turned, (left - start) * LANES)
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
    last = rows.target[len(rows.target) - 1]
    for element in range(0, padded, LANES):
        store_bytes(out, last * padded + element, load(sums, element))
