"""TV-L1 optical flow (Zach, Pock and Bischof 2007), compiled with numba.

From the outside in: `flow` (pairs and clips), `pyramid` (coarse to fine), `solver` (one scale:
warps, medians, stopping rule), `warping`, `median` and `iteration` (the mathematics), `vectors`,
`blocks` and `compilation` (how it becomes fast).
"""
