"""From which score a label is said to hold: a threshold a label and stream, never chosen on test clips.

The threshold of a label is the one with the highest F1 on clips that nothing learnt from: validation clips,
or where heads alone were trained, training clips by heads that were trained without their source video. It
lies half-way to the next lower score, so that no single clip decides it to the last digit. A label that
none of these clips has keeps one half (Lipton, Elkan and Naryanaswamy, Optimal thresholding of classifiers
to maximize F1 measure, 2014, on why one half is not the best for rare labels).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from twostream.atomic import write_json
from twostream.errors import TwostreamError
from twostream.formats import LaterFormatError, check_format
from twostream.training.label_sets import Truth
from twostream.training.two_streams import TwoStreamBundle

FILE_NAME = "label_thresholds.json"
FORMAT = 1
USUAL = 0.5
# Networks that are sure of everything still say something, and of nothing do not say it everywhere.
LOWEST, HIGHEST = 0.02, 0.98
ChosenOn = Literal["validation", "left out", "nothing"]


@dataclass(frozen=True, kw_only=True)
class LabelThresholds:
    """Thresholds by stream and label, on what they were chosen, and for which trainings.

    `unseen` are labels that none of the `clips` has, whose threshold is one half.
    """

    by_stream: dict[str, dict[str, float]]
    chosen_on: ChosenOn
    clips: int
    reason: str
    trainings: dict[str, str]
    unseen: tuple[str, ...] = ()

    def of(self, stream: str, labels: Sequence[str]) -> npt.NDArray[np.float64]:
        """The thresholds (C,) of a stream; one half of one that is not known."""
        told = self.by_stream.get(stream, {})
        return np.asarray([told.get(label, USUAL) for label in labels], np.float64)


def choose_thresholds(
    scores: Mapping[str, npt.NDArray[np.float32]],
    truth: Truth,
    labels: Sequence[str],
    *,
    trainings: Mapping[str, str],
    chosen_on: ChosenOn,
    told: str,
) -> LabelThresholds:
    """The thresholds with the highest F1 of scores (n, C) by stream, of clips with the labels `truth`."""
    by_stream = {
        stream: {
            label: highest_f1(values[:, k], truth[:, k]) if truth[:, k].any() else USUAL
            for k, label in enumerate(labels)
        }
        for stream, values in scores.items()
    }
    unseen = tuple(label for k, label in enumerate(labels) if not truth[:, k].any())
    more = (
        f"; none of them has {', '.join(unseen[:5])}, whose threshold is one half" if unseen else ""
    )
    return LabelThresholds(
        by_stream=by_stream,
        chosen_on=chosen_on,
        clips=len(truth),
        reason=f"the highest F1 of each label on {len(truth)} {told}{more}; the test part chose nothing",
        trainings=dict(trainings),
        unseen=unseen,
    )


def without_clips(why: str, *, trainings: Mapping[str, str]) -> LabelThresholds:
    """One half for every label, where nothing was held out."""
    return LabelThresholds(
        by_stream={},
        chosen_on="nothing",
        clips=0,
        reason=f"one half for every label, for {why}",
        trainings=dict(trainings),
    )


def mean_thresholds(
    found: Sequence[LabelThresholds], *, trainings: Mapping[str, str]
) -> LabelThresholds:
    """The means of what several splits chose, for a model that all clips trained."""
    first = found[0]
    by_stream = {
        stream: {
            label: round(
                float(np.mean([one.by_stream.get(stream, {}).get(label, USUAL) for one in found])),
                4,
            )
            for label in levels
        }
        for stream, levels in first.by_stream.items()
    }
    splits = f"{len(found)} split{'' if len(found) == 1 else 's'}"
    return LabelThresholds(
        by_stream=by_stream,
        chosen_on=first.chosen_on,
        clips=sum(one.clips for one in found),
        reason=f"the mean of what {splits} chose, on clips that neither trained nor tested them",
        trainings=dict(trainings),
        unseen=tuple(label for label in first.unseen if all(label in one.unseen for one in found)),
    )


def highest_f1(scores: npt.NDArray[np.floating], right: npt.NDArray[np.bool_]) -> float:
    """The threshold with the highest F1, of equal ones the lowest, between two scores.

    >>> round(highest_f1(np.array([0.9, 0.6, 0.4, 0.3]), np.array([True, True, False, False])), 2)
    0.5
    """
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order].astype(np.float64)
    last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    hits = np.cumsum(right[order])[last]
    f1 = 2 * hits / (last + 1 + int(right.sum()))
    place = len(f1) - 1 - int(np.argmax(f1[::-1]))
    below = float(ranked[last[place] + 1]) if last[place] + 1 < len(ranked) else 0.0
    value = (float(ranked[last[place]]) + below) / 2
    return round(min(max(value, LOWEST), HIGHEST), 4)


def write_label_thresholds(folder: Path, thresholds: LabelThresholds) -> None:
    """Keep them in the folder of a run or a bundle."""
    write_json(folder / FILE_NAME, {"format": FORMAT, **asdict(thresholds)})


def read_label_thresholds(folder: Path, *, trainings: Mapping[str, str]) -> LabelThresholds | None:
    """What is kept for these very trainings; None where there is nothing, or it is of others.

    Raises TwostreamError where it is damaged, LaterFormatError where a later version wrote it.
    """
    path = folder / FILE_NAME
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        check_format(values, known=FORMAT, subject=path)
        found = LabelThresholds(
            by_stream={
                str(stream): {str(label): float(value) for label, value in one.items()}
                for stream, one in values["by_stream"].items()
            },
            chosen_on=values["chosen_on"],
            clips=int(values["clips"]),
            reason=str(values["reason"]),
            trainings=dict(values["trainings"]),
            unseen=tuple(values.get("unseen", ())),
        )
    except FileNotFoundError:
        return None
    except LaterFormatError:
        raise
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise TwostreamError(
            path,
            expected="the thresholds of a run's labels",
            found=f"something else ({error})",
            remedy="remove it and run `twostream evaluate` again",
        ) from error
    return found if found.trainings == dict(trainings) else None


def label_thresholds_of(bundle: TwoStreamBundle) -> LabelThresholds:
    """Those that are kept with a bundle or a run; one half for every label where none are, and why."""
    trainings = {str(one.stream): one.training.fingerprint for one in bundle.streams}
    found = read_label_thresholds(bundle.folder, trainings=trainings)
    why = "none were chosen yet (`twostream evaluate` does)"
    return without_clips(why, trainings=trainings) if found is None else found
