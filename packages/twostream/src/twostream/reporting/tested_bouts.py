"""Bouts of a test part's recordings, true and found, and how well both agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twostream.timelines.agreement import by_bout, by_frame
from twostream.timelines.bouts import ALL, Bout, BoutMeasures, joined, measures
from twostream.timelines.intervals import Interval
from twostream.timelines.measures import Recording


def bouts_content(recordings: Sequence[Recording]) -> dict[str, Any]:
    """What the report says of bouts: a row a label, true and found, and Cohen's kappa by frames and bouts.

    >>> true, found = Interval(0, 2, "run"), Interval(0, 1, "run")
    >>> found = bouts_content([Recording(name="a", truth=[true], found=[found], duration_s=4)])
    >>> found["rows"][0]["found"].total_s, found["kappa_frames"]
    (1, 0.5)
    """
    observed = {one.name: one.duration_s for one in recordings}
    true = joined(bout for one in recordings for bout in _bouts(one.name, one.truth))
    found = joined(bout for one in recordings for bout in _bouts(one.name, one.found))
    fps = max((one.fps for one in recordings), default=25.0)
    of_true, of_found = _by_label(true, observed), _by_label(found, observed)
    return {
        "rows": [
            {"label": label, "true": of_true.get(label), "found": of_found.get(label)}
            for label in sorted(of_true.keys() | of_found.keys())
        ],
        "kappa_frames": by_frame(true, found, observed, fps=fps).kappa,
        "kappa_bouts": by_bout(true, found).kappa,
    }


def _bouts(name: str, intervals: Sequence[Interval]) -> list[Bout]:
    return [Bout(name, "", one.start_s, one.end_s, one.label) for one in intervals]


def _by_label(bouts: Sequence[Bout], observed_s: dict[str, float]) -> dict[str, BoutMeasures]:
    """Measures over all recordings, or of the only one."""
    rows = measures(bouts, observed_s)
    several = len(observed_s) > 1
    return {one.label: one for one in rows if not several or one.video == ALL}
