"""The verb `bench evaluate`: whole-video scoring beside the procedure of the original project."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from twostream.choices import AskedPrecision
from twostream.paths import InputPath, OutputFile, path_or_none
from twostream.verbs.paths import checks_paths

if TYPE_CHECKING:
    from twostream.lab.yardsticks.scoring import ClipTiming

GOAL = 20.0


@checks_paths
def bench_evaluate(
    run: InputPath,
    *,
    clips: int = 3,
    rounds: int = 3,
    streams: Literal["spatial", "temporal", "both"] = "both",
    data: InputPath | None = None,
    engine: Literal["auto", "openvino", "torch", "onnx", "keras"] = "auto",
    device: str = "auto",
    precision: AskedPrecision = "auto",
    out: OutputFile | None = None,
) -> dict[str, Any]:
    """Time the whole-video scores of a few test clips, ours and the original's way, in turn.

    The original's way: for every stack twenty images are read and one `predict` of Keras scores that
    stack alone; frames are read one by one and scored a clip at a time. Both ways use the same
    trained networks and views, and must give the same scores.

    Parameters
    ----------
    run
        Run folder with trained streams.
    clips
        Test clips, spread evenly over the test part.
    rounds
        How often each clip is scored either way; medians count.
    streams
        Which trained streams to time.
    data
        The prepared data set, if it was moved since training.
    engine
        What computes ours: `openvino` (fastest on CPUs), `torch`, `onnx`, `keras`, or whichever suits.
    device
        Where both compute: `cpu`, `cuda`, `cuda:N`, `mps`, `xpu`, or `auto`, the one that Keras takes.
    precision
        Numbers of our products; `auto` is float32. The original's way is in float32.
    out
        A JSON file for all figures.
    """
    from dataclasses import asdict

    import numpy as np

    from twostream.atomic import write_json
    from twostream.datasets.manifest import read_manifest
    from twostream.environment import describe_environment
    from twostream.evaluation.trained import data_folder, trained_streams
    from twostream.lab.yardsticks.scoring import time_stream
    from twostream.models.backend import prepare_keras
    from twostream.models.inference import resolve_scoring
    from twostream.progress import Progress

    run, data, out = Path(run), path_or_none(data), path_or_none(out)
    records = trained_streams(run, ("spatial", "temporal") if streams == "both" else (streams,))
    first = next(iter(records.values()))
    folder = data or data_folder(run, first)
    rows = read_manifest(folder).part(first.split, "test")
    chosen = [rows[k] for k in np.unique(np.linspace(0, len(rows) - 1, clips).round().astype(int))]
    prepare_keras()
    scoring = resolve_scoring(engine, device, precision)
    timings: list[ClipTiming] = []
    with Progress("bench evaluate", total=len(records) * len(chosen)) as progress:
        for stream in records:
            timings += time_stream(
                run,
                stream,
                chosen,
                data=folder,
                scoring=scoring,
                rounds=rounds,
                on_clip=progress.advance,
            )
    results: dict[str, Any] = {
        "environment": describe_environment(),
        "backbone": first.backbone,
        "size_px": first.options.get("size_px"),
        "goal": GOAL,
        "streams": {stream: _summary(timings, stream) for stream in records},
        "clips": [{**asdict(timing), "ratio": timing.ratio} for timing in timings],
    }
    if out is not None:
        write_json(out, results)
    return results


def _summary(timings: Sequence[ClipTiming], stream: str) -> dict[str, float]:
    import statistics

    found = [timing for timing in timings if timing.stream == stream]
    samples = sum(timing.samples for timing in found)
    return {
        "samples": samples,
        "ours_samples_per_second": samples / sum(timing.ours_seconds for timing in found),
        "original_samples_per_second": samples / sum(timing.original_seconds for timing in found),
        "ratio": statistics.median(timing.ratio for timing in found),
        "least_ratio": min(timing.ratio for timing in found),
        "largest_difference": max(timing.difference for timing in found),
    }
