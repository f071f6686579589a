"""What a number of test clips can tell: too few of them, and classes without any, are named."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from twostream.datasets.names import counted

# Below this the 95 % interval of an accuracy of one half reaches 18 points and more to either side, and
# one clip is over 3 points: differences of streams, settings and protocols are smaller than that.
FEW_CLIPS = 30
# Below this each of the 15 bins of a calibration error holds less than seven clips on average, and honest
# probabilities, spread over 25 to 100 %, have one of about 11 points by chance (16 at 50 clips, 4 at 1000).
LEAST_CALIBRATED = 100
# Of fewer source videos the percentiles that Student's t asks for lie beyond all that resampling gives: of
# four, the worst alone is drawn in one resample of 256, and the lower end would be one of some 8,000.
LEAST_SOURCES = 5
CLASSES_SHOWN = 5
# Of a class with fewer, one clip is more than 20 points of its accuracy.
FEW_OF_A_CLASS = 5


def untested_classes(classes: Sequence[str], labels: Iterable[int]) -> tuple[str, ...]:
    """The classes that none of the test clips, whose `labels` these are, belongs to.

    >>> untested_classes(["jump", "run", "sit"], [1, 1])
    ('jump', 'sit')
    """
    tested = {int(label) for label in labels}
    return tuple(name for number, name in enumerate(classes) if number not in tested)


def pale_bars(clips_of_classes: Iterable[int]) -> str:
    """What a picture with a bar for each class says of the pale ones; empty where none is.

    >>> pale_bars([9, 4])
    'Pale: fewer than 5 test clips, of which one alone is more than 20 points.'
    """
    if min(clips_of_classes, default=FEW_OF_A_CLASS) >= FEW_OF_A_CLASS:
        return ""
    points = 100 // FEW_OF_A_CLASS
    return f"Pale: fewer than {FEW_OF_A_CLASS} test clips, of which one alone is more than {points} points."


def points_either_way(clips: int) -> int:
    """Half the width of the 95 % interval of an accuracy of one half, in points (the normal one).

    >>> points_either_way(30), points_either_way(1000)
    (18, 3)
    """
    return min(50, round(100 * 1.96 * math.sqrt(0.25 / clips)))


def why_no_calibration(clips: int) -> str | None:
    """Why a report shows no calibration measured on so many clips; None where there are enough.

    >>> why_no_calibration(30)
    'on 30 test clips, fewer than 100, honest probabilities too may look wrong by 10 points and more'
    >>> why_no_calibration(100)
    """
    if clips >= LEAST_CALIBRATED:
        return None
    clips_told = f"{clips} test clip{'' if clips == 1 else 's'}"
    return (
        f"on {clips_told}, fewer than {LEAST_CALIBRATED}, honest probabilities too may look wrong by "
        "10 points and more"
    )


def cautions(
    n_test: int, untested: Sequence[str], source_videos: int | None = None
) -> tuple[str, ...]:
    """Sentences about what the test part cannot tell; none where it is large and holds every class.

    `source_videos` is how many recordings the test clips are parts of, where that is known.

    >>> cautions(1, ["jump"])[0]
    '1 test clip tells next to nothing: one more could halve every accuracy or leave it'
    """
    told = []
    if n_test == 1:
        told.append(
            "1 test clip tells next to nothing: one more could halve every accuracy or leave it"
        )
    elif n_test < FEW_CLIPS:
        told.append(
            f"{n_test} test clips are too few to tell much: one clip is {100 / n_test:.1f} points, and "
            f"chance alone moves an accuracy by up to {points_either_way(n_test)} points either way"
        )
    if source_videos is not None and source_videos < min(LEAST_SOURCES, n_test):
        told.append(
            f"the {n_test} clips are parts of {counted(source_videos, 'source video')} alone: an interval "
            "that is no wider than these differ is too short"
        )
    if untested:
        more = f" and {len(untested) - CLASSES_SHOWN} more" if len(untested) > CLASSES_SHOWN else ""
        told.append(
            f"no test clip of {', '.join(untested[:CLASSES_SHOWN])}{more}: "
            "nothing is measured of that"
        )
    return tuple(told)


def cautions_of(results: Mapping[str, Any]) -> tuple[str, ...]:
    """The cautions about the content of a ``results.json``, also of the mean of several splits.

    None about one of several folds: what it does not test, others do, and all are measured together.
    """
    if results.get("folds") is not None:
        return ()
    clips = results.get("n_test")
    return cautions(
        FEW_CLIPS if clips is None else int(clips),
        tuple(results.get("untested_classes") or ()),
        results.get("source_videos"),
    )
