"""What TV-L1's preset `deep` gains and costs beside `exact` and `fast`.

Usage: python scripts/deep_bars.py [PAIRS]

Generated scenes of small, middling and large motion whose flow is known, with seeds that the preset was
not tuned on, and the pairs in PAIRS (pictures NAME-img0.*, NAME-img1.* with the true flow in NAME-gt.flo)
where it is given. One core, processor time; prints a table, and exits with 1 where `deep` has more than
half of `exact`'s error on motion of 20 to 60 pixels, is more than 2 % worse on small motion, worse on the
pairs, or less than 1.7 times as fast over all scenes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from twostream.choices import Preset
from twostream.flow.files import read_flow, read_image
from twostream.flow.measures import end_point_error
from twostream.flow.scenes import layered_scene, travelling_scene
from twostream.flow.tv_l1.flow import tvl1
from twostream.lab.yardsticks.flow import Pair, one_core, processor_seconds

PRESETS: tuple[Preset, ...] = ("exact", "fast", "deep")
SEEDS = range(1000, 1012)


def generated() -> dict[str, list[Pair]]:
    """Pairs by how far things move."""
    motions = {"0.3 to 3 px": (0.3, 3.0), "5 to 20 px": (5.0, 20.0), "20 to 60 px": (20.0, 60.0)}
    sets = {
        name: [
            Pair(f"{name} {seed}", *travelling_scene(seed, least_px=least, most_px=most))
            for seed in SEEDS
        ]
        for name, (least, most) in motions.items()
    }
    sets["discs, some 4 px"] = [Pair(f"discs {seed}", *layered_scene(seed)) for seed in SEEDS]
    return sets


def pairs_of(folder: Path) -> list[Pair]:
    """The pairs of a folder whose flow is known."""
    found = []
    for truth in sorted(folder.glob("*-gt.flo")):
        stem = truth.name.removesuffix("-gt.flo")
        images = [next(folder.glob(f"{stem}-img{k}.*")) for k in (0, 1)]
        found.append(Pair(stem, *(read_image(image) for image in images), read_flow(truth)))
    return found


def measured(pairs: list[Pair], preset: Preset) -> tuple[list[float], float]:
    """Mean end-point error of each pair in pixels, and seconds for all of them."""
    tvl1(pairs[0].frame0, pairs[0].frame1, preset=preset)
    started = processor_seconds()
    flows = [tvl1(pair.frame0, pair.frame1, preset=preset) for pair in pairs]
    seconds = processor_seconds() - started
    errors = []
    for pair, flow in zip(pairs, flows, strict=True):
        assert pair.truth is not None
        errors.append(float(np.nanmean(end_point_error(flow, pair.truth))))
    return errors, seconds


def main() -> int:
    """Print the table and the verdicts."""
    sets = generated()
    if len(sys.argv) > 1:
        for pair in pairs_of(Path(sys.argv[1])):
            sets[f"pair {pair.name}"] = [pair]
    errors: dict[str, dict[str, float]] = {}
    seconds: dict[str, dict[str, float]] = {}
    print(f"{'end-point error, px (times as fast as exact)':46s}", *(f"{p:>16s}" for p in PRESETS))
    with one_core():
        for name, pairs in sets.items():
            rows = {preset: measured(pairs, preset) for preset in PRESETS}
            errors[name] = {preset: float(np.mean(row[0])) for preset, row in rows.items()}
            seconds[name] = {preset: row[1] for preset, row in rows.items()}
            ratios = {p: seconds[name]["exact"] / seconds[name][p] for p in PRESETS}
            cells = (f"{errors[name][p]:8.3f} ({ratios[p]:4.1f}x)" for p in PRESETS)
            print(f"{name:46s}", *(f"{cell:>16s}" for cell in cells))
    scenes = [name for name in sets if not name.startswith("pair ")]
    total = {p: sum(seconds[name][p] for name in scenes) for p in PRESETS}
    real = [name for name in sets if name.startswith("pair ")]
    of_pairs = {p: float(np.mean([errors[name][p] for name in real])) for p in PRESETS if real}
    verdicts = {
        "20 to 60 px: error of deep / exact": (
            errors["20 to 60 px"]["deep"] / errors["20 to 60 px"]["exact"],
            0.5,
        ),
        "0.3 to 3 px: error of deep / exact": (
            errors["0.3 to 3 px"]["deep"] / errors["0.3 to 3 px"]["exact"],
            1.02,
        ),
        "all scenes: time of deep / exact": (total["deep"] / total["exact"], 1 / 1.7),
    }
    if real:
        verdicts["pairs: error of deep / exact"] = (of_pairs["deep"] / of_pairs["exact"], 1.0)
    for name, (ratio, most) in verdicts.items():
        print(f"{name}: {ratio:.3f} (at most {most:.3f}): {'ok' if ratio <= most else 'NOT MET'}")
    return int(any(ratio > most for ratio, most in verdicts.values()))


if __name__ == "__main__":
    sys.exit(main())
