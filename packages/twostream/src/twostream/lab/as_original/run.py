"""Evaluating a run as the original project evaluated: see `twostream.lab.as_original.evaluation`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from twostream.datasets.manifest import ManifestRow
from twostream.evaluation.engines import engines_content, merged
from twostream.evaluation.fusion import fuse
from twostream.evaluation.sample_scores import SampleScores
from twostream.evaluation.sample_sets import SampleSet
from twostream.evaluation.scores import ClipScores
from twostream.evaluation.stream_scores import score_sets
from twostream.lab.as_original.evaluation import (
    DEFECTS,
    FUSED_FRAME,
    NOTE,
    ONE_FRAME,
    WHOLE_VIDEO,
    clip_level,
    first_clips,
    frame_level,
    in_class_order,
    whole_video_clips,
    with_replacement,
)
from twostream.models.computation import Computation
from twostream.models.inference import Scoring
from twostream.training.record import TrainingRecord

SEED = 0


def evaluate_original(
    run: Path,
    records: Mapping[str, TrainingRecord],
    rows: Sequence[ManifestRow],
    *,
    data: Path,
    scoring: Scoring,
) -> dict[str, Any]:
    """The original's table for the trained streams of `run` on the test clips `rows`.

    Its random draws have a fixed seed. What is scored is kept as that of the protocols is.
    """
    ordered = in_class_order(rows)
    some = whole_video_clips(ordered, seed=SEED)
    labels = np.asarray([row.label for row in ordered], np.int64)
    one_frame: dict[str, Any] = {}
    middle: dict[str, ClipScores] = {}
    whole: dict[str, ClipScores] = {}
    engines: dict[str, tuple[Computation, ...]] = {}
    for stream, record in records.items():

        def scored(
            clips: Sequence[ManifestRow], *sets: SampleSet, record: TrainingRecord = record
        ) -> dict[SampleSet, SampleScores]:
            return score_sets(
                run, record, clips, sets=sets, data=data, scoring=scoring, part="original"
            )

        found = scored(ordered, ONE_FRAME, FUSED_FRAME)
        samples = [found[ONE_FRAME].by_clip[row.clip_id] for row in ordered]
        measure = frame_level if stream == "spatial" else with_replacement
        one_frame[stream] = measure(samples, labels, seed=SEED)
        middle[stream] = _clips(record, ordered, found[FUSED_FRAME])
        found |= scored(some, WHOLE_VIDEO)
        whole[stream] = _clips(record, some, found[WHOLE_VIDEO])
        engines[stream] = merged(*(one.computations for one in found.values()))
    cells = {stream: clip_level(scores) for stream, scores in whole.items()}
    if len(records) == 2:
        one_frame["fusion"] = first_clips(fuse(middle["spatial"], middle["temporal"]))
        cells["fusion"] = clip_level(fuse(whole["spatial"], whole["temporal"]))
    return {
        "comparable": False,
        "note": NOTE,
        "defects": list(DEFECTS),
        "protocols": {"one-frame": one_frame, "whole-video": cells},
        "engines": engines_content(engines),
    }


def _clips(record: TrainingRecord, rows: Sequence[ManifestRow], scores: SampleScores) -> ClipScores:
    return ClipScores(
        tuple(row.clip_id for row in rows),
        record.classes,
        np.asarray([row.label for row in rows], np.int64),
        np.stack([scores.by_clip[row.clip_id].mean(axis=0) for row in rows]),
    )
