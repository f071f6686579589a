"""Pages and pictures of the recordings of a test part: truth over prediction."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twostream.evaluation.labelled import LabelledRecording
from twostream.evaluation.timeline_files import FOLDER_NAME, read_timelines
from twostream.evaluation.timeline_measures import measure_names
from twostream.prediction.results import Prediction
from twostream.reporting.svg import Picture
from twostream.reporting.svg_timeline import timeline_picture
from twostream.reporting.tested_bouts import bouts_content
from twostream.reporting.timeline_page import write_timeline_page

MOST_PICTURES = 8
NAMES = {
    "frame_accuracy": "Frames",
    "f1_10": "F1@10",
    "f1_25": "F1@25",
    "f1_50": "F1@50",
    "edit": "Edit",
    "map_0.3": "mAP 0.3",
    "map_0.5": "mAP 0.5",
    "map_0.7": "mAP 0.7",
    "map": "mAP",
}


def write_tested_page(run: Path, labelled: LabelledRecording, prediction: Prediction) -> Path:
    """Write ``RUN/timelines/NAME.html`` of a recording, with its true intervals; raises OSError."""
    return write_timeline_page(
        run / FOLDER_NAME / page_name(labelled.name),
        prediction.windows,
        prediction.intervals,
        source=labelled.name,
        player=labelled.path,
        truth=labelled.truth,
    )


def page_name(recording: str) -> str:
    """The page of a recording: its path in one piece.

    >>> page_name("day 1/cage.mp4")
    'day 1_cage.mp4.html'
    """
    return recording.replace("/", "_").replace("\\\\", "_").lstrip(".") + ".html"


def timelines_content(run: Path, results: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the report says of timelines; None where they were not measured, or are no longer there."""
    told = results.get("timelines")
    if not told or not told.get("streams"):
        return None
    lead = list(told["streams"])[-1]
    recordings = read_timelines(run, lead)
    if [one.name for one in recordings] != list(told["recordings"]):
        return None
    pictures: list[Picture] = [
        timeline_picture(one, name=f"timeline_{k}")
        for k, one in enumerate(recordings[:MOST_PICTURES], start=1)
    ]
    return {
        "streams": told["streams"],
        "names": {name: NAMES[name] for name in measure_names() if name in NAMES},
        "lead": lead,
        "bouts": bouts_content(recordings),
        "first": told["streams"][lead],
        "pictures": pictures,
        "recordings": recordings[:MOST_PICTURES],
        "left_out": max(len(recordings) - MOST_PICTURES, 0),
        "pages": {
            one.name: f"{FOLDER_NAME}/{page_name(one.name)}"
            for one in recordings
            if (run / FOLDER_NAME / page_name(one.name)).is_file()
        },
        "folder": FOLDER_NAME,
    }


def pooled_content(told: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What the page of several folds says of their recordings together; None where nothing is known."""
    if not told:
        return None
    first = list(told["streams"].values())[-1]
    names = {name: NAMES[name] for name in measure_names() if name in NAMES}
    return {
        "streams": told["streams"],
        "names": {name: text for name, text in names.items() if first.get(name) is not None},
        "first": first,
    }
