"""How long it takes to read 100,000 labels of 500 videos, by format. `python scripts/labels_speed.py`."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from twostream.labelling.options import LabelOptions
from twostream.labelling.reading import read_labels
from twostream.labelling.segments import VideoFacts

VIDEOS, EACH = 500, 200
ALLOWED_SECONDS = 10.0
NAMES = [f"recording {number:03d}.mp4" for number in range(VIDEOS)]


def segments(number: int) -> list[tuple[float, float, str]]:
    """The labels of one video: (start, end, label)."""
    return [(3.0 * k, 3.0 * k + 2, f"label {(k + number) % 9}") for k in range(EACH)]


def boris() -> str:
    """A project with an observation a video."""
    rows = {
        name: [[t, "ann", label, "", ""] for a, b, label in segments(n) for t in (a, b)]
        for n, name in enumerate(NAMES)
    }
    kinds = {str(k): {"code": f"label {k}", "type": "State event"} for k in range(9)}
    observations = {
        name: {"type": "MEDIA", "file": {"1": [name]}, "time offset": 0, "events": events}
        for name, events in rows.items()
    }
    return json.dumps({"behaviors_conf": kinds, "observations": observations})


def label_studio() -> str:
    """A task a video, at 25 frames a second."""
    tasks = []
    for n, name in enumerate(NAMES):
        regions = [
            {
                "type": "timelinelabels",
                "value": {
                    "ranges": [{"start": int(25 * a) + 1, "end": int(25 * b)}],
                    "timelinelabels": [label],
                },
            }
            for a, b, label in segments(n)
        ]
        data = {"video": f"/data/upload/1/0a1b2c3d-{name}", "fps": 25}
        tasks.append({"id": n, "data": data, "annotations": [{"result": regions}]})
    return json.dumps(tasks)


def activitynet() -> str:
    """A database."""
    database = {
        name: {
            "duration": 3.0 * EACH,
            "subset": "training",
            "annotations": [{"segment": [a, b], "label": label} for a, b, label in segments(n)],
        }
        for n, name in enumerate(NAMES)
    }
    return json.dumps({"database": database})


def boris_events() -> str:
    """A tabular export, two rows a label."""
    lines = [
        "Observation id\tSource\tTime offset (s)\tMedia duration (s)\tSubject\tBehavior\t"
        "Modifier #1\tBehavior type\tTime"
    ]
    for n, name in enumerate(NAMES):
        for a, b, label in segments(n):
            for kind, time_ in (("START", a), ("STOP", b)):
                lines.append(f"{n}\tplayer #1:{name}\t0\t600\tann\t{label}\t\t{kind}\t{time_:.3f}")
    return "\n".join(lines)


def elan() -> dict[str, str]:
    """A file a video, a tier each."""
    files = {}
    for n, name in enumerate(NAMES):
        slots, annotations = [], []
        for k, (a, b, label) in enumerate(segments(n)):
            for slot, time_s in ((2 * k, a), (2 * k + 1, b)):
                value = round(1000 * time_s)
                slots.append(f'<TIME_SLOT TIME_SLOT_ID="ts{slot}" TIME_VALUE="{value}"/>')
            annotations.append(
                f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a{k}" TIME_SLOT_REF1="ts{2 * k}" '
                f'TIME_SLOT_REF2="ts{2 * k + 1}"><ANNOTATION_VALUE>{label}</ANNOTATION_VALUE>'
                "</ALIGNABLE_ANNOTATION></ANNOTATION>"
            )
        files[f"{n:03d}.eaf"] = (
            '<?xml version="1.0" encoding="UTF-8"?><ANNOTATION_DOCUMENT AUTHOR="" '
            'DATE="2024-01-01T00:00:00+00:00" FORMAT="3.0" VERSION="3.0"><HEADER MEDIA_FILE="" '
            'TIME_UNITS="milliseconds"><MEDIA_DESCRIPTOR MEDIA_URL="file:///'
            f'{name.replace(" ", "%20")}" MIME_TYPE="video/mp4"/></HEADER><TIME_ORDER>'
            f"{''.join(slots)}</TIME_ORDER>"
            '<TIER LINGUISTIC_TYPE_REF="default-lt" PARTICIPANT="ann" TIER_ID="actions">'
            f"{''.join(annotations)}</TIER>"
            '<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="default-lt" TIME_ALIGNABLE="true"/>'
            "</ANNOTATION_DOCUMENT>"
        )
    return files


def cvat() -> dict[str, str]:
    """An export a task, a track each label, at 25 frames a second."""
    files = {}
    for n, name in enumerate(NAMES):
        tracks = []
        for k, (a, b, label) in enumerate(segments(n)):
            boxes = "".join(
                f'<box frame="{round(25 * time_s)}" keyframe="1" outside="{outside}" occluded="0" '
                'xtl="0.0" ytl="0.0" xbr="9.0" ybr="9.0" z_order="0"></box>'
                for time_s, outside in ((a, 0), (b, 1))
            )
            tracks.append(f'<track id="{k}" label="{label}" source="manual">{boxes}</track>')
        files[f"{n:03d}.xml"] = (
            '<?xml version="1.0" encoding="utf-8"?><annotations><version>1.1</version><meta><task>'
            f"<id>{n}</id><name>{n}</name><size>15000</size><mode>interpolation</mode>"
            "<start_frame>0</start_frame><stop_frame>14999</stop_frame><frame_filter></frame_filter>"
            f"<original_size><width>64</width><height>64</height></original_size><source>{name}"
            f"</source></task></meta>{''.join(tracks)}</annotations>"
        )
    return files


def intervals() -> str:
    """A table of our own."""
    lines = ["video,start_s,end_s,label"]
    for n, name in enumerate(NAMES):
        lines += [f"{name},{a},{b},{label}" for a, b, label in segments(n)]
    return "\n".join(lines)


FORMATS: dict[str, Callable[[], str | dict[str, str]]] = {
    "BORIS project": boris,
    "BORIS events": boris_events,
    "Label Studio": label_studio,
    "ActivityNet": activitynet,
    "ELAN, 500 files": elan,
    "CVAT for video, 500 files": cvat,
    "table of intervals": intervals,
}


def main() -> None:
    """Print a line a format; exits with 1 where one takes too long."""
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for name, make in FORMATS.items():
            path, content = Path(folder) / "labels.txt", make()
            if isinstance(content, str):
                path.write_text(content, encoding="utf-8")
            else:
                path = Path(folder) / name
                path.mkdir()
                for file, text in content.items():
                    (path / file).write_text(text, encoding="utf-8")
            began, began_cpu = time.perf_counter(), time.process_time()
            labels = read_labels(path, LabelOptions(), lambda _: VideoFacts(25.0, 15000, 600.0))
            seconds, cpu = time.perf_counter() - began, time.process_time() - began_cpu
            slowest = max(slowest, seconds)
            assert len(labels.segments) == VIDEOS * EACH, (name, labels.told[:3])
            assert not any(one.lost for one in labels.told)
            files = path.iterdir() if path.is_dir() else [path]
            size = sum(one.stat().st_size for one in files) / 1e6
            print(
                f"{name}: {len(labels.segments):,} labels, {size:.1f} MB, {seconds:.2f} s ({cpu:.2f} s CPU)"
            )
    if slowest > ALLOWED_SECONDS:
        raise SystemExit(f"more than {ALLOWED_SECONDS:g} s")


if __name__ == "__main__":
    main()
