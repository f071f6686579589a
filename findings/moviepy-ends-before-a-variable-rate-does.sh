#!/usr/bin/env bash
# MoviePy reads a video of variable rate at the mean rate that the file declares, but its frames come from FFmpeg at a
# constant rate of FFmpeg's choice, with frames repeated to fill the gaps. Where the second is higher, as in an MP4 whose
# camera stopped for a second, every time after the gap is wrong and the end of the video is never seen: what is at
# 2.0 s is asked for at 3.0 s. imageio, whose package gives MoviePy its FFmpeg, has three lengths for the same file: its
# counter says 50 frames, its reader gives 75, and its metadata say 16.67 frames a second for three seconds.
#
# 50 frames that bear their number as six black or white blocks: 20 at 25 a second, a pause of a second, 30 more.
#
# Seen with MoviePy 2.2.1, imageio 2.38.1, imageio-ffmpeg 0.8.1, PyAV 18.1.0, Python 3.11. Ends with 0 while this is so,
# with 1 once something of it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
python=$folder/venv/bin/python
"$python" -m pip --quiet --disable-pip-version-check install \
    moviepy==2.2.1 imageio==2.38.1 imageio-ffmpeg==0.8.1 av==18.1.0 numpy==2.3.5
cd "$folder"
"$python" - <<'PY'
import sys
from fractions import Fraction

import av
import imageio.v3 as iio
import imageio_ffmpeg
import numpy as np
from moviepy import VideoFileClip

BLOCKS = 6
TIMES_MS = [40 * k + (1000 if k >= 20 else 0) for k in range(50)]


def picture(number):
    bits = [255 * (number >> bit & 1) for bit in range(BLOCKS)]
    return np.repeat(np.kron(np.array([bits], np.uint8), np.ones((48, 16), np.uint8))[:, :, None], 3, axis=2)


def number(image):
    blocks = image.mean(axis=2)[8:40].reshape(32, BLOCKS, 16)[:, :, 4:12].mean(axis=(0, 2))
    return sum(1 << bit for bit in range(BLOCKS) if blocks[bit] > 127)


with av.open("clip.mp4", "w") as container:
    stream = container.add_stream("libx264", rate=25, width=16 * BLOCKS, height=48, pix_fmt="yuv420p")
    stream.options = {"bf": "0"}
    stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
    for k, time_ms in enumerate(TIMES_MS):
        frame = av.VideoFrame.from_ndarray(picture(k), "rgb24")
        frame.pts, frame.time_base = time_ms, Fraction(1, 1000)
        container.mux(stream.encode(frame))
    container.mux(stream.encode())

with av.open("clip.mp4") as container:
    written = [(number(f.to_ndarray(format="rgb24")), round(1000 * f.time)) for f in container.decode(video=0)]
assert written == list(enumerate(TIMES_MS))

with VideoFileClip("clip.mp4", audio=False) as clip:
    shown = [number(image) for image in clip.iter_frames()]
    print(f"MoviePy: {clip.fps} frames a second, {clip.duration} s, {len(shown)} frames, the last shows {shown[-1]} of 49")
with VideoFileClip("clip.mp4", audio=False) as clip:
    late = number(clip.get_frame(2.9))
    print(f"MoviePy: at 2.9 s it shows {late}, the file {max(k for k, t in written if t <= 2900)}")
counted, _ = imageio_ffmpeg.count_frames_and_secs("clip.mp4")
given = sum(1 for _ in iio.imiter("clip.mp4", plugin="FFMPEG"))
said = iio.immeta("clip.mp4", plugin="FFMPEG")
print(f"imageio: {counted} frames counted, {given} given, {said['fps']} a second for {said['duration']} s")
sys.exit(0 if max(shown) < 30 and (counted, given, said["fps"]) == (50, 75, 16.67) else 1)
PY
