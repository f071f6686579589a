"""A rehearsal at the size of HMDB-51: `python scripts/rehearsal.py OUT --clips 6766` (`make rehearsal`).

51 classes, clips of HMDB-51's size and lengths (320x240, 18 to 1063 frames, 93 on average), three splits of
about 70 and 30 %, both streams of the small network `cnn-s`: prepare, train, evaluate, report. It tells the
time, the processor time, the disk and the memory of each step, and nothing about accuracy: a few rendered
figures are cut, mirrored and played backwards until there are clips enough. Fewer --clips have the same
lengths, and fewer classes where there would not be five clips of each. `--backbone default` is what a run
does by itself: with so few clips a class heads on EfficientNetLite0 at 224 px. `--width 160 --height 120`
takes a quarter of the time of decoding, flow and disk. Of more than --distinct clips the others are copies
(hard links) of those before, each under a name of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from twostream.lab.generated.actions import CLASSES
from twostream.lab.generated.clips import render_clip
from twostream.lab.generated.dataset import write_video

N_CLASSES, OFFICIAL_CLIPS, SPLITS = 51, 6766, (1, 2, 3)
WIDTH, HEIGHT = 320, 240
SHORTEST, LONGEST, MEAN = 18, 1063, 93
SPREAD = 0.6  # of the logarithm of lengths
CLIPS_A_SOURCE = 4
TEST_SHARE = 0.3
CLIPS_A_CLASS = 5  # at least: one or two test in each split
DEFAULT = "default"


def main() -> None:
    """Make the clips that are not there yet, run every step in a process of its own, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--clips", type=int, default=OFFICIAL_CLIPS)
    parser.add_argument("--width", type=int, default=WIDTH, help="of a frame, px")
    parser.add_argument("--height", type=int, default=HEIGHT, help="of a frame, px")
    parser.add_argument(
        "--distinct", type=int, default=OFFICIAL_CLIPS, help="clips that are not copies"
    )
    parser.add_argument("--flow", default="dis")
    parser.add_argument(
        "--backbone", default="cnn-s", help="or `default`, with all of its defaults"
    )
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--size", type=int, default=112)
    parser.add_argument("--splits", default=",".join(map(str, SPLITS)))
    asked = parser.parse_args()
    out: Path = asked.out
    names = clip_names(asked.clips)
    began = time.monotonic()
    frames = make_clips(
        out / "videos", names, size=(asked.width, asked.height), distinct=asked.distinct
    )
    print(
        f"{len(names)} clips, {frames} frames, made in {time.monotonic() - began:.0f} s", flush=True
    )
    write_lists(out / "lists", names)
    data = out / "data"
    steps = [("prepare", ["prepare", out / "videos", "--out", data, "--annotations", out / "lists",
                          "--flow", asked.flow])]  # fmt: skip
    for split in map(int, asked.splits.split(",")):
        run = out / f"split{split}"
        common = ["--out", run, "--split", split]
        if asked.backbone != DEFAULT:
            common += ["--backbone", asked.backbone, "--epochs", asked.epochs, "--size", asked.size,
                       "--batch-size", 32]  # fmt: skip
        steps += [
            (f"train {stream}, split {split}", ["train", stream, data, *common])
            for stream in ("spatial", "temporal")
        ]
        steps.append((f"evaluate, split {split}", ["evaluate", run, "--data", data,
                      "--protocols", "one-frame,25,whole-video"]))  # fmt: skip
        steps.append((f"report, split {split}", ["report", run]))
    rows = [timed(name, [str(word) for word in words], out) for name, words in steps]
    told = {"clips": len(names), "frames": frames, "width_px": asked.width,
            "height_px": asked.height, "flow": asked.flow, "backbone": asked.backbone,
            "epochs": asked.epochs, "size_px": asked.size, "steps": rows}  # fmt: skip
    (out / "rehearsal.json").write_text(json.dumps(told, indent=1) + "\n")
    print("| step | s | processor s | most memory, GiB | disk of OUT afterwards, GiB |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for row in rows:
        print(
            "| {step} | {seconds} | {processor_seconds} | {memory_gib} | {disk_gib} |".format(**row)
        )


def clip_names(count: int) -> list[tuple[int, int, int]]:
    """Class, source video and clip of each; as many clips in every class as can be, sources of a few."""
    names = []
    n_classes = min(N_CLASSES, max(2, count // CLIPS_A_CLASS))
    for number in range(count):
        of_class, label = divmod(number, n_classes)
        source, clip = divmod(of_class, CLIPS_A_SOURCE if count > 1000 else 1)
        names.append((label, source + 1, clip + 1))
    return names


def file_of(name: tuple[int, int, int]) -> str:
    """The file of a clip below the folder of videos, named as UCF-101 does it."""
    label, source, clip = name
    return f"class{label:02d}/v_class{label:02d}_g{source:02d}_c{clip:02d}.avi"


def lengths(count: int) -> np.ndarray:
    """Frames of each clip: lognormal, cut at the shortest and the longest, 93 on average."""
    drawn = np.random.default_rng(51).lognormal(np.log(MEAN) - SPREAD**2 / 2, SPREAD, count)
    return np.clip(drawn.round(), SHORTEST, LONGEST).astype(int)


def make_clips(
    videos: Path, names: list[tuple[int, int, int]], *, size: tuple[int, int], distinct: int
) -> int:
    """Write the videos that are not there, in frames of `size` (width, height); returns how many."""
    rendered: dict[int, list[np.ndarray]] = {}
    total = 0
    drawn = lengths(len(names))
    for k, name in enumerate(names):
        frames = int(drawn[k % distinct])
        total += frames
        target = videos / file_of(name)
        if target.is_file():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if k >= distinct:
            target.hardlink_to(videos / file_of(names[k % distinct]))
            continue
        action = name[0] % len(CLASSES)
        if action not in rendered:
            rendered[action] = [
                render_clip(
                    CLASSES[action], seed=0, group=1, clip=clip, width_px=size[0], height_px=size[1]
                )
                for clip in (1, 2)
            ]
        write_video(target, played(rendered[action][k % 2], frames, seed=k))
    return total


def played(frames: np.ndarray, count: int, *, seed: int) -> np.ndarray:
    """`count` of the frames, to and fro from a random one on, mirrored or not, at another brightness."""
    rng = np.random.default_rng(seed)
    swing = np.concatenate([np.arange(len(frames)), np.arange(len(frames) - 2, 0, -1)])
    chosen = frames[swing[(int(rng.integers(len(swing))) + np.arange(count)) % len(swing)]]
    gain = rng.uniform(0.7, 1.0)
    return (chosen[:, :, :: int(rng.choice([-1, 1]))] * gain).astype(np.uint8)


def write_lists(folder: Path, names: list[tuple[int, int, int]]) -> None:
    """Three splits: of each class's source videos about 30 % test, others in each split."""
    folder.mkdir(parents=True, exist_ok=True)
    labels = sorted({label for label, _, _ in names})
    index = "".join(f"{label + 1} class{label:02d}\n" for label in labels)
    (folder / "classInd.txt").write_text(index)
    period = round(1 / TEST_SHARE)
    for split in SPLITS:
        test = {name for name in names if name[1] % period == split % period}
        lines: Iterator[str] = (f"{file_of(name)}\n" for name in names if name in test)
        (folder / f"testlist{split:02d}.txt").write_text("".join(lines))
        lines = (f"{file_of(name)} {name[0] + 1}\n" for name in names if name not in test)
        (folder / f"trainlist{split:02d}.txt").write_text("".join(lines))


def timed(name: str, words: list[str], out: Path) -> dict[str, Any]:
    """Run one command of `twostream`: its time, processor time and memory, and the disk of OUT then."""
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(
        [sys.executable, "-m", "twostream", *words], stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{name} failed: twostream {' '.join(words)}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    work = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    row = {
        "step": name,
        "seconds": round(time.monotonic() - began),
        "processor_seconds": round(work),
        "memory_gib": round(max(used.ru_maxrss, 1) / 2**20, 2),  # of its largest process
        "disk_gib": round(sum(f.stat().st_size for f in out.rglob("*") if f.is_file()) / 2**30, 2),
    }
    print(row, flush=True)
    return row


if __name__ == "__main__":
    main()
