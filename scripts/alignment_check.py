"""Write stored clips in both conventions of ready frames and count how often the images know which.

Usage: python scripts/alignment_check.py DATA

DATA is a prepared folder, such as that of
`twostream prepare ../shared/data/ucf101/videos --out DATA --flow dis --short-side 120`.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
from twostream.flow.encoding import decode_flow
from twostream.preparation.alignment import Numbers, decide, weigh
from twostream.store.clip import StoredClip, open_clip

CLASSIC_BOUND_PX = 20.0


def verdicts(clip: StoredClip) -> dict[str, str]:
    """Convention in which the clip was written -> what is said of it, 'open' where it stays open."""
    frames = clip.metadata.frames
    grey = [cv2.cvtColor(clip.frame(k), cv2.COLOR_RGB2GRAY) for k in range(frames)]
    step = 2 * CLASSIC_BOUND_PX / 255

    def flow(number: int) -> np.ndarray:
        flow_px = decode_flow(clip.flow_codes(number - 1), bound_px=clip.metadata.bound_px)
        return (np.floor(flow_px / step + 127.5) - 127.5).astype(np.float32) * np.float32(step)

    # As many images as flows: the last image goes, or the first.
    numbers = Numbers((1, frames - 1), (1, frames - 1))
    said = {}
    for convention, first in (("from", 0), ("into", 1)):
        evidence = weigh(numbers, grey=lambda k, first=first: grey[k - 1 + first], flow=flow)
        decision = decide(numbers, evidence)
        said[convention] = decision.alignment if decision.decided_by == "images" else "open"
    return said


def main(data: Path) -> None:
    """Print the counts."""
    counts: Counter[tuple[str, str]] = Counter()
    for path in sorted(data.glob("clips/*/*.zip")):
        counts.update(verdicts(open_clip(path)).items())
    for (written, said), count in sorted(counts.items()):
        print(f"written as {written!r}, found {said!r}: {count} clips")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
