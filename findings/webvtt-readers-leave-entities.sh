#!/usr/bin/env bash
# In WebVTT the signs & < > of a cue's text are written as entities; a cue `walk &amp; talk` is shown as "walk & talk"
# (W3C WebVTT, cue text parsing). Two readers of Python leave them as they are, so that a label comes back as another
# one. In SRT, which knows neither entities nor braces, pysubs2's `plaintext` takes {x} for a style of another format
# and drops it; `text` keeps it.
#
# Seen with webvtt-py 0.6.0 and pysubs2 1.8.1. Ends with 0 while this is so, with 1 once something of it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
python=$folder/venv/bin/python
"$python" -m pip --quiet --disable-pip-version-check install webvtt-py==0.6.0 pysubs2==1.8.1
"$python" - "$folder" <<'PY'
import sys
from pathlib import Path

import pysubs2
import webvtt

folder = Path(sys.argv[1])
vtt, srt = folder / "a.vtt", folder / "a.srt"
vtt.write_text("WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nwalk &amp; talk &lt;3\n")
srt.write_text("1\n00:00:01,000 --> 00:00:02,000\n{x} and y\n")
shown = "walk & talk <3"
found = {
    "webvtt-py, .vtt": (webvtt.read(str(vtt))[0].text, shown, "walk &amp; talk &lt;3"),
    "pysubs2, .vtt": (pysubs2.load(str(vtt))[0].plaintext, shown, "walk &amp; talk &lt;3"),
    "pysubs2, .srt": (pysubs2.load(str(srt))[0].plaintext, "{x} and y", " and y"),
}
for name, (text, right, _) in found.items():
    print(f"{name}: {text!r}; shown is {right!r}")
sys.exit(any(text != seen for text, _, seen in found.values()))
PY
