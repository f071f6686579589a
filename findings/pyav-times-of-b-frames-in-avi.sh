#!/usr/bin/env bash
# Frames that PyAV decodes come in the order in which they are shown, but their times need not: of H.264 with
# B-frames in AVI, `frame.time` goes back and forth, while the same stream in MP4 has times that increase. AVI
# has no times of presentation, so they are guessed from the order of packets. Whoever sorts frames by time,
# takes those before a second, or measures how long one lasts, has others than those that were shown.
#
# Seen with PyAV 18.1.0, Python 3.11: 20 frames, each a little brighter than the one before.
# Ends with 0 while this is so, with 1 once something of it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
python=$folder/venv/bin/python
"$python" -m pip --quiet --disable-pip-version-check install av==18.1.0 numpy==2.4.6
cat > "$folder/times.py" <<'PY'
import sys

import av
import numpy as np

path = sys.argv[1]
with av.open(path, "w") as container:
    stream = container.add_stream("libx264", rate=25, options={"bf": "2"})
    stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
    for k in range(20):
        image = np.full((64, 64, 3), 20 + 10 * k, np.uint8)
        container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
    container.mux(stream.encode())
with av.open(path) as container:
    frames = list(container.decode(video=0))
brightness = [float(frame.to_ndarray(format="gray").mean()) for frame in frames]
times = [frame.time for frame in frames]
print("times in periods:", *(round(25 * time) for time in times))
assert len(frames) == 20
print("shown in order:", brightness == sorted(brightness), "times in order:", times == sorted(times))
PY
status=0
for pair in mp4=True avi=False; do
    found=$("$python" "$folder/times.py" "$folder/a.${pair%=*}")
    printf '%s: %s\n' "${pair%=*}" "$(echo $found)"
    [ "$(tail -n 1 <<< "$found")" = "shown in order: True times in order: ${pair#*=}" ] || status=1
done
exit "$status"
