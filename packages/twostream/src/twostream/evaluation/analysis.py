"""Everything that is computed from the scores of one protocol, beyond its accuracies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twostream.evaluation.bootstrap import Part, Resamples, resample
from twostream.evaluation.calibration import Calibration, calibration, why_no_chances
from twostream.evaluation.clip_facts import ClipFacts, facts_of_ids
from twostream.evaluation.confusions import ConfusedPair, confused_pairs
from twostream.evaluation.paired import Pairing, fusions_against_best
from twostream.evaluation.per_class import ClassResult, TagResult, class_results, tag_results
from twostream.evaluation.scores import ClipScores


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """The analysis of one protocol; mappings are by stream, in the order of the scores.

    `scores` have the same clips in the same order; `facts` belong to these clips. `calibrations` are of
    the streams whose scores are chances of the classes; `no_chances` says of every other why they are none.
    """

    scores: Mapping[str, ClipScores]
    facts: Sequence[ClipFacts]
    resamples: Resamples
    fusion_gains: list[Pairing]
    classes: list[ClassResult]
    tags: list[TagResult]
    confusions: dict[str, list[ConfusedPair]]
    calibrations: dict[str, Calibration]
    no_chances: dict[str, str]


def analyse(scores: Mapping[str, ClipScores], known: Mapping[str, ClipFacts]) -> Analysis:
    """Analyse the scores of one protocol. Deterministic: the bootstrap has a fixed seed.

    `known` are facts by clip id; those of a clip that is not among them are told by its id.
    """
    first = next(iter(scores.values()))
    facts = facts_of_ids(first.ids, known)
    part = Part(
        scores={stream: found.values for stream, found in scores.items()},
        labels=first.labels,
        groups=[fact.group for fact in facts],
    )
    resamples = resample([part])
    reasons = {stream: why_no_chances(stream, found) for stream, found in scores.items()}
    return Analysis(
        scores=scores,
        facts=facts,
        resamples=resamples,
        fusion_gains=fusions_against_best(scores, resamples),
        classes=class_results(scores, facts),
        tags=tag_results(scores, facts),
        confusions={stream: confused_pairs(found) for stream, found in scores.items()},
        calibrations={s: calibration(scores[s]) for s, why in reasons.items() if why is None},
        no_chances={s: why for s, why in reasons.items() if why is not None},
    )
