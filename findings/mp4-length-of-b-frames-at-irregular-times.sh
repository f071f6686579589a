#!/usr/bin/env bash
# The length that an MP4 states of its video is where its last frame ends. PyAV writes six frames at irregular times, the
# last at 2.96 s, with libx264 as it comes (which uses B-frames): all six are decoded at their times, but the file
# states 1.05 s, before two of its frames are shown. A player's bar, and whoever trusts that length,
# stops there. The length is reckoned from the times at which frames are decoded, which B-frames move
# forward; without them (bf=0) the same frames make a file of 3.00 s.
#
# Seen with av 18.1.0 (libavformat 62.12.102). Ends with 0 while this is so, with 1 once something of it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install av==18.1.0 numpy==2.3.5
"$folder/venv/bin/python" - "$folder" <<'PY'
import sys
from fractions import Fraction

import av
import numpy as np

TIMES = [0.0, 0.04, 0.5, 0.51, 1.75, 2.96]
CLOCK = Fraction(1, 90_000)


def written(path, options):
    with av.open(path, "w") as file:
        stream = file.add_stream("libx264", rate=25)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        stream.time_base = stream.codec_context.time_base = CLOCK
        stream.codec_context.options = options
        for time in TIMES:
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 99, np.uint8), format="rgb24")
            frame.pts, frame.time_base = round(time / CLOCK), CLOCK
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    with av.open(path) as file:
        times = [round(float(frame.pts * frame.time_base), 3) for frame in file.decode(video=0)]
        return file.duration / 1e6, times


print("av", av.__version__, "libavformat", ".".join(map(str, av.library_versions["libavformat"])))
usual, times = written(f"{sys.argv[1]}/usual.mp4", {})
plain, plain_times = written(f"{sys.argv[1]}/plain.mp4", {"bf": "0"})
print("frames at", times)
print(f"stated length: {usual:.2f} s with B-frames, {plain:.2f} s without")
assert times == plain_times == TIMES
sys.exit(not (usual < 1.75 and 2.9 < plain < 3.1))
PY
