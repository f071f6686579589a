"""Timelines of the labelled recordings of a test part: predicted, and measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from twostream.environment import available_cores
from twostream.evaluation.labelled import LabelledRecording, labelled_recordings
from twostream.evaluation.timeline_files import write_timelines
from twostream.evaluation.timeline_measures import measure_timelines
from twostream.models.device import AskedPrecision
from twostream.models.engines.engine import EngineName
from twostream.prediction.naming import Source
from twostream.prediction.options import LookOptions
from twostream.prediction.predictor import RunPredictor, load_predictor
from twostream.prediction.results import Prediction
from twostream.progress import Progress
from twostream.timelines.measures import Recording
from twostream.timelines.window_scores import WindowScores
from twostream.training.two_streams import read_two_streams

OnRecording = Callable[[LabelledRecording, Prediction], object]


def evaluate_timelines(
    run: Path,
    *,
    data: Path,
    split: int,
    look: LookOptions | None = None,
    engine: EngineName = "auto",
    device: str = "auto",
    precision: AskedPrecision = "auto",
    on_recording: OnRecording = lambda _, __: None,
) -> dict[str, Any]:
    """Predict the timelines of the recordings of the test part, and measure them, by stream.

    Intervals are kept in ``RUN/timelines/``; `on_recording` is called with each recording and what
    is said of it. Returns what ``results.json`` has as ``timelines``. Raises TwostreamError where no test
    clip is an interval of a longer recording, and for a recording that cannot be read.
    """
    recordings = labelled_recordings(data, split=split)
    look = replace(look or LookOptions(), timeline=True, protocol=None)
    predictor = load_predictor(
        read_two_streams(run), look, engine=engine, device=device, precision=precision
    )
    by_stream: dict[str, list[Recording]] = {}
    with Progress("timelines", total=len(recordings), unit="recording", warms_up=True) as progress:
        for one in recordings:
            prediction = predictor.of_source(Source(str(one.path)), threads=available_cores())
            if prediction.ended is not None:
                raise prediction.ended
            on_recording(one, prediction)
            for stream, found in _by_stream(predictor, one, prediction).items():
                by_stream.setdefault(stream, []).append(found)
            progress.advance()
    write_timelines(run, by_stream)
    return {
        "streams": {
            stream: measure_timelines(found, overlapping=predictor.bundle.multi_label)
            for stream, found in by_stream.items()
        },
        "recordings": [one.name for one in recordings],
        "rate": look.rate,
        "options": asdict(predictor.interval_options),
    }


def _by_stream(
    predictor: RunPredictor, labelled: LabelledRecording, prediction: Prediction
) -> dict[str, Recording]:
    """What each stream alone would find, and what the fusion does."""
    scores = prediction.windows
    duration = max(
        float(scores.windows_s[-1, 1]), max((one.end_s for one in labelled.truth), default=0.0)
    )
    recordings = {}
    for stream in scores.streams:
        found: Sequence[Any] = prediction.intervals
        if stream != scores.deciding:
            found = predictor.intervals_in(_alone(scores, stream))
        recordings[stream] = Recording(
            name=labelled.name,
            truth=labelled.truth,
            found=tuple(found),
            duration_s=duration,
            fps=scores.fps,
        )
    return recordings


def _alone(scores: WindowScores, stream: str) -> WindowScores:
    others = {name: None for name in ("spatial", "temporal", "fused") if name != stream}
    return replace(scores, **others)  # type: ignore[arg-type]
