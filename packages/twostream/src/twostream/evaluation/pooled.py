"""Folds taken together: one accuracy over all clips, each of which is tested once.

Each clip's scores are those of the networks that have not learnt from it. The mean over folds gives a small
fold's clips more weight than a large one's; here every clip weighs the same, and the interval is drawn over
the source videos of all folds. It speaks of other source videos, not of training again.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from twostream.datasets.folds import are_folds
from twostream.datasets.manifest import Manifest
from twostream.evaluation.analysis import Analysis, analyse
from twostream.evaluation.analysis_files import ANALYSIS_NAME, write_analyses
from twostream.evaluation.bootstrap import MEASURES
from twostream.evaluation.clip_facts import facts_of_rows
from twostream.evaluation.paired import difference_content
from twostream.evaluation.protocols import PROTOCOLS
from twostream.evaluation.sample_size import untested_classes
from twostream.evaluation.scores import ClipScores, save_scores

# Scores of one protocol by split and stream.
BySplit = Mapping[int, Mapping[str, ClipScores]]


def pool(scores: BySplit, manifest: Manifest) -> dict[str, ClipScores] | None:
    """The scores of all splits as one, of the streams that all have; clips in the manifest's order.

    None where there is one split, where these are no folds (official lists leave clips out, and their mean
    is what others report), and where a clip is tested in several of them, or the classes differ.
    """
    if not are_folds(row.splits for row in manifest.rows):
        return None
    by_split = [scores[number] for number in sorted(scores)]
    firsts = [next(iter(found.values())) for found in by_split]
    ids = [clip_id for found in firsts for clip_id in found.ids]
    if len(by_split) < 2 or len(set(ids)) < len(ids):
        return None
    if any(found.classes != firsts[0].classes for found in firsts):
        return None
    place = {row.clip_id: k for k, row in enumerate(manifest.rows)}
    order = sorted(range(len(ids)), key=lambda k: (place.get(ids[k], len(place)), ids[k]))
    labels = np.concatenate([found.labels for found in firsts])[order]
    streams = [name for name in by_split[0] if all(name in found for found in by_split)]
    return {
        name: ClipScores(
            tuple(ids[k] for k in order),
            firsts[0].classes,
            labels,
            np.concatenate([found[name].values for found in by_split])[order],
        )
        for name in streams
    }


def pooled_content(
    pooled: Mapping[str, Mapping[str, ClipScores]],
    manifest: Manifest,
    *,
    dataset: str,
    numbers: Mapping[int, int],
) -> tuple[dict[str, Any], dict[str, Analysis]]:
    """What ``results.json`` holds of the pooled scores (by protocol and stream), and their analyses.

    `numbers` are the test clips of each split. The content has the shape of one split's.
    """
    facts = facts_of_rows(manifest.rows)
    analyses = {protocol: analyse(found, facts) for protocol, found in pooled.items()}
    first = next(iter(next(iter(pooled.values())).values()))
    any_one = next(iter(analyses.values()))
    return {
        "dataset": dataset,
        "split": "each clip once, of splits " + ", ".join(map(str, sorted(numbers))),
        "n_test": len(first.ids),
        "n_clips": len(manifest.rows),
        "source_videos": any_one.resamples.groups,
        "classes": list(first.classes),
        "untested_classes": list(untested_classes(first.classes, first.labels.tolist())),
        "protocols": {
            protocol: {
                stream: {
                    **found.resamples.found[stream].to_dict(),
                    "intervals": found.resamples.intervals(stream),
                }
                for stream in found.scores
            }
            for protocol, found in analyses.items()
        },
        "fusion_minus_best_stream": {
            protocol: [
                {
                    "first": gain.first,
                    "second": gain.second,
                    **{m: difference_content(gain.differences[m]) for m in MEASURES},
                }
                for gain in found.fusion_gains
            ]
            for protocol, found in analyses.items()
        },
    }, analyses


def write_pooled(
    run: Path,
    pooled: Mapping[str, Mapping[str, ClipScores]],
    analyses: Mapping[str, Analysis],
) -> None:
    """Write scores and analyses beside the folders of the splits; what earlier results left goes."""
    for left in set(PROTOCOLS) - set(pooled):
        (run / "scores" / f"{left}.npz").unlink(missing_ok=True)
    for protocol, found in pooled.items():
        save_scores(run / "scores" / f"{protocol}.npz", dict(found))
    if analyses or (run / ANALYSIS_NAME).is_file():
        write_analyses(run, analyses)
