#!/usr/bin/env bash
# Datumaro takes tracks of a video from CVAT's XML to other formats. Written as MOT, what was on frames 10 to 12 and 50
# to 52 of 100 stands on frames 1 to 6: frames without a box are no part of its data set, and those that are get numbers
# in their order. And the box that ends a track in CVAT, marked as outside because nobody is there any more, becomes one
# more box of the person, in MOT with full confidence and visibility, in Pascal VOC as an object like the others. So
# each stay of a person is longer by a frame, at a time that has nothing to do with the video's. No warning says so.
#
# One track: on frames 10 and 11, outside from 12 on; on frames 50 and 51, outside from 52 on.
#
# Seen with Datumaro 1.13.12, Python 3.11. Ends with 0 while this is so, with 1 once something of it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
python=$folder/venv/bin/python
"$python" -m pip --quiet --disable-pip-version-check install datumaro==1.13.12
cd "$folder"
mkdir cvat
"$python" - <<'PY'
import logging
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import datumaro

BOXES = [(10, 0), (11, 0), (12, 1), (50, 0), (51, 0), (52, 1)]  # frame, outside

boxes = "\n".join(
    f'<box frame="{frame}" outside="{outside}" occluded="0" keyframe="1" xtl="4" ytl="4" xbr="20" ybr="30" z_order="0"/>'
    for frame, outside in BOXES
)
Path("cvat/annotations.xml").write_text(f"""<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version><meta><task><id>1</id><name>walk</name><size>100</size><mode>interpolation</mode>
<start_frame>0</start_frame><stop_frame>99</stop_frame>
<labels><label><name>person</name><attributes></attributes></label></labels>
<original_size><width>64</width><height>48</height></original_size></task></meta>
<track id="0" label="person">{boxes}</track></annotations>
""")
said = []
logging.getLogger().addHandler(type("Kept", (logging.Handler,), {"emit": lambda _, record: said.append(record)})())
datumaro.Dataset.import_from("cvat", "cvat").export("mot", "mot_seq_gt")
datumaro.Dataset.import_from("cvat", "cvat").export("voc", "voc_detection")

# MOT: frame, track, left, top, width, height, confidence, class, visibility
mot = [line.split(",") for line in Path("mot/gt/gt.txt").read_text().split()]
for line in mot:
    print("MOT: frame", line[0], "confidence", line[6], "visibility", line[8])
voc = {path.stem: len(ET.parse(path).findall("object")) for path in sorted(Path("voc/Annotations").rglob("*.xml"))}
print("VOC: objects by frame", voc)
print("warnings:", [record.getMessage() for record in said])
shifted = [(int(line[0]), float(line[6]), float(line[8])) for line in mot]
sys.exit(
    0
    if shifted == [(k, 1.0, 1.0) for k in range(1, len(BOXES) + 1)]
    and voc == {f"frame_{frame:06d}": 1 for frame, _ in BOXES}
    and not said
    else 1
)
PY
