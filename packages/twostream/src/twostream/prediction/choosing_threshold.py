"""The threshold of a run: the one that is kept, or one that is chosen on what there is, and kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np

from twostream.datasets.manifest import Manifest, ManifestRow, read_manifest
from twostream.errors import TwostreamError
from twostream.evaluation.chosen_rule import HELD_OUT_CLIPS, held_out_by_heads
from twostream.evaluation.fusion_variants import LEARNING_PROTOCOL, shared_partition
from twostream.evaluation.stream_scores import score_stream
from twostream.evaluation.trained import data_folder, trained_streams
from twostream.models.inference import Scoring, for_choosing
from twostream.prediction.clips import score_clip
from twostream.prediction.networks import Networks, Scores, with_fusion
from twostream.prediction.threshold import (
    Threshold,
    on_unlike,
    on_validation,
    read_threshold,
    trainings_of,
    write_threshold,
)
from twostream.prediction.unlike_anything import ShuffledClip, drifting
from twostream.progress import Progress
from twostream.store.clip import open_clip
from twostream.store.source import ClipSource
from twostream.training.record import TrainingRecord
from twostream.training.two_streams import TwoStreamBundle
from twostream.video.resize import stored_size

# Of each kind of clips that show no class; and frames beyond a stack, so that some samples differ.
UNLIKE_CLIPS = 12
MORE_FRAMES = 6
USUAL_FPS, USUAL_SIZE = 25.0, (320, 240)


def threshold_of(bundle: TwoStreamBundle, networks: Networks, scoring: Scoring) -> Threshold:
    """The threshold that is kept for these trainings; else it is chosen, and kept where that can be.

    On clips that nothing learnt from where there are some at hand, on clips that show no class otherwise.
    Test clips are never looked at. Raises TwostreamError for one that is kept and damaged.
    """
    found = keep_threshold(bundle, scoring)
    if found is None:
        found = _on_unlike(bundle, networks)
        _keep(bundle, found)
    return found


def keep_threshold(bundle: TwoStreamBundle, scoring: Scoring) -> Threshold | None:
    """The same as far as it needs no clips that show no class; None where there are no others."""
    kept = read_threshold(bundle)
    if kept is not None or bundle.multi_label:  # whose labels have thresholds of their own
        return kept
    try:
        records = trained_streams(bundle.folder)
        data = data_folder(bundle.folder, next(iter(records.values())))
        manifest = read_manifest(data)
    except TwostreamError:  # a bundle, or a run whose clips are elsewhere
        return None
    found = _by_heads(bundle, records, manifest)
    found = found or _on_validation(bundle, records, manifest, data, scoring)
    if found is not None:
        _keep(bundle, found)
    return found


def _keep(bundle: TwoStreamBundle, threshold: Threshold) -> None:
    with suppress(OSError):  # a run that may only be read; it is chosen again next time
        write_threshold(bundle.folder, threshold)


def _by_heads(
    bundle: TwoStreamBundle, records: Mapping[str, TrainingRecord], manifest: Manifest
) -> Threshold | None:
    held = held_out_by_heads(bundle.folder, records, manifest) if len(records) == 2 else None
    if held is None or isinstance(held, str):
        return None
    pair = {"spatial": held.spatial, "temporal": held.temporal}
    fused = with_fusion(pair, bundle.fusion)["fused"]
    return on_validation(fused, held.labels, trainings=trainings_of(bundle), told=HELD_OUT_CLIPS)


def _on_validation(
    bundle: TwoStreamBundle,
    records: Mapping[str, TrainingRecord],
    manifest: Manifest,
    data: Path,
    scoring: Scoring,
) -> Threshold | None:
    partition = shared_partition(bundle.folder, manifest, records)
    if isinstance(partition, str):
        return None
    rows = partition.validation
    scored = {
        stream: score_stream(
            bundle.folder,
            record,
            rows,
            data=data,
            protocols=(LEARNING_PROTOCOL,),
            scoring=for_choosing(scoring),
            part="validation",
        ).by_protocol[LEARNING_PROTOCOL]
        for stream, record in records.items()
    }
    values = {stream: one.values for stream, one in scored.items()}
    fused = with_fusion(values, bundle.fusion)["fused"]
    labels = next(iter(scored.values())).labels
    return on_validation(fused, labels, trainings=trainings_of(bundle))


def _on_unlike(bundle: TwoStreamBundle, networks: Networks) -> Threshold:
    found: list[Scores] = []
    clips = [*_drifting(bundle), *_in_pieces(bundle)]
    with Progress("threshold", total=len(clips)) as progress:
        for clip in clips:
            found.append(score_clip(networks, clip, protocol="25")["fused"])
            progress.advance()
    return on_unlike(np.stack(found), trainings=trainings_of(bundle))


def _drifting(bundle: TwoStreamBundle) -> Iterator[ClipSource]:
    if bundle.flow.algorithm is None:  # a model of ready frames, which sees no other
        return
    facts = bundle.streams[0].sources
    fps = bundle.flow.fps or (facts.fps * bundle.flow.step if facts else USUAL_FPS)
    width, height = (facts.width, facts.height) if facts else USUAL_SIZE
    width, height = stored_size(width, height, short_side_px=bundle.flow.short_side_px)
    length = max(one.preprocessing.stack_length for one in bundle.streams)
    for seed in range(UNLIKE_CLIPS):
        yield drifting(
            bundle.flow,
            width=width,
            height=height,
            frames=(length + MORE_FRAMES) * bundle.flow.step,
            fps=fps,
            seed=seed,
        )


def _in_pieces(bundle: TwoStreamBundle) -> Iterator[ClipSource]:
    try:
        record = next(iter(trained_streams(bundle.folder).values()))
        data = data_folder(bundle.folder, record)
        manifest = read_manifest(data)
    except TwostreamError:
        return
    for seed, row in enumerate(_one_of_each_class(manifest, split=record.split)):
        yield ShuffledClip(open_clip(data / row.path), seed=seed)


def _one_of_each_class(manifest: Manifest, *, split: int) -> list[ManifestRow]:
    """Up to so many training clips, of classes at even distances."""
    first: dict[int, ManifestRow] = {}
    for row in manifest.part(split, "train"):
        first.setdefault(row.label, row)
    rows = [first[label] for label in sorted(first)]
    step = max(1.0, len(rows) / UNLIKE_CLIPS)
    return [rows[int(k * step)] for k in range(min(UNLIKE_CLIPS, len(rows)))]
