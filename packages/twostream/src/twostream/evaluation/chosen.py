"""The fusion `chosen`: both streams by the rule that the run keeps (`twostream.training.fusion_rule`)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from twostream.evaluation.fusion import SMALLEST_PROBABILITY, in_order_of
from twostream.evaluation.scores import ClipScores
from twostream.training.fusion_rule import FusionSpecification

Scores = npt.NDArray[np.float32]
CHOSEN = "chosen"


def chosen_scores(spatial: Scores, temporal: Scores, rule: FusionSpecification) -> Scores:
    """Probabilities (…, C) of both streams as one, as the rule says; axes before the last are kept.

    >>> chosen_scores(np.float32([0.8, 0.2]), np.float32([0.4, 0.6]), FusionSpecification()).tolist()
    [0.6000000238418579, 0.4000000059604645]
    """
    weight = rule.spatial_weight
    one = _tempered(spatial, rule.spatial_temperature, rule.multi_label)
    other = _tempered(temporal, rule.temporal_temperature, rule.multi_label)
    if rule.pool == "average":
        values: npt.NDArray[np.float64] = weight * one + (1.0 - weight) * other
    else:
        logits = logarithms(one, rule.multi_label), logarithms(other, rule.multi_label)
        values = probabilities_of(weight * logits[0] + (1.0 - weight) * logits[1], rule.multi_label)
    return _tempered(values, rule.temperature, rule.multi_label).astype(np.float32)


def chosen_clips(
    spatial: ClipScores, temporal: ClipScores, rule: FusionSpecification
) -> ClipScores:
    """The same of clips, joined on their ids, in the order of `spatial`; raises as `fuse` does."""
    temporal = in_order_of(spatial, temporal)
    return replace(spatial, values=chosen_scores(spatial.values, temporal.values, rule))


def _tempered(
    probabilities: npt.NDArray[np.floating], temperature: float, multi_label: bool
) -> npt.NDArray[np.float64]:
    if temperature == 1:
        return probabilities.astype(np.float64)
    return probabilities_of(logarithms(probabilities, multi_label) / temperature, multi_label)


def logarithms(
    probabilities: npt.NDArray[np.floating], multi_label: bool
) -> npt.NDArray[np.float64]:
    """Logarithms of probabilities; of labels that hold by themselves those of the odds."""
    p = probabilities.astype(np.float64)
    logs: npt.NDArray[np.float64] = np.log(np.maximum(p, SMALLEST_PROBABILITY))
    return logs - np.log(np.maximum(1.0 - p, SMALLEST_PROBABILITY)) if multi_label else logs


def probabilities_of(logits: npt.NDArray[np.float64], multi_label: bool) -> npt.NDArray[np.float64]:
    """The softmax, or the sigmoid of each label by itself."""
    if not multi_label:
        return _softmax(logits)
    found: npt.NDArray[np.float64] = np.exp(-np.logaddexp(0.0, -logits))
    return found


def _softmax(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: npt.NDArray[np.float64] = powers / powers.sum(axis=-1, keepdims=True)
    return shares
