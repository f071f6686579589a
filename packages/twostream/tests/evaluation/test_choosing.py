from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twostream.evaluation import choosing
from twostream.evaluation.choosing import HeldOut, best_temperature, choose_rule
from twostream.evaluation.chosen import chosen_scores

CLASSES = 6


def stream(rng: np.random.Generator, labels: np.ndarray, *, knows: float) -> np.ndarray:
    """Probabilities by which the true class stands out by `knows` standard deviations."""
    logits = rng.normal(0, 1, (len(labels), CLASSES))
    logits[np.arange(len(labels)), labels] += knows
    powers = np.exp(logits)
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


def held_out(seed: int, *, sources: int, knows: float) -> HeldOut:
    rng = np.random.default_rng(seed)
    labels = np.arange(2 * sources) % CLASSES
    names = tuple(f"{k // 2}" for k in range(2 * sources))
    return HeldOut(stream(rng, labels, knows=1.5), stream(rng, labels, knows=knows), labels, names)


def test_flow_that_tells_something_gets_weight_and_more_clips_are_right() -> None:
    for seed in range(5):
        rule = choose_rule(held_out(seed, sources=60, knows=1.5), told="x").rule
        assert 0.2 <= rule.temporal_weight <= 0.8
        test = held_out(seed + 100, sources=200, knows=1.5)
        found = chosen_scores(test.spatial, test.temporal, rule).argmax(axis=1) == test.labels
        alone = test.spatial.argmax(axis=1) == test.labels
        assert found.mean() > alone.mean() + 0.1


def test_flow_that_learnt_nothing_hardly_ever_gets_weight_and_then_little() -> None:
    rules = [
        choose_rule(held_out(seed, sources=13 + seed % 40, knows=0.0), told="x").rule
        for seed in range(60)
    ]
    weights = [rule.temporal_weight for rule in rules]
    assert sum(weight > 0 for weight in weights) <= 6
    assert max(weights) <= 0.5


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 999), sources=st.integers(1, 3))
def test_there_is_no_weight_without_evidence(seed: int, sources: int) -> None:
    choice = choose_rule(held_out(seed, sources=sources, knows=3.0), told="x")
    assert choice.rule.temporal_weight == 0
    assert "no weight" in choice.rule.reason


@pytest.mark.parametrize("seed", range(8))
def test_clips_of_one_source_count_as_one(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "PRIOR_CLIPS", 0.0)
    held = held_out(seed, sources=12, knows=1.0)
    again = HeldOut(
        np.concatenate([held.spatial] * 3),
        np.concatenate([held.temporal] * 3),
        np.concatenate([held.labels] * 3),
        held.sources * 3,
    )
    one, three = choose_rule(held, told="x"), choose_rule(again, told="x")
    assert one.rule.temporal_weight == three.rule.temporal_weight
    for told in ("sources", "gain", "standard_error"):
        assert one.evidence[told] == pytest.approx(three.evidence[told], abs=1e-5)


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_a_temperature_makes_sure_streams_humble_and_humble_ones_sure(factor: float) -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(600) % CLASSES
    honest = stream(rng, labels, knows=1.5)
    base = best_temperature(honest, labels)
    powers = honest.astype(np.float64) ** factor
    changed = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    assert best_temperature(changed, labels) == pytest.approx(base * factor, rel=0.2)


def test_few_clips_change_a_temperature_little() -> None:
    sure = np.full((2, CLASSES), 0.001, np.float32)
    sure[:, 0] = 0.995
    assert 0.5 <= best_temperature(sure, np.zeros(2, np.int64)) <= 1.0
