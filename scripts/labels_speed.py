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


def intervals() -> str:
    """A table of our own."""
    lines = ["video,start_s,end_s,label"]
    for n, name in enumerate(NAMES):
        lines += [f"{name},{a},{b},{label}" for a, b, label in segments(n)]
    return "\n".join(lines)


FORMATS: dict[str, Callable[[], str]] = {
    "BORIS project": boris,
    "BORIS events": boris_events,
    "Label Studio": label_studio,
    "ActivityNet": activitynet,
    "table of intervals": intervals,
}


def main() -> None:
    """Print a line a format; exits with 1 where one takes too long."""
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for name, make in FORMATS.items():
            path = Path(folder) / "labels.txt"
            path.write_text(make(), encoding="utf-8")
            began, began_cpu = time.perf_counter(), time.process_time()
            labels = read_labels(path, LabelOptions(), lambda _: VideoFacts(25.0, 15000, 600.0))
            seconds, cpu = time.perf_counter() - began, time.process_time() - began_cpu
            slowest = max(slowest, seconds)
            assert len(labels.segments) == VIDEOS * EACH, (name, labels.told[:3])
            assert not any(one.lost for one in labels.told)
            size = path.stat().st_size / 1e6
            print(
                f"{name}: {len(labels.segments):,} labels, {size:.1f} MB, {seconds:.2f} s ({cpu:.2f} s CPU)"
            )
    if slowest > ALLOWED_SECONDS:
        raise SystemExit(f"more than {ALLOWED_SECONDS:g} s")


if __name__ == "__main__":
    main()
