"""What videos must not cost, and must not change: figures beside their bars.

Usage: python scripts/video_bars.py segments [--workers N] [--minutes M]
       python scripts/video_bars.py same --against FOLDER

segments   preparing 300 segments of one AVI beside preparing it as one clip (bar: at most 1.2 times the CPU
           time)
same       the real clips of HMDB-51 and UCF-101 beside the repository and the demo's generated ones,
           prepared by this build and by another one, `packages/twostream/src` of which is FOLDER: every
           frame and every flow must be the same bytes (with DIS; those of HMDB-51 with TV-L1, too)

Each runs the command line in a process of its own. Ends with 1 where a bar is not met.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import av
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "packages" / "twostream" / "src"
SHARED = ROOT.parent / "shared" / "data"
SEGMENTS, MOST = 300, 1.2
FPS, WIDTH, HEIGHT = 25, 320, 240
GENERATE = """
import pathlib, sys
from twostream.verbs.demo import demo_videos
demo_videos(pathlib.Path(sys.argv[1]), seed=0)
"""
SMALL = ("--flow", "dis", "--short-side", "64")


def command(build: Path, *words: object) -> tuple[float, float]:
    """Wall and CPU seconds of one command and its workers."""
    env = {**os.environ, "PYTHONPATH": str(build)}
    began, before = time.monotonic(), _cpu_seconds()
    done = subprocess.run(
        [sys.executable, "-m", "twostream", *map(str, words)],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, words))}: {done.stderr}")
    return time.monotonic() - began, _cpu_seconds() - before


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def write_long_avi(path: Path, seconds: int) -> None:
    """A texture that moves, so that there is something to decode."""
    rng = np.random.default_rng(0)
    ground = rng.integers(0, 255, (HEIGHT // 8, WIDTH // 8 + 8, 3), dtype=np.uint8)
    ground = ground.repeat(8, axis=0).repeat(8, axis=1)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mpeg4", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for k in range(seconds * FPS):
            image = np.ascontiguousarray(ground[:, k % 64 : k % 64 + WIDTH])
            out.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        out.mux(stream.encode(None))


def segments(work: Path, *, minutes: float, workers: int) -> bool:
    """300 segments of one AVI, and the same file as one clip."""
    seconds = round(60 * minutes)
    write_long_avi(work / "long.avi", seconds)
    length = seconds / SEGMENTS
    rows = [
        f"long.avi,{'ab'[k % 2]},{k * length:.6f},{(k + 1) * length:.6f}" for k in range(SEGMENTS)
    ]
    (work / "parts.csv").write_text("\n".join(["path,label,start,end", *rows]) + "\n")
    # A table has two classes: the last tenth of a second is nothing beside the rest.
    whole = [f"long.avi,a,0,{seconds - 0.1}", f"long.avi,b,{seconds - 0.1},"]
    (work / "whole.csv").write_text("\n".join(["path,label,start,end", *whole]) + "\n")
    found = {}
    for name in ("whole", "parts"):
        out = work / f"data_{name}"
        wall, cpu = command(
            HERE, "prepare", work / f"{name}.csv", "--out", out, *SMALL, "--workers", workers
        )
        found[name] = cpu
        print(f"{name}: {wall:.1f} s, {cpu:.1f} s of CPU")
    share = found["parts"] / found["whole"]
    print(f"{SEGMENTS} segments take {share:.2f} times the CPU time of one pass (bar: {MOST})")
    return share <= MOST


def contents(data: Path) -> dict[str, bytes]:
    """The frames and flows of all clips of a data set, by clip and name."""
    found = {}
    for path in sorted((data / "clips").rglob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith(".jpg"):
                    found[f"{path.relative_to(data)}: {name}"] = archive.read(name)
    return found


def same(work: Path, other: Path) -> bool:
    """Whether this build and another one store the same bytes of videos where nothing was wrong."""
    subprocess.run(
        [sys.executable, "-c", GENERATE, str(work)],
        env={**os.environ, "PYTHONPATH": str(HERE)},
        check=True,
    )
    sources = {
        "hmdb51": SHARED / "hmdb51" / "videos",
        "ucf101": SHARED / "ucf101" / "videos",
        "demo": next(iter(work.glob("videos*"))),
    }
    whole = True
    for name, source in sources.items():
        if not source.is_dir():
            print(f"{name}: not there ({source})")
            continue
        for flow in ("dis", "tvl1") if name == "hmdb51" else ("dis",):
            builds = {}
            for label, build in (("this", HERE), ("other", other)):
                out = work / f"{name}_{flow}_{label}"
                command(build, "prepare", source, "--out", out, "--flow", flow)
                builds[label] = contents(out)
            one, two = builds.values()
            different = [key for key in one.keys() | two.keys() if one.get(key) != two.get(key)]
            print(f"{name}, {flow}: {len(one)} images, {len(different)} not the same")
            for key in sorted(different)[:3]:
                print(f"    {key}")
            whole = whole and bool(one) and not different
    return whole


def main() -> int:
    """Run one of the two."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bar", choices=("segments", "same"))
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "video-bars")
    parser.add_argument("--against", type=Path)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=4.0)
    asked = parser.parse_args()
    shutil.rmtree(asked.work, ignore_errors=True)
    asked.work.mkdir(parents=True)
    if asked.bar == "segments":
        met = segments(asked.work, minutes=asked.minutes, workers=asked.workers)
    elif asked.against is None:
        parser.error("same needs --against")
    else:
        met = same(asked.work, asked.against)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
