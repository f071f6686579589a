"""How far an earlier classifier goes on is chosen by recordings that it did not learn from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from manifest_rows import row
from twostream.datasets.manifest import ManifestRow
from twostream.training.features import Features
from twostream.training.head_scaling import HeadScaling
from twostream.training.how_far import STRENGTHS, WITHOUT_EVIDENCE, how_far
from twostream.training.kept_head import KeptHead

NAMES = ("run", "sit", "walk")
SAMPLES = 10


def recordings(
    number: int, *, wrong: float = 0.0, seed: int = 0
) -> tuple[Features, list[ManifestRow]]:
    """Clips of so many recordings, four of each class; feature k is large where class k is.

    The labels of the share `wrong` are those of another class.
    """
    rng = np.random.default_rng(seed)
    rows, values, labels, clips = [], [], [], []
    for recording in range(number):
        for clip in range(12):
            truth = clip % 3
            label = (truth + 1) % 3 if rng.random() < wrong else truth
            rows.append(
                replace(
                    row(f"a/r{recording}_{clip}", f"r{recording}", "train"),
                    label=label,
                    class_name=NAMES[label],
                    source=f"r{recording}.mp4",
                )
            )
            centre = 2.0 * np.eye(20)[truth] + 0.2 * rng.normal(size=20)
            values.append(centre + 0.1 * rng.normal(size=(SAMPLES, 20)))
            labels += [label] * SAMPLES
            clips += [len(rows) - 1] * SAMPLES
    features = Features(
        np.concatenate(values).astype(np.float32), np.asarray(labels), np.asarray(clips)
    )
    return features, rows


def knows(kernel: np.ndarray, names: tuple[str, ...] = NAMES) -> KeptHead:
    scaling = HeadScaling(np.zeros(20, np.float32), np.ones(20, np.float32))
    known = np.asarray([name in names for name in NAMES])
    return KeptHead(scaling, kernel.astype(np.float32), np.zeros(3, np.float32), known, names)


RIGHT = 4.0 * np.eye(20)[:, :3]
MIXED_UP = 0.3 * np.eye(20)[:, [1, 2, 0]]  # and not very sure of it


def chosen(
    kept: KeptHead, number: int, *, wrong: float = 0.0, learnt: tuple[str, ...] = ()
) -> float:
    features, rows = recordings(number, wrong=wrong)
    weights = np.ones(3, np.float32)
    return how_far(kept, features, rows, learnt=learnt, class_weights=weights).strength


def test_what_is_right_already_stays_as_it_is() -> None:
    assert chosen(knows(RIGHT), 4) == 0.0


def test_faulty_labels_do_not_move_what_is_right() -> None:
    assert chosen(knows(RIGHT), 4, wrong=0.4) == 0.0


def test_what_is_wrong_goes_as_far_as_helps() -> None:
    assert chosen(knows(MIXED_UP), 4) > 0.0


def test_of_a_class_that_is_new_something_is_learnt() -> None:
    kernel = RIGHT * np.asarray([1.0, 1.0, 0.0])
    assert chosen(knows(kernel, ("run", "sit")), 4) in STRENGTHS[1:]


def test_recordings_that_the_earlier_run_learnt_from_choose_nothing() -> None:
    names = tuple(f"r{number}.mp4" for number in range(4))
    assert chosen(knows(MIXED_UP), 4, learnt=names[:3]) == WITHOUT_EVIDENCE
    assert chosen(knows(MIXED_UP), 1) == WITHOUT_EVIDENCE
    features, rows = recordings(2)
    bare = Features(features.values, features.labels)
    with pytest.raises(ValueError, match="do not tell their clips"):
        how_far(knows(RIGHT), bare, rows, learnt=(), class_weights=np.ones(3, np.float32))
