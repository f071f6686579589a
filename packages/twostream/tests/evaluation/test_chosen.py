from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from twostream.errors import TwostreamError
from twostream.evaluation.chosen import chosen_clips, chosen_scores
from twostream.evaluation.fusion import fuse, fuse_logits
from twostream.evaluation.scores import ClipScores
from twostream.formats import LaterFormatError
from twostream.training.fusion_rule import (
    ChosenFusion,
    FusionSpecification,
    read_chosen,
    write_chosen,
)


def scores(seed: int, n: int = 30, classes: int = 7) -> ClipScores:
    logits = np.random.default_rng(seed).normal(0, 2, (n, classes))
    values = (np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)).astype(np.float32)
    ids = tuple(f"a/{k}" for k in range(n))
    return ClipScores(ids, tuple("abcdefg"[:classes]), np.arange(n) % classes, values)


ONE, OTHER = scores(1), scores(2)


def test_without_a_rule_it_is_the_plain_average() -> None:
    found = chosen_clips(ONE, OTHER, FusionSpecification())
    np.testing.assert_allclose(found.values, fuse(ONE, OTHER).values, atol=1e-7)


def test_a_product_at_equal_weights_is_the_mean_of_log_probabilities() -> None:
    found = chosen_clips(ONE, OTHER, FusionSpecification(pool="product"))
    np.testing.assert_allclose(found.values, fuse_logits(ONE, OTHER).values, atol=1e-6)


@pytest.mark.parametrize("pool", ["average", "product"])
@pytest.mark.parametrize("temperature", [0.3, 1.0, 4.0])
def test_a_stream_without_weight_changes_no_order_of_classes(pool, temperature) -> None:
    rule = FusionSpecification(spatial_weight=1.0, pool=pool, spatial_temperature=temperature)
    found = chosen_scores(ONE.values, OTHER.values, rule)
    np.testing.assert_array_equal(found.argsort(axis=1), ONE.values.argsort(axis=1))
    np.testing.assert_allclose(found.sum(axis=1), 1.0, atol=1e-6)


def test_axes_before_the_classes_are_kept() -> None:
    rule = FusionSpecification(spatial_weight=0.7, pool="product", temporal_temperature=2.0)
    windows = np.stack([ONE.values, ONE.values]), np.stack([OTHER.values, OTHER.values])
    found = chosen_scores(*windows, rule)
    np.testing.assert_allclose(found[1], chosen_scores(ONE.values, OTHER.values, rule), atol=1e-7)
    np.testing.assert_allclose(
        found[0, 3], chosen_scores(ONE.values[3], OTHER.values[3], rule), atol=1e-7
    )


RULE = FusionSpecification(spatial_weight=0.8, pool="product", temporal_temperature=1.5, reason="x")
TRAININGS = {"spatial": "abc", "temporal": "def"}


def test_a_run_keeps_its_rule_for_the_trainings_that_it_was_chosen_for(tmp_path: Path) -> None:
    write_chosen(tmp_path, ChosenFusion(rule=RULE, trainings=TRAININGS, evidence={"clips": 3}))
    found = read_chosen(tmp_path, trainings=TRAININGS)
    assert found is not None
    assert (found.rule, found.evidence) == (RULE, {"clips": 3})
    assert read_chosen(tmp_path, trainings={**TRAININGS, "temporal": "trained anew"}) is None
    assert read_chosen(tmp_path / "elsewhere", trainings=TRAININGS) is None


def test_a_damaged_rule_is_refused_and_a_later_one_left_alone(tmp_path: Path) -> None:
    (tmp_path / "chosen.json").write_text('{"format": 1, "fusion": {"spatial_weight": 2}}')
    with pytest.raises(TwostreamError, match="how both streams are fused"):
        read_chosen(tmp_path, trainings=TRAININGS)
    (tmp_path / "chosen.json").write_text('{"format": 9}')
    with pytest.raises(LaterFormatError):
        read_chosen(tmp_path, trainings=TRAININGS)
