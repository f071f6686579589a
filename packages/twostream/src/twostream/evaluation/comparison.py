"""Two runs on the same clips: a paired comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twostream.datasets.names import counted
from twostream.errors import TwostreamError
from twostream.evaluation.bootstrap import Part, Resamples, resample
from twostream.evaluation.chosen import CHOSEN
from twostream.evaluation.clip_facts import facts_of_ids, facts_of_run
from twostream.evaluation.metrics import right
from twostream.evaluation.paired import FUSION, Pairing, pairing
from twostream.evaluation.scores import ClipScores, load_scores
from twostream.evaluation.split_results import measured_results, results_by_folder
from twostream.evaluation.trained import trained_anew

A, B = "A", "B"


@dataclass(frozen=True, kw_only=True)
class ClassOutcome:
    """One class: top-1 of both runs, clips that only run A and only run B has right."""

    name: str
    clips: int
    top1_a: float
    top1_b: float
    only_a: int
    only_b: int


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Run B against run A on the clips that both have.

    `scores` holds both under "A" and "B", with the same clips in the same order; `difference` is B
    minus A; `only_in_a` and `only_in_b` are the ids of clips that were left out.
    """

    protocol: str
    stream: str
    scores: Mapping[str, ClipScores]
    resamples: Resamples
    difference: Pairing
    classes: list[ClassOutcome]
    only_in_a: tuple[str, ...]
    only_in_b: tuple[str, ...]


def shared_lead(run_a: Path, run_b: Path, *, protocol: str) -> str:
    """``chosen`` where both runs have it in the protocol, else ``fusion``."""
    try:
        both = [measured_results(run)["protocols"].get(protocol, {}) for run in (run_a, run_b)]
    except TwostreamError:  # which `compare_runs` tells
        return FUSION
    return CHOSEN if all(CHOSEN in streams for streams in both) else FUSION


def compare_runs(run_a: Path, run_b: Path, *, protocol: str, stream: str) -> Comparison:
    """Compare one stream of two evaluated runs, paired on clip ids; of folds all clips together.

    Raises TwostreamError where a run has no such scores or was trained anew since, where classes or
    labels differ, and where the runs have no clip in common.
    """
    one, other = (_stream_scores(run, protocol, stream) for run in (run_a, run_b))
    if one.classes != other.classes:
        odd = sorted(set(one.classes) ^ set(other.classes))
        raise _refusal(
            run_b,
            expected=f"the {len(one.classes)} classes of {run_a} in the same order",
            found=f"{len(other.classes)} classes, of which one run alone has {', '.join(odd[:3])}"
            if odd
            else "another order",
        )
    in_b = {clip_id: k for k, clip_id in enumerate(other.ids)}
    in_a = set(one.ids)
    common = [k for k, clip_id in enumerate(one.ids) if clip_id in in_b]
    if not common:
        raise _refusal(run_b, expected=f"clips that {run_a} was tested on too", found="none")
    scores = {
        A: _chosen(one, common),
        B: _chosen(other, [in_b[one.ids[k]] for k in common]),
    }
    changed = np.flatnonzero(scores[A].labels != scores[B].labels)
    if len(changed):
        clip_id = scores[A].ids[int(changed[0])]
        raise _refusal(
            run_b,
            expected=f"the labels of {run_a}",
            found=f"other labels for {counted(len(changed), 'clip')}, such as {clip_id}",
        )
    known = {
        **facts_of_run(run_b, measured_results(run_b)),
        **facts_of_run(run_a, measured_results(run_a)),
    }
    part = Part(
        scores={name: found.values for name, found in scores.items()},
        labels=scores[A].labels,
        groups=[facts.group for facts in facts_of_ids(scores[A].ids, known)],
    )
    resamples = resample([part])
    return Comparison(
        protocol=protocol,
        stream=stream,
        scores=scores,
        resamples=resamples,
        difference=pairing(scores, resamples, first=B, second=A),
        classes=_classes(scores),
        only_in_a=tuple(clip_id for clip_id in one.ids if clip_id not in in_b),
        only_in_b=tuple(clip_id for clip_id in other.ids if clip_id not in in_a),
    )


def _stream_scores(run: Path, protocol: str, stream: str) -> ClipScores:
    splits = sorted(run.glob("split[0-9]*/results.json"))
    if splits and not (run / "scores").is_dir():  # which folds have, of all clips together
        raise TwostreamError(
            run,
            expected="a run of one split, or of folds",
            found="a run of several splits",
            remedy=f"compare them one by one, such as {splits[0].parent}",
        )
    results = measured_results(run)
    if results.get("multi_label"):
        raise TwostreamError(
            run,
            expected="a run whose clips are of one class each, of which right and wrong clips are paired",
            found="one of several labels at once",
            remedy="compare mAP and F1 in results.csv of both",
        )
    for folder, measured in results_by_folder(run).items():
        if anew := trained_anew(folder, measured):
            raise TwostreamError(
                folder,
                expected="scores of the networks that are there",
                found=f"{' and '.join(anew)} trained anew since",
                remedy=f"run `twostream evaluate {run}` again",
            )
    if protocol not in results["protocols"]:
        raise TwostreamError(
            run,
            expected=f"scores of the protocol {protocol}",
            found=", ".join(results["protocols"]) or "none",
            remedy=f"run `twostream evaluate --protocols {protocol}`, or choose with --protocol",
        )
    stored = load_scores(run / "scores" / f"{protocol}.npz")
    if stream not in stored:
        raise TwostreamError(
            run,
            expected=f"{protocol} scores of {stream}",
            found=", ".join(stored) or "none",
            remedy="choose one of these with --stream",
        )
    return stored[stream]


def _chosen(scores: ClipScores, places: list[int]) -> ClipScores:
    ids = tuple(scores.ids[k] for k in places)
    return ClipScores(ids, scores.classes, scores.labels[places], scores.values[places])


def _classes(scores: Mapping[str, ClipScores]) -> list[ClassOutcome]:
    labels = scores[A].labels
    a, b = (right(scores[name].values, labels) for name in (A, B))
    outcomes = []
    for label, name in enumerate(scores[A].classes):
        of_class = labels == label
        if of_class.any():
            outcomes.append(
                ClassOutcome(
                    name=name,
                    clips=int(of_class.sum()),
                    top1_a=float(a[of_class].mean()),
                    top1_b=float(b[of_class].mean()),
                    only_a=int((a & ~b & of_class).sum()),
                    only_b=int((b & ~a & of_class).sum()),
                )
            )
    return outcomes


def _refusal(run: Path, *, expected: str, found: str) -> TwostreamError:
    return TwostreamError(
        run, expected=expected, found=found, remedy="compare runs of the same data set and split"
    )
