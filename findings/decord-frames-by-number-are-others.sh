#!/usr/bin/env bash
# decord reads clips for many trainings of action recognition, by frame number: reader[i]. In an AVI file of MPEG-4 with
# B-frames, which is how the clips of HMDB-51 are stored, the frame that comes depends on what was asked for before: read
# from the first to the last all are right, in any other order most are others, by up to a whole interval between key
# frames, and nothing says so. The same frames as H.264 in MP4 are right in any order.
#
# 50 frames that bear their number as six black or white blocks, a key frame at least every 17 of them.
#
# Seen with decord 0.6.0 and PyAV 18.1.0, Python 3.11. Ends with 0 while this is so, with 1 once something of it has
# changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
python=$folder/venv/bin/python
"$python" -m pip --quiet --disable-pip-version-check install decord==0.6.0 av==18.1.0 numpy==2.3.5
cd "$folder"
"$python" - <<'PY'
import random
import sys

import av
import decord
import numpy as np

FRAMES, BLOCKS = 50, 6


def picture(number):
    bits = [255 * (number >> bit & 1) for bit in range(BLOCKS)]
    return np.repeat(np.kron(np.array([bits], np.uint8), np.ones((48, 16), np.uint8))[:, :, None], 3, axis=2)


def number(image):
    blocks = image.mean(axis=2)[8:40].reshape(32, BLOCKS, 16)[:, :, 4:12].mean(axis=(0, 2))
    return sum(1 << bit for bit in range(BLOCKS) if blocks[bit] > 127)


def write(path, codec):
    with av.open(path, "w") as container:
        stream = container.add_stream(codec, rate=25, width=16 * BLOCKS, height=48, pix_fmt="yuv420p")
        stream.options = {"bf": "2", "g": "17"}
        for k in range(FRAMES):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture(k), "rgb24")))
        container.mux(stream.encode())


def by_pyav(path):
    with av.open(path) as container:
        return [number(frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


def by_decord(path, order):
    reader = decord.VideoReader(path)
    return len(reader), [number(reader[k].asnumpy()) for k in order]


forward = list(range(FRAMES))
shuffled = random.Random(1).sample(forward, FRAMES)
seen = {}
for path, codec in [("clip.avi", "mpeg4"), ("clip.mp4", "libx264")]:
    write(path, codec)
    assert by_pyav(path) == forward, path
    length, in_sequence = by_decord(path, forward)
    _, in_disorder = by_decord(path, shuffled)
    away = [abs(a - b) for a, b in zip(shuffled, in_disorder)]
    others = sum(far > 0 for far in away)
    print(f"{path}: {length} frames, {sum(a != b for a, b in zip(forward, in_sequence))} others in sequence, "
          f"{others} in disorder, by up to {max(away)} frames")
    seen[path] = length, in_sequence, others
as_they_are = FRAMES, forward
avi, mp4 = seen["clip.avi"], seen["clip.mp4"]
sys.exit(0 if avi[:2] == mp4[:2] == as_they_are and avi[2] >= FRAMES // 2 and mp4[2] == 0 else 1)
PY
