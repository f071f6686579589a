"""The average of areas of an RGB image, in the order in which OpenCV adds: equal to the last bit."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from twostream.flow.tv_l1.compilation import kernel
from twostream.flow.tv_l1.vectors import LANES, load, plain_sum, splat, store
from twostream.sources.area.lanes import load_bytes, store_bytes, turn_bytes, turn_floats
from twostream.sources.area.taps import Columns, Rows

Bytes = npt.NDArray[np.uint8]


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
    tile = np.empty(LANES * LANES, np.float32)
    strips = len(columns.first) // LANES
    sums = np.zeros(strips * LANES, np.float32)
    padded = strips * LANES
    for block in range(0, height, LANES):
        top = min(block, height - LANES)
        for byte in range(0, width, LANES):
            left = min(byte, width - LANES)
            turn_bytes(source, top * width + left, width, turned, left * LANES)
        first, end = rows.begin[block], rows.begin[min(block + LANES, height)]
        for strip in range(strips):
            for lane in range(LANES):
                element = strip * LANES + lane
                place = columns.first[element] * LANES
                tap = columns.tap[element]
                total = splat(np.float32(0))
                for k in range(columns.taps[element]):
                    total = plain_sum(
                        total, load_bytes(turned, place) * splat(columns.share[tap + k])
                    )
                    place += 3 * LANES
                store(tile, lane * LANES, total)
            turn_floats(tile)
            total = load(sums, strip * LANES)
            for k in range(first, end):
                part = load(tile, (rows.source[k] - top) * LANES) * splat(rows.share[k])
                if rows.begins[k]:
                    if rows.target[k] > 0:
                        store_bytes(out, (rows.target[k] - 1) * padded + strip * LANES, total)
                    total = part
                else:
                    total = plain_sum(total, part)
            store(sums, strip * LANES, total)
    last = rows.target[len(rows.target) - 1]
    for strip in range(strips):
        store_bytes(out, last * padded + strip * LANES, load(sums, strip * LANES))
