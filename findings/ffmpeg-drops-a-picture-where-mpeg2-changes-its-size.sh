#!/usr/bin/env bash
# Two recordings of MPEG-2 (or MPEG-1) in transport streams may follow each other in one file, also where their pictures
# differ in size. FFmpeg's decoder, which PyAV calls, holds the last picture of the first back, as order of display asks
# for, and loses it at the sequence header with the other size: no error, no warning, no damaged packet. From there on
# whoever counts frames is one frame early. Of H.264 nothing is lost, nor of MPEG-2 where both are of one size.
#
# Two recordings of 30 frames each, at 25 a second, one behind the other.
#
# Seen with PyAV 18.1.0 and the FFmpeg in it, Python 3.11. Ends with 0 while this is so, with 1 once something of it has
# changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
python=$folder/venv/bin/python
"$python" -m pip --quiet --disable-pip-version-check install av==18.1.0 numpy==2.3.5
cd "$folder"
"$python" - <<'PY'
import sys
from pathlib import Path

import av
import numpy as np

FRAMES = 30


def recording(path, codec, width, height):
    with av.open(path, "w", format="mpegts") as container:
        stream = container.add_stream(codec, rate=25, width=width, height=height, pix_fmt="yuv420p")
        stream.options = {"bf": "2"}
        for k in range(FRAMES):
            shade = np.full((height, width, 3), 40 + 6 * k, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(shade, "rgb24")))
        container.mux(stream.encode())
    return Path(path).read_bytes()


def decoded(codec, size):
    whole = recording("first.ts", codec, 160, 128) + recording("second.ts", codec, *size)
    Path("both.ts").write_bytes(whole)
    by_width = {}
    with av.open("both.ts") as container:
        for frame in container.decode(video=0):
            by_width[frame.width] = by_width.get(frame.width, 0) + 1
    return by_width


seen = {}
for codec in ("mpeg2video", "mpeg1video", "libx264"):
    for size in ((160, 128), (320, 240)):
        seen[codec, size] = decoded(codec, size)
        print(f"{codec:10} 160x128, then {size[0]}x{size[1]}: {seen[codec, size]} frames by width")
whole, lost = {160: FRAMES, 320: FRAMES}, {160: FRAMES - 1, 320: FRAMES}
sys.exit(
    0
    if all(seen[codec, (160, 128)] == {160: 2 * FRAMES} for codec in ("mpeg2video", "mpeg1video", "libx264"))
    and seen["mpeg2video", (320, 240)] == seen["mpeg1video", (320, 240)] == lost
    and seen["libx264", (320, 240)] == whole
    else 1
)
PY
