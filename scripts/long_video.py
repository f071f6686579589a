"""Peak memory of `prepare` on one long 1080p video: it must not grow with the length.

    python scripts/long_video.py --minutes 1 10 60 --fps 25

The video is a few seconds of H.264 whose packets are repeated; the peak is that of all processes
together, read from /proc while they work.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

WIDTH, HEIGHT, LOOP_SECONDS = 1920, 1080, 2


def write_long_video(path: Path, *, minutes: float, fps: int) -> int:
    """Write a video of that length; returns its number of frames."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    ground = np.stack([x % 256, y % 256, (x + y) % 256], -1).astype(np.uint8)
    with av.open(str(path), "w") as container:
        options = {"preset": "ultrafast", "bf": "0", "g": str(fps * LOOP_SECONDS), "crf": "35"}
        stream = container.add_stream("libx264", rate=fps, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        packets, step = [], 200 // fps  # the square moves 200 pixels a second
        for k in range(fps * LOOP_SECONDS):
            image = ground.copy()
            image[200:500, 100 + step * k : 400 + step * k] = 255 - image[200:500, 100:400]
            packets += stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24"))
        packets += stream.encode()
        contents = [(bytes(packet), packet.is_keyframe) for packet in packets]
        frames = round(minutes * 60 * fps)
        for k in range(frames):
            content, is_key = contents[k % len(contents)]
            packet = av.Packet(content)
            packet.stream = stream
            packet.pts = packet.dts = k
            packet.time_base = Fraction(1, fps)
            packet.is_keyframe = is_key
            container.mux(packet)
    return frames


def tree_mib(process: int) -> float:
    """Resident memory of a process and all below it."""
    total = 0.0
    try:
        status = Path(f"/proc/{process}/status").read_text()
        total += int(status.partition("VmRSS:")[2].split()[0]) / 1024
        for task in Path(f"/proc/{process}/task").iterdir():
            total += sum(tree_mib(int(child)) for child in (task / "children").read_text().split())
    except (OSError, IndexError):
        pass  # it has just ended
    return total


def peak_mib(source: Path, out: Path, options: list[str]) -> tuple[float, float]:
    """Peak memory in MiB and seconds of one `prepare`; raises RuntimeError where it fails."""
    command = [sys.executable, "-m", "twostream", "prepare", str(source), "--out", str(out)]
    started = time.monotonic()
    process = subprocess.Popen([*command, *options], stderr=subprocess.DEVNULL)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, tree_mib(process.pid))
        time.sleep(0.2)
    if process.returncode != 0:
        raise RuntimeError(f"prepare ended with status {process.returncode}")
    return peak, time.monotonic() - started


def main() -> None:
    """Measure each length and print a line of JSON for it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, nargs="+", default=[1, 10, 60])
    parser.add_argument("--fps", type=int, default=25)
    parser.add_argument("--flow", default="dis")
    parser.add_argument("--work", type=Path, default=Path("build/long"))
    parser.add_argument("--short-side", default="256")
    options = parser.parse_args()
    for minutes in options.minutes:
        shutil.rmtree(options.work, ignore_errors=True)
        for name in "ab":
            (options.work / "videos" / name).mkdir(parents=True)
        frames = write_long_video(
            options.work / "videos" / "a" / "long.mp4", minutes=minutes, fps=options.fps
        )
        write_long_video(options.work / "videos" / "b" / "short.mp4", minutes=0.02, fps=options.fps)
        flags = ["--flow", options.flow, "--short-side", options.short_side, "--workers", "1"]
        mib, seconds = peak_mib(options.work / "videos", options.work / "data", flags)
        bytes_stored = (options.work / "data" / "clips" / "a" / "long.zip").stat().st_size
        result = {"minutes": minutes, "fps": options.fps, "frames": frames, "peak_mib": round(mib)}
        result |= {"seconds": round(seconds), "stored_mb": round(bytes_stored / 1e6)}
        print(json.dumps(result), flush=True)
    shutil.rmtree(options.work, ignore_errors=True)


if __name__ == "__main__":
    main()
