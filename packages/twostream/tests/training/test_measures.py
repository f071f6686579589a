"""Training clips are measured as validation clips are."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twostream.training.measures import clip_measures, labels_of_targets
from twostream.training.targets import mix_clips, soft_targets

CLASSES, SEGMENTS = 4, 3


def measured(targets: np.ndarray, probabilities: np.ndarray, **kind: object) -> list[float]:
    measures = clip_measures(segments=SEGMENTS, **kind)  # type: ignore[arg-type]
    for measure in measures:
        # As a checkpoint would bring it back.
        again = type(measure).from_config(measure.get_config())
        again.update_state(targets, probabilities)
        measure.update_state(targets, probabilities)
        assert float(again.result()) == float(measure.result())
    return [float(measure.result()) for measure in measures]


@given(
    seed=st.integers(0, 2**32 - 1),
    smoothing=st.sampled_from([0.0, 0.1, 0.9]),
    weighted=st.booleans(),
)
@settings(max_examples=20)
def test_smoothing_and_class_weights_do_not_change_what_is_told(
    seed: int, smoothing: float, weighted: bool
) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, CLASSES, 5)
    weights = (rng.uniform(0.2, 4, CLASSES) if weighted else np.ones(CLASSES)).astype(np.float32)
    targets = soft_targets(labels, smoothing=smoothing, weights=weights).repeat(SEGMENTS, axis=0)
    probabilities = rng.dirichlet(np.ones(CLASSES), 5 * SEGMENTS).astype(np.float32)
    loss, top1 = measured(
        targets, probabilities, smoothing=smoothing, class_weights=weights.tolist()
    )
    # What `validate` says of clips.
    of_clips = probabilities.reshape(5, SEGMENTS, CLASSES).mean(axis=1)
    assert loss == pytest.approx(-np.log(of_clips[np.arange(5), labels]).mean(), rel=1e-4)
    assert top1 == pytest.approx((of_clips.argmax(axis=1) == labels).mean())


def test_of_blended_clips_the_labels_are_blended() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, CLASSES, 6)
    weights = np.array([0.5, 1.0, 2.0, 1.5], np.float32)
    plain = np.eye(CLASSES, dtype=np.float32)[labels]
    samples = np.zeros((6, 1, 1, 1), np.float32)

    def blended(targets: np.ndarray) -> np.ndarray:
        own = np.random.default_rng(1)
        return mix_clips(samples, targets, segments=1, alpha=0.4, rng=own)[1]

    targets = blended(soft_targets(labels, smoothing=0.1, weights=weights))
    tensors = keras.ops.convert_to_tensor(targets), keras.ops.convert_to_tensor(weights)
    found = labels_of_targets(tensors[0], smoothing=0.1, weights=tensors[1])
    np.testing.assert_allclose(keras.ops.convert_to_numpy(found), blended(plain), atol=1e-6)
