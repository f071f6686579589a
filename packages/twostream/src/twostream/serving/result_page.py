"""The page of a result: the page of a timeline, with the flow beside the video, and what else is made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from twostream.atomic import write_text
from twostream.choices import LabelFormat
from twostream.prediction.results import STREAMS, Prediction
from twostream.reporting.timeline_page import timeline_facts
from twostream.serving.pages import templates

SHOWN = 5


def write_result_page(target: Path, found: Prediction, *, streams: Sequence[str]) -> None:
    """Write the page of a prediction, which a server shows beside what is made of it; raises OSError.

    All addresses in it are relative to its own: ``video``, ``flow.mp4``, ``explanations`` and so on.
    """
    best = {name: getattr(found, name)[:SHOWN] for name in STREAMS if name in ("fused", *streams)}
    text = (
        templates()
        .get_template("result.html")
        .render(
            timeline_facts(
                found.windows,
                found.intervals,
                source=found.source,
                link="video",
                notes=[f"it ended early: {found.ended}"] if found.ended is not None else [],
            ),
            best=best,
            has_flow="temporal" in streams,
            formats=get_args(LabelFormat),
            is_timeline=found.is_timeline,
        )
    )
    write_text(target, text)
