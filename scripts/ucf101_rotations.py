"""Write UCF-101 lists in which one source group of each class trains and all others test.

Usage: python scripts/ucf101_rotations.py VIDEOS OUT

List 1: the first group of each class trains; list 2: the last one. A hard, small benchmark: one
training clip a class where every group holds one clip.
"""

from __future__ import annotations

import sys
from pathlib import Path

from twostream.datasets.class_folders import scan


def write_rotations(videos: Path, out: Path) -> None:
    """Write ``classInd.txt``, ``trainlist0k.txt`` and ``testlist0k.txt`` for both rotations."""
    clips = scan(videos).clips
    classes = sorted({clip.class_name for clip in clips})
    out.mkdir(parents=True, exist_ok=True)
    index = "".join(f"{k} {name}\n" for k, name in enumerate(classes, start=1))
    (out / "classInd.txt").write_text(index, encoding="utf-8")
    for number, which in ((1, 0), (2, -1)):
        groups = {
            name: sorted({clip.group for clip in clips if clip.class_name == name})[which]
            for name in classes
        }
        train = [clip for clip in clips if clip.group == groups[clip.class_name]]
        test = [clip for clip in clips if clip.group != groups[clip.class_name]]
        lines = "".join(f"{c.source} {classes.index(c.class_name) + 1}\n" for c in train)
        (out / f"trainlist0{number}.txt").write_text(lines, encoding="utf-8")
        lines = "".join(f"{c.source}\n" for c in test)
        (out / f"testlist0{number}.txt").write_text(lines, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    write_rotations(Path(sys.argv[1]), Path(sys.argv[2]))
