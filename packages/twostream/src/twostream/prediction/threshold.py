"""The score from which a window of a long video is said to show a class of the run at all.

A run that learnt a class of background needs none but the usual one. A run that learnt from clips has never
seen what is none of its classes; its threshold is chosen, never on test clips:

- on validation clips, or where heads alone were trained on training clips whose source video was left
  out, the one by which the most is said and right: the highest F1, where a clip whose best
  class is right counts as found if its score reaches the threshold, and one whose best class is wrong as
  said wrongly;
- where a class has one source video and nothing could be held out, on clips that show no class (drifting
  clouds, and training clips in pieces): the score that nineteen of twenty of them do not reach.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from twostream.atomic import write_json
from twostream.errors import TwostreamError
from twostream.formats import LaterFormatError, check_format
from twostream.training.two_streams import TwoStreamBundle, read_two_streams

FILE_NAME = "threshold.json"
FORMAT = 1
UNLIKE_SHARE = 0.95
# Networks that are sure of everything still find something, and of nothing do not find it everywhere.
LOWEST, HIGHEST = 0.05, 0.9
Scores = npt.NDArray[np.float32]
ChosenOn = Literal["validation", "generated"]


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """A threshold of the fused score, on what it was chosen, and for which trainings, by stream."""

    value: float
    chosen_on: ChosenOn
    clips: int
    reason: str
    trainings: dict[str, str]


def on_validation(
    scores: Scores,
    labels: npt.NDArray[np.int64],
    *,
    trainings: dict[str, str],
    told: str = "validation clips",
) -> Threshold:
    """The threshold with the highest F1 on clips (n, C) that nothing learnt from, with their labels (n,).

    `told` says in a phrase which they are.
    """
    best = scores.max(axis=1).astype(np.float64)
    right = scores.argmax(axis=1) == labels
    value, f1 = _highest_f1(best, right)
    return Threshold(
        value=_held(value),
        chosen_on="validation",
        clips=len(labels),
        reason=(
            f"the score by which the most is said and right (F1 {f1:.3f}) on {len(labels)} {told}; the "
            "test part chose nothing"
        ),
        trainings=trainings,
    )


def on_unlike(scores: Scores, *, trainings: dict[str, str]) -> Threshold:
    """The threshold that nineteen of twenty clips (n, C) that show no class stay below."""
    value = float(np.quantile(scores.max(axis=1).astype(np.float64), UNLIKE_SHARE))
    return Threshold(
        value=_held(value),
        chosen_on="generated",
        clips=len(scores),
        reason=(
            f"the score that 95 % of {len(scores)} clips stay below which show no class, generated ones "
            "and training clips in pieces, for there are no validation clips"
        ),
        trainings=trainings,
    )


def _highest_f1(best: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """The score with the highest F1, of equal ones the lowest, and that F1.

    >>> value, f1 = _highest_f1(np.array([0.9, 0.6, 0.4, 0.3]), np.array([True, True, False, False]))
    >>> round(value, 2), f1
    (0.6, 1.0)
    """
    if not right.any():
        return float(best.max(initial=0.0)), 0.0
    order = np.argsort(best, kind="stable")[::-1]
    found = np.cumsum(right[order])
    said = np.arange(1, len(order) + 1)
    f1 = 2 * found / (said + right.sum())
    place = len(f1) - 1 - int(np.argmax(f1[::-1]))
    return float(best[order[place]]), float(f1[place])


def _held(value: float) -> float:
    return round(min(max(value, LOWEST), HIGHEST), 4)


def write_threshold(folder: Path, threshold: Threshold) -> None:
    """Keep it in the folder of a run or a bundle."""
    write_json(folder / FILE_NAME, {"format": FORMAT, **asdict(threshold)})


def read_threshold(bundle: TwoStreamBundle) -> Threshold | None:
    """What is kept for the trainings of a bundle; None where there is nothing, or it is of others.

    Raises TwostreamError where it is damaged, LaterFormatError where a later version wrote it.
    """
    path = bundle.folder / FILE_NAME
    try:
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        check_format(values, known=FORMAT, subject=path)
        found = Threshold(**{name: values[name] for name in Threshold.__dataclass_fields__})
    except FileNotFoundError:
        return None
    except LaterFormatError:
        raise
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise TwostreamError(
            path,
            expected="the threshold of a run",
            found=f"something else ({error})",
            remedy="remove it: it is chosen again",
        ) from error
    return found if found.trainings == trainings_of(bundle) else None


def threshold_sentence(run: Path) -> str | None:
    """What a report says of windows that show none of the classes; None where the run does not tell."""
    try:
        bundle = read_two_streams(run)
    except LaterFormatError:
        raise
    except TwostreamError:  # clips of an earlier version's run that are not at hand
        return None
    if bundle.multi_label:
        return None
    if bundle.background is not None:
        return f"the class {bundle.background} stands for none of the others"
    found = read_threshold(bundle)
    if found is None:
        return (
            "the score from which a window of a long video is said to show a class is chosen when the "
            "first timeline is made, on generated clips, for there are no validation clips"
        )
    return (
        f"a window of a long video shows a class from a score of {found.value:g} on: {found.reason}"
    )


def trainings_of(bundle: TwoStreamBundle) -> dict[str, str]:
    """By which trainings a threshold is known to be a bundle's."""
    return {one.stream: one.training.fingerprint for one in bundle.streams}
