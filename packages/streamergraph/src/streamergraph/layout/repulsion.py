"""Repulsion between all nodes: exact for few, by a tree of cells for many (Barnes and Hut 1986)."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Up to here every pair is as fast as a tree.
EXACT_UP_TO = 1000
# A cell is taken as one node where it looks smaller than this (width over distance).
OPENING = 1.0
DEEPEST = 48
NEARLY_NOTHING = 1e-9


@numba.njit(cache=True, fastmath=False)  # type: ignore[untyped-decorator]
def repel(position: Floats, mass: Floats, scaling: float, force: Floats) -> None:
    """Add to `force` (n, 2) what drives each node from all others: scaling·m·m′ over distance.

    Sums are made in one order whatever the machine, so that the same start gives the same picture.
    """
    if len(mass) <= EXACT_UP_TO:
        repel_exactly(position, mass, scaling, force)
    else:
        repel_by_cells(position, mass, scaling, force, OPENING)


@numba.njit(cache=True, fastmath=False)  # type: ignore[untyped-decorator]
def repel_exactly(position: Floats, mass: Floats, scaling: float, force: Floats) -> None:
    """`repel` over every pair."""
    for i in range(len(mass)):
        xi, yi, mi = position[i, 0], position[i, 1], scaling * mass[i]
        fx, fy = 0.0, 0.0
        for j in range(i):
            dx, dy = xi - position[j, 0], yi - position[j, 1]
            f = mi * mass[j] / (dx * dx + dy * dy + NEARLY_NOTHING)
            fx += f * dx
            fy += f * dy
            force[j, 0] -= f * dx
            force[j, 1] -= f * dy
        force[i, 0] += fx
        force[i, 1] += fy


@numba.njit(cache=True, fastmath=False)  # type: ignore[untyped-decorator]
def repel_by_cells(
    position: Floats, mass: Floats, scaling: float, force: Floats, opening: float
) -> None:
    """`repel` with far cells of a quadtree as single nodes at their centres of mass.

    A cell in which the node itself stands is always opened.
    """
    n = len(mass)
    low_x, low_y = position[:, 0].min(), position[:, 1].min()
    width = max(position[:, 0].max() - low_x, position[:, 1].max() - low_y, 1e-12) * (1 + 1e-9)
    # child: -1 nothing, below that a node (-2 - its number), else a cell.
    capacity = 2 * n + 64
    child = np.full((capacity, 4), -1, np.int64)
    corner = np.empty((capacity, 2))
    size = np.empty(capacity)
    together = np.full(n, -1, np.int64)  # nodes that no depth parts, as a chain
    corner[0, 0], corner[0, 1], size[0] = low_x, low_y, width
    cells = 1
    for p in range(n):
        cell, depth = 0, 0
        while True:
            half = size[cell] / 2
            right = position[p, 0] >= corner[cell, 0] + half
            upper = position[p, 1] >= corner[cell, 1] + half
            quarter = int(right) + 2 * int(upper)
            there = child[cell, quarter]
            if there == -1:
                child[cell, quarter] = -2 - p
                break
            if there >= 0:
                cell, depth = there, depth + 1
                continue
            if depth >= DEEPEST:
                together[p] = -2 - there
                child[cell, quarter] = -2 - p
                break
            if cells == capacity:
                capacity *= 2
                child = _larger(child, capacity)
                corner = _larger(corner, capacity)
                size = _larger_line(size, capacity)
            new = cells
            cells += 1
            child[new, :] = -1
            corner[new, 0] = corner[cell, 0] + half * int(right)
            corner[new, 1] = corner[cell, 1] + half * int(upper)
            size[new] = half
            old = -2 - there
            old_right = position[old, 0] >= corner[new, 0] + half / 2
            old_upper = position[old, 1] >= corner[new, 1] + half / 2
            child[new, int(old_right) + 2 * int(old_upper)] = there
            child[cell, quarter] = new
            cell, depth = new, depth + 1
    total = np.zeros(cells)
    centre = np.zeros((cells, 2))
    for cell in range(cells - 1, -1, -1):  # a cell comes before those inside it
        for quarter in range(4):
            there = child[cell, quarter]
            if there >= 0:
                total[cell] += total[there]
                centre[cell] += total[there] * centre[there]
            elif there < -1:
                p = -2 - there
                while p >= 0:
                    total[cell] += mass[p]
                    centre[cell] += mass[p] * position[p]
                    p = together[p]
        centre[cell] /= total[cell]
    stack = np.empty(4 * (DEEPEST + 4), np.int64)
    for i in range(n):
        xi, yi, mi = position[i, 0], position[i, 1], scaling * mass[i]
        fx, fy = 0.0, 0.0
        stack[0] = 0
        top = 1
        while top:
            top -= 1
            there = stack[top]
            if there < -1:
                p = -2 - there
                while p >= 0:
                    if p != i:
                        dx, dy = xi - position[p, 0], yi - position[p, 1]
                        f = mi * mass[p] / (dx * dx + dy * dy + NEARLY_NOTHING)
                        fx += f * dx
                        fy += f * dy
                    p = together[p]
                continue
            dx, dy = xi - centre[there, 0], yi - centre[there, 1]
            squared = dx * dx + dy * dy
            wide = size[there]
            inside = (
                corner[there, 0] <= xi < corner[there, 0] + wide
                and corner[there, 1] <= yi < corner[there, 1] + wide
            )
            if not inside and wide * wide < opening * opening * squared:
                f = mi * total[there] / squared
                fx += f * dx
                fy += f * dy
                continue
            for quarter in range(4):
                if child[there, quarter] != -1:
                    stack[top] = child[there, quarter]
                    top += 1
        force[i, 0] += fx
        force[i, 1] += fy


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _larger(rows: NDArray[np.generic], capacity: int) -> NDArray[np.generic]:
    larger = np.empty((capacity, rows.shape[1]), rows.dtype)
    larger[: len(rows)] = rows
    return larger


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _larger_line(values: NDArray[np.generic], capacity: int) -> NDArray[np.generic]:
    larger = np.empty(capacity, values.dtype)
    larger[: len(values)] = values
    return larger
