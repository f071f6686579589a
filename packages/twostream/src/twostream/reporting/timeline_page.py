"""``timeline.html``: what happens when in one video, with the video beside it."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import cv2
from markupsafe import Markup

from twostream.atomic import write_text
from twostream.paths import StrPath
from twostream.prediction.results import ExplainedMoment, LabelScore, best_first
from twostream.reporting.rendering import environment, style
from twostream.reporting.timeline_curves import curves_of, lanes_of
from twostream.timelines.files import intervals_as_json
from twostream.timelines.intervals import Interval
from twostream.timelines.window_scores import WindowScores

TEMPLATE = "timeline.html"
WEB = ("http://", "https://")
BEST = 5  # classes of a clip, as in the command's table


def write_timeline_page(
    target: Path,
    scores: WindowScores,
    intervals: Sequence[Interval],
    *,
    source: str,
    player: StrPath | None,
    truth: Sequence[Interval] | None = None,
    notes: Sequence[str] = (),
    explained: Sequence[ExplainedMoment] = (),
) -> Path:
    """Write the page of one video: a player, lanes of labels and scores, and a table of the intervals.

    `source` is what the video is called; `player` is what the page plays, a file (the video, or its
    overlay) or an address of the web, None where nothing can be played. A file is linked, by its path from
    the folder of the page on; nothing else is needed, neither a server nor the network. True intervals
    get a row above the found ones in each lane; pictures of `explained` moments become part of the page.
    Scores of long videos are thinned (`curves_of`), so that an hour stays below 5 MB. Raises OSError.
    """
    text = (
        environment()
        .get_template(TEMPLATE)
        .render(
            timeline_facts(
                scores,
                intervals,
                source=source,
                link=None if player is None else player_link(player, target.parent),
                truth=truth,
                notes=notes,
                explained=explained,
            )
        )
    )
    write_text(target, text)
    return target


def timeline_facts(
    scores: WindowScores,
    intervals: Sequence[Interval],
    *,
    source: str,
    link: str | None,
    truth: Sequence[Interval] | None = None,
    notes: Sequence[str] = (),
    explained: Sequence[ExplainedMoment] = (),
) -> dict[str, Any]:
    """What the template of the page is told; `link` is the address of what it plays."""
    lanes = lanes_of(scores, intervals, truth or ())
    ends = [*scores.windows_s[:, 1].tolist(), *(one.end_s for one in (*intervals, *(truth or ())))]
    data = {
        "duration": max(ends, default=0.0),
        "fps": scores.fps,
        "lanes": lanes,
        "background": scores.background,
        "intervals": intervals_as_json(intervals),
        "truth": None if truth is None else intervals_as_json(truth),
        "cuts": list(scores.cuts_s),
        "deciding": scores.deciding,
        "curves": curves_of(scores, lanes),
    }
    return {
        "css": Markup(style()),
        "name": Path(source).name or source,
        "source": source,
        "link": link,
        "data": data,
        "intervals": intervals,
        "streams": list(scores.streams),
        "found": summary_of(intervals),
        "notes": list(notes),
        "has_truth": truth is not None,
        "as_one_clip": len(scores.windows_s) == 1,
        "best_of_clip": _best_of_clip(scores) if len(scores.windows_s) == 1 else [],
        "explained": [(one, embedded(one.file)) for one in explained],
    }


def _best_of_clip(scores: WindowScores) -> tuple[LabelScore, ...]:
    """The highest scores of what was looked at as one clip, by the stream that decides."""
    return best_first(scores.class_names, scores.streams[scores.deciding][0], top=BEST)


def embedded(picture: Path) -> str:
    """A picture as an address that holds it, as JPEG: it goes wherever the page goes."""
    image = cv2.imread(str(picture))
    _, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 85])
    return f"data:image/jpeg;base64,{b64encode(encoded.tobytes()).decode()}"


def summary_of(intervals: Sequence[Interval]) -> list[tuple[str, int, float]]:
    """Label, number of intervals and seconds in all, the longest first.

    >>> summary_of([Interval(0, 2, "run"), Interval(3, 4, "jump"), Interval(5, 6, "run")])
    [('run', 2, 3), ('jump', 1, 1)]
    """
    labels = dict.fromkeys(one.label for one in intervals)
    rows = [
        (label, len(own), sum(one.duration_s for one in own))
        for label in labels
        for own in ([one for one in intervals if one.label == label],)
    ]
    return sorted(rows, key=lambda row: (-row[2], row[0]))


def player_link(player: StrPath, folder: Path) -> str:
    """The address of a video for a page in `folder`.

    >>> player_link("/films/a b#1.mp4", Path("/films/out"))
    '../a%20b%231.mp4'
    """
    text = os.fspath(player)
    if text.lower().startswith(WEB):
        return text
    path = Path(text).absolute()
    try:
        relative = os.path.relpath(path, folder.absolute())
    except ValueError:  # on another drive of Windows
        return path.as_uri()
    return quote(Path(relative).as_posix())
