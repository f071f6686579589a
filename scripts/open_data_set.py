"""Memory and time that the open clips of a data set take in one process, and what UCF-101 would take.

`python scripts/open_data_set.py DATA` opens each stored clip of a prepared data set some times over, as a
training holds them, and extrapolates to 13,320 clips of 186 frames by the images there are.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Sequence
from pathlib import Path

from twostream.datasets.manifest import read_manifest
from twostream.store.clip import StoredClip, open_clip

UCF101_CLIPS, UCF101_FRAMES = 13_320, 186
MIB = 1 << 20


def resident_bytes() -> int:
    """Memory of this process, as Linux counts it."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise SystemExit("there is no VmRSS here: this needs Linux")


def opened(paths: Sequence[Path]) -> list[StoredClip]:
    """All of them, as one process holds them."""
    return [open_clip(path) for path in paths]


def main(words: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="a prepared data set")
    parser.add_argument("--times", type=int, default=20, help="how often each clip is opened")
    options = parser.parse_args(words)
    rows = read_manifest(options.data).rows
    paths = [options.data / row.path for row in rows]
    opened(paths)  # modules and caches
    gc.collect()
    before, started = resident_bytes(), time.process_time()
    kept = opened(paths * options.times)
    seconds = time.process_time() - started
    gc.collect()
    taken = resident_bytes() - before
    clips = len(kept)
    frames = sum(clip.metadata.frames for clip in kept)
    # Some of it goes with the clips, the rest with their images; all with the images is the larger number
    # where clips are shorter than UCF-101's, and with the clips where they are longer.
    by_frames = taken / frames * UCF101_CLIPS * UCF101_FRAMES
    by_clips = taken / clips * UCF101_CLIPS
    print(f"{clips} open clips of {frames / clips:.0f} frames: {taken / MIB:.1f} MiB")
    print(f"{1000 * seconds / clips:.2f} ms of a processor to open one")
    print(
        f"UCF-101, {UCF101_CLIPS} clips of {UCF101_FRAMES} frames: "
        f"{max(by_frames, by_clips) / MIB:.0f} MiB"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
