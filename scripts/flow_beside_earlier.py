"""TV-L1 flow beside that of an earlier commit: the same pairs by both in turns, as ratios.

`python scripts/flow_beside_earlier.py 9c3137a ../shared/data/hmdb51/videos` holds two processes, one for
each commit, to one thread each; they take turns on every pair, and their processor time counts. It tells
how far the flows and their 8-bit codes are apart, what compiling for the first time takes and what the
machine code weighs. Without a folder of videos the pairs are generated. `--cpu haswell` compiles both as
for a machine that has AVX2 and nothing wider.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from twostream.flow.frames import grey
from twostream.flow.scenes import layered_scene
from twostream.video.decode import open_video

ROOT = Path(__file__).resolve().parents[1]
SOURCES = "packages/twostream/src"
PAIRS_A_VIDEO, GENERATED = 2, 8
FEATURES_OF = {
    "haswell": "+64bit,+avx,+avx2,+bmi,+bmi2,+cmov,+cx16,+f16c,+fma,+fxsr,+lzcnt,+mmx,+movbe,+popcnt,"
    "+sahf,+sse,+sse2,+sse3,+sse4.1,+sse4.2,+ssse3,+xsave,+xsaveopt",
}

# Only what both commits have: told a line each way, a pair and how often; answers ms of the fastest.
WORKER = """
import sys, time
import numpy as np
from twostream.flow.tv_l1.flow import tvl1_sequence
folder, name, preset = sys.argv[1:]
pairs = np.load(f"{folder}/pairs.npz")
started = time.process_time()
first = pairs["first-0"][:48, :64]
list(tvl1_sequence([first, first[::-1]], preset=preset))
print(time.process_time() - started, flush=True)
for line in sys.stdin:
    k, rounds = map(int, line.split())
    # There and back, as in a clip: each frame's pyramid serves two pairs.
    frames = [pairs[f"first-{k}"], pairs[f"second-{k}"]] * 2
    seconds = []
    for _ in range(rounds):
        started = time.process_time()
        flows = list(tvl1_sequence(frames, preset=preset))
        seconds.append((time.process_time() - started) / len(flows))
    np.save(f"{folder}/{name}-{k}.npy", flows[:2])
    print(min(seconds), flush=True)
"""


class Side(NamedTuple):
    """One of both commits: its process, and where its machine code lies."""

    process: subprocess.Popen[str]
    cache: Path
    compiling_seconds: float

    def seconds(self, pair: int, rounds: int) -> float:
        """Processor time of one pair."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{pair} {rounds}\n")
        self.process.stdin.flush()
        return _said(self.process)


def _said(process: subprocess.Popen[str]) -> float:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise SystemExit(f"a process ended with status {process.wait()}")
    return float(line)


def started(sources: Path, folder: Path, name: str, *, preset: str, cpu: str | None) -> Side:
    """Start a side; what it says first is the time that compiling took."""
    cache = folder / f"cache-{name}"
    environment = {
        **os.environ,
        "PYTHONPATH": str(sources),
        "OMP_NUM_THREADS": "1",
        "NUMBA_CACHE_DIR": str(cache),
    }
    if cpu is not None:
        environment |= {"NUMBA_CPU_NAME": cpu, "NUMBA_CPU_FEATURES": FEATURES_OF[cpu]}
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(folder), name, preset],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    return Side(process, cache, _said(process))


def pairs_of(videos: Path | None) -> list[tuple[str, NDArray[np.uint8], NDArray[np.uint8]]]:
    """Names and grey frames, of videos where they are given."""
    if videos is None:
        return [
            (f"generated {seed}", *layered_scene(seed, speed=0.2 * seed)[:2])
            for seed in range(1, GENERATED + 1)
        ]
    found = []
    for path in sorted(p for p in videos.rglob("*") if p.suffix in {".avi", ".mp4", ".mkv"}):
        with open_video(path) as video:
            frames = [grey(frame).astype(np.uint8) for frame in video.frames()]
        for k in range(PAIRS_A_VIDEO):
            at = (2 * k + 1) * (len(frames) - 1) // (2 * PAIRS_A_VIDEO)
            found.append((f"{path.stem[:24]} {at}", frames[at], frames[at + 1]))
    return found


def codes(flow: NDArray[np.float32]) -> NDArray[np.int16]:
    """Eight-bit codes with the usual bound of 20 px."""
    return np.int16(np.rint(128 + 127 * np.clip(flow, -20, 20) / 20))  # type: ignore[return-value]


def main(words: Sequence[str] | None = None) -> int:
    """Measure both in turns, and print times, ratios and differences."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commit", help="the earlier commit")
    parser.add_argument("videos", type=Path, nargs="?", help="a folder of videos")
    parser.add_argument("--preset", default="exact")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cpu", choices=FEATURES_OF)
    options = parser.parse_args(words)
    pairs = pairs_of(options.videos)
    ratios, milliseconds = [], []
    print("| pair | ms then | ms now | faster | largest difference, px | mean | other codes |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        arrays = {f"first-{k}": pair[1] for k, pair in enumerate(pairs)}
        arrays |= {f"second-{k}": pair[2] for k, pair in enumerate(pairs)}
        np.savez(folder / "pairs.npz", **arrays)  # type: ignore[arg-type]
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run(
            [*git, "add", "--quiet", "--detach", str(folder / "then"), options.commit], check=True
        )
        try:
            sides = [
                started(place / SOURCES, folder, side, preset=options.preset, cpu=options.cpu)
                for side, place in (("then", folder / "then"), ("now", ROOT))
            ]
            for k, (title, *_) in enumerate(pairs):
                for side in sides:
                    side.seconds(k, 1)
                turns = [[side.seconds(k, 1) for side in sides] for _ in range(options.rounds)]
                ratio = statistics.median(then / now for then, now in turns)
                best = [1000 * min(column) for column in zip(*turns, strict=True)]
                then, now = (np.load(folder / f"{side}-{k}.npy") for side in ("then", "now"))
                apart = np.hypot(*np.moveaxis(then - now, -1, 0))
                other = float((codes(then) != codes(now)).mean())
                ratios.append(ratio)
                milliseconds.append(best)
                print(
                    f"| {title} | {best[0]:.1f} | {best[1]:.1f} | {ratio:.2f} | {apart.max():.2g} "
                    f"| {apart.mean():.2g} | {100 * other:.2g} % |",
                    flush=True,
                )
            for side in sides:
                assert side.process.stdin is not None
                side.process.stdin.close()
                side.process.wait()
            weights = [sum(p.stat().st_size for p in s.cache.rglob("*.nbc")) / 1024 for s in sides]
        finally:
            subprocess.run([*git, "remove", "--force", str(folder / "then")], check=True)
    then_ms, now_ms = (sum(column) for column in zip(*milliseconds, strict=True))
    print(
        f"\nall pairs: {then_ms / now_ms:.2f} times as fast (median pair {statistics.median(ratios):.2f}, "
        f"{min(ratios):.2f} to {max(ratios):.2f})"
    )
    print(
        f"first call: {sides[0].compiling_seconds:.1f} s of a processor then, "
        f"{sides[1].compiling_seconds:.1f} now; machine code {weights[0]:.0f} KiB then, "
        f"{weights[1]:.0f} now"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
