"""ForceAtlas2 (Jacomy, Venturini, Heymann, Bastian 2014), compiled by numba.

The same start gives the same positions on every run, since nothing is summed in parallel. The unit of
`scaling` and `gravity` is Gephi's: two free nodes come to rest scaling/gravity apart.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from streamergraph.audience_graph.weighted import WeightedGraph, canonical
from streamergraph.layout.beginning import begin_at
from streamergraph.layout.repulsion import repel
from streamergraph.layout.settings import LayoutSettings

Floats = NDArray[np.float64]


def forceatlas2(
    graph: WeightedGraph, settings: LayoutSettings, *, start: Floats | None = None
) -> Floats:
    """Positions (n, 2) of the nodes after the given number of steps.

    They begin at seeded random places, or at those in `start` (n, 2; in any unit, NaN: none).

    Attraction along edges is proportional to distance (or its logarithm with `linlog`) times
    weight to the power of `weight_influence`; repulsion to `scaling` times (degree + 1) of both
    nodes over distance (by Barnes and Hut above a thousand nodes); gravity to (degree + 1) alone.
    Weights are scaled to a mean of 1, so that per cent and persons give like pictures; parallel
    edges are added up. Speed adapts to how much nodes swing, as in section 4 of the paper.
    """
    graph = canonical(graph)
    rng = np.random.default_rng(settings.seed)
    position = rng.uniform(-1, 1, (graph.n, 2)) * 10 * np.sqrt(max(1, graph.n))
    if graph.n == 0:
        return np.empty((0, 2))
    weight = graph.weight / graph.weight.mean() if len(graph.weight) else graph.weight
    mass = 1.0 + graph.degrees().astype(float)
    if start is not None and np.isfinite(start).all(1).sum() > 1:
        position = begin_at(start, graph, weight, mass, settings, rng)
    run_steps(position, graph, weight, settings)
    centred: Floats = position - position.mean(0)
    return centred


def run_steps(
    position: Floats, graph: WeightedGraph, weight: Floats, settings: LayoutSettings
) -> None:
    """Move `position` (n, 2) by the steps of the settings, with these weights of the edges."""
    _run(
        position,
        1.0 + graph.degrees().astype(float),
        graph.a,
        graph.b,
        np.power(weight, settings.weight_influence),
        settings.iterations,
        settings.scaling,
        settings.gravity,
        settings.strong_gravity,
        settings.linlog,
        settings.dissuade_hubs,
        settings.jitter_tolerance,
    )


@numba.njit(cache=True, fastmath=False)  # type: ignore[untyped-decorator]
def _run(
    position: Floats,
    mass: Floats,
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    weight: Floats,
    iterations: int,
    scaling: float,
    gravity: float,
    strong_gravity: bool,
    linlog: bool,
    dissuade_hubs: bool,
    jitter_tolerance: float,
) -> None:
    n = len(mass)
    force = np.zeros((n, 2))
    before = np.zeros((n, 2))
    speed, efficiency = 1.0, 1.0
    compensation = mass.mean() if dissuade_hubs else 1.0
    for _ in range(iterations):
        before[:] = force
        force[:] = 0.0
        repel(position, mass, scaling, force)
        for i in range(n):
            x, y = position[i, 0], position[i, 1]
            pull = mass[i] * gravity
            if not strong_gravity:
                pull /= np.sqrt(x * x + y * y) + 1e-9
            force[i, 0] -= pull * x
            force[i, 1] -= pull * y
        for e in range(len(a)):
            i, j = a[e], b[e]
            dx, dy = position[i, 0] - position[j, 0], position[i, 1] - position[j, 1]
            f = compensation * weight[e]
            if linlog:
                distance = np.sqrt(dx * dx + dy * dy) + 1e-9
                f *= np.log(1.0 + distance) / distance
            fi = f / mass[i] if dissuade_hubs else f
            force[i, 0] -= fi * dx
            force[i, 1] -= fi * dy
            force[j, 0] += fi * dx
            force[j, 1] += fi * dy
        swinging, traction = 0.0, 0.0
        for i in range(n):
            sx, sy = before[i, 0] - force[i, 0], before[i, 1] - force[i, 1]
            tx, ty = before[i, 0] + force[i, 0], before[i, 1] + force[i, 1]
            swinging += mass[i] * np.sqrt(sx * sx + sy * sy)
            traction += 0.5 * mass[i] * np.sqrt(tx * tx + ty * ty)
        estimated = 0.05 * np.sqrt(n)
        jitter = jitter_tolerance * max(
            np.sqrt(estimated), min(10.0, estimated * traction / (n * n))
        )
        if traction > 0 and swinging / traction > 2.0:
            if efficiency > 0.05:
                efficiency *= 0.5
            jitter = max(jitter, jitter_tolerance)
        target = 1e6 if swinging == 0 else jitter * efficiency * traction / swinging
        if swinging > jitter * traction:
            if efficiency > 0.05:
                efficiency *= 0.7
        elif speed < 1000:
            efficiency *= 1.3
        speed += min(target - speed, 0.5 * speed)
        for i in range(n):
            sx, sy = before[i, 0] - force[i, 0], before[i, 1] - force[i, 1]
            swing = mass[i] * np.sqrt(sx * sx + sy * sy)
            factor = speed / (1.0 + np.sqrt(speed * swing))
            position[i, 0] += force[i, 0] * factor
            position[i, 1] += force[i, 1] * factor
