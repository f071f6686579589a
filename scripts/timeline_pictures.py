"""Draw the pictures of docs/what-happens-when.md.

Usage: python scripts/timeline_pictures.py RUN RECORDING TRUTH [FOLDER]

RUN was trained on generated recordings and evaluated with --timelines (`twostream demo --recordings`),
RECORDING is one of those that it was tested on, TRUTH the table of what happens in it. FOLDER is
docs/images/timelines by default. The picture of the page needs Debian's chromium.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
import twostream
from twostream.datasets.clip_table import read_rows
from twostream.explanation.explain import Explainer
from twostream.explanation.files import Explaining
from twostream.prediction.naming import Source
from twostream.reporting.svg_timeline import timeline_picture
from twostream.reporting.timeline_page import write_timeline_page
from twostream.reporting.watching import write_copies
from twostream.timelines.intervals import Interval
from twostream.timelines.measures import Recording
from twostream.video.decode import open_video

sys.path.insert(0, str(Path(__file__).parents[1] / "packages/twostream/tests/support"))
from browser import chromium

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "images" / "timelines"
WIDTH_PX = 1180
# From where to where, down the page.
PLACES = """
const sections = [...document.querySelectorAll("section")].map(one => one.getBoundingClientRect());
const looked = [...document.querySelectorAll(".looked")].map(one => one.getBoundingClientRect());
"""
PARTS = {
    "page": "[0, sections[0].bottom + 12]",
    "looks": "[sections.at(-1).top, looked[Math.min(looked.length, 4) - 1].bottom + 12]",
}
SHOWN_S = 0.6  # a frame so long after the beginning of an interval


def pictures_of(page: Path, folder: Path, *, at_s: float) -> None:
    """Two parts of a page as a browser shows them: the video at a moment, and where networks looked."""
    with tempfile.TemporaryDirectory() as profile, chromium(Path(profile), width=WIDTH_PX) as shown:
        shown.open(page)
        shown.script("new Promise(done => video.readyState ? done() : video.onloadeddata = done)")
        shown.script(
            f"new Promise(done => {{ video.onseeked = done; video.currentTime = {at_s} }})"
        )
        shown.script("video.removeAttribute('controls')")  # which would lie over what is drawn
        whole = cv2.imdecode(np.frombuffer(shown.picture(), np.uint8), cv2.IMREAD_COLOR)
        for name, part in PARTS.items():
            top, bottom = shown.script(f"(() => {{ {PLACES} return {part}; }})()")
            cv2.imwrite(str(folder / f"{name}.png"), whole[round(top) : round(bottom)])


def frame_at(video: Path, seconds: float, target: Path) -> None:
    """A frame of a video as PNG."""
    with open_video(video) as opened:
        for frame in opened.shown_frames(start_seconds=seconds):
            cv2.imwrite(str(target), cv2.cvtColor(frame.image(), cv2.COLOR_RGB2BGR))
            return


def main(run: Path, recording: Path, table: Path, folder: Path) -> None:
    """Predict the recording, and draw what is found."""
    folder.mkdir(parents=True, exist_ok=True)
    loaded = twostream.load(run)
    found = loaded.predict(recording)
    truth = [
        Interval(row.segment.start_seconds, row.segment.end_seconds, row.label)
        for row in read_rows(table)
        if row.path == recording.name and row.segment and row.segment.end_seconds is not None
    ]
    with open_video(recording) as video:
        seconds = video.stated_seconds or 0.0
    one = Recording(
        name=recording.name, truth=truth, found=found.intervals, duration_s=seconds, fps=25.0
    )
    picture = timeline_picture(one, name="truth")
    (folder / "truth.svg").write_text(picture.standalone(), encoding="utf-8")
    with tempfile.TemporaryDirectory() as place:
        explainer = Explainer(loaded.predictor)
        found = Explaining(explainer, Path(place) / "looks").of(Source(str(recording)), found)
        copies = write_copies(
            [found], Path(place) / "overlay.mp4", loaded.bundle, explainer=explainer
        )
        copy = copies[found.source]
        shown = max(found.intervals, key=lambda interval: interval.score)
        frame_at(copy, shown.start_s + SHOWN_S, folder / "overlay.png")
        page = write_timeline_page(
            Path(place) / "page.html",
            found.windows,
            found.intervals,
            source=recording.name,
            player=copy,
            explained=found.explanations,
        )
        pictures_of(page, folder, at_s=shown.start_s + SHOWN_S)


if __name__ == "__main__":
    places = [Path(word) for word in sys.argv[1:]]
    if len(places) not in (3, 4):
        raise SystemExit(__doc__)
    main(places[0], places[1], places[2], places[3] if len(places) == 4 else FOLDER)
