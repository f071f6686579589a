"""How planes of brightness and colour become RGB: in whole numbers, as FFmpeg's vectors have them.

RGB is y + vr, y + ug + vg and y + ub, cut to 0..255, of which each term is the upper half of a product of
16 bits: of (8 y - `y_offset`) and `y_share`, of (8 u - 1024) and `ub_share`, and so on.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Terms = npt.NDArray[np.int16]
# libswscale's whole numbers for the matrices of H.273: what 65536 times the reds of v, blues of u, greens
# of u and of v are at limited range.
BT_601 = (104597, 132201, 25675, 53279)
BT_709 = (117489, 138438, 13975, 34925)
BT_2020 = (110013, 140363, 12277, 42626)
FCC = (104448, 132798, 24759, 53109)
SMPTE_240M = (117579, 136230, 16907, 35559)
MATRICES = (BT_709, BT_601, BT_2020, FCC, SMPTE_240M)


class Conversion(NamedTuple):
    """One way from planes to RGB."""

    matrix: tuple[int, int, int, int]
    full_range: bool

    def terms(self) -> Terms:
        """`y_offset`, `y_share`, `ub_share`, `ug_share`, `vg_share`, `vr_share`.

        >>> Conversion(BT_601, full_range=False).terms().tolist()
        [128, 9539, 16525, -3209, -6660, 13075]
        """
        red, blue, green_u, green_v = self.matrix
        y_share, y_offset = (1 << 16, 0) if self.full_range else ((1 << 16) * 255 // 219, 128)
        colours = [blue, -green_u, -green_v, red]
        if self.full_range:
            colours = [int(value * 224 / 255) for value in colours]  # towards zero, as in C
        shares = [((value << 13) + (1 << 15)) >> 16 for value in (y_share, *colours)]
        return np.array([y_offset, *shares], np.int16)


KNOWN = tuple(Conversion(matrix, full_range) for full_range in (False, True) for matrix in MATRICES)
