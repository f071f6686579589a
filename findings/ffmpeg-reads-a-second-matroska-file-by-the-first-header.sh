#!/usr/bin/env bash
# A Matroska file may consist of several documents, one behind the other (RFC 8794 calls that an EBML stream, RFC 9559
# allows it). FFmpeg's reader, which PyAV calls, goes on past the second header and hands out the second recording's packets,
# but with the first one's size and codec data. With FFV1 and MPEG-4, whose settings stand there, pictures of the second are
# decoded into others, of the first one's size; frames are counted, times go on, and no error is raised.
#
# Two recordings, 64x48 and 96x64, 20 frames each of two shades of grey, which FFV1 keeps exactly.
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

FRAMES = 20


def recording(path, codec, width, height, base):
    with av.open(path, "w", format="matroska") as container:
        stream = container.add_stream(codec, rate=25, width=width, height=height, pix_fmt="yuv420p")
        for k in range(FRAMES):
            picture = np.full((height, width, 3), base + 2 * k, np.uint8)
            picture[:, width // 2 :] = 255 - picture[:, width // 2 :]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode())
    return Path(path).read_bytes()


def decoded(path):
    with av.open(path) as container:
        return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


wrong = {}
for codec in ("ffv1", "mpeg4"):
    both = recording("a.mkv", codec, 64, 48, 40) + recording("b.mkv", codec, 96, 64, 90)
    Path("both.mkv").write_bytes(both)
    alone, joined = decoded("b.mkv"), decoded("both.mkv")
    sizes = sorted({picture.shape for picture in joined})
    print(f"{codec}: {len(joined)} frames of {sizes}, the second recording alone has {alone[0].shape}")
    off = [abs(int(in_both[5, 5]) - int(by_itself[5, 5])) for in_both, by_itself in zip(joined[FRAMES:], alone)]
    print(f"{codec}: its pictures are up to {max(off)} grey levels off")
    wrong[codec] = len(joined) == 2 * FRAMES and sizes == [(48, 64)] and max(off) > 10
sys.exit(0 if all(wrong.values()) else 1)
PY
