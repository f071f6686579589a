"""The ethogram of the docs: two observers of generated recordings, the second of whom is less attentive.

Usage: python scripts/ethogram_picture.py [--out docs/images/ethogram.svg]
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import twostream
from twostream.lab.generated.recordings import recording_name, script_of, truth_of

SECONDS, RECORDINGS = 60.0, 2
HEADER = "video,start_s,end_s,label\n"


def main() -> None:
    """Write the picture, and print what both agree on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/images/ethogram.svg"))
    out = parser.parse_args().out
    random = np.random.default_rng(0)
    first, second = [HEADER], [HEADER]
    for number in range(1, RECORDINGS + 1):
        name = recording_name(number)
        for one in truth_of(script_of(seed=0, number=number, seconds=SECONDS)):
            first.append(f"{name},{one.start_s:.3f},{one.end_s:.3f},{one.label}\n")
            late, early = random.uniform(-0.2, 0.8, size=2)
            start, end = max(0.0, one.start_s + late), one.end_s - early
            if random.random() > 0.15 and end > start:
                second.append(f"{name},{start:.3f},{end:.3f},{one.label}\n")
    with tempfile.TemporaryDirectory() as folder:
        one, other = Path(folder) / "observer 1.csv", Path(folder) / "observer 2.csv"
        one.write_text("".join(first), encoding="utf-8")
        other.write_text("".join(second), encoding="utf-8")
        found = twostream.bouts(one, against=other, out=Path(folder) / "out")
        out.write_text((Path(folder) / "out" / "ethogram.svg").read_text("utf-8"), "utf-8")
    print({unit: agreement.kappa for unit, agreement in found.agreements.items()})


if __name__ == "__main__":
    main()
