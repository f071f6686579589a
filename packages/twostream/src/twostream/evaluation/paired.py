"""Two streams on the same clips: how far apart they are, and whose errors are whose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from twostream.evaluation.bootstrap import MEASURES, Difference, Resamples
from twostream.evaluation.chosen import CHOSEN
from twostream.evaluation.metrics import right
from twostream.evaluation.scores import ClipScores

FUSION = "fusion"


@dataclass(frozen=True, kw_only=True)
class Pairing:
    """`first` against `second`: differences in all measures; clips only one of the two has right."""

    first: str
    second: str
    differences: dict[str, Difference]
    only_first_right: int
    only_second_right: int


def difference_content(found: Difference) -> dict[str, Any]:
    """A difference as JSON, with its interval."""
    return {
        "difference": found.difference,
        "interval": [found.low, found.high],
        "share_not_above": found.share_not_above,
    }


def is_fusion(stream: str) -> bool:
    """Whether `stream` is a fusion of others, such as ``fusion``, ``chosen`` or ``fusion-svm``."""
    return stream in (FUSION, CHOSEN) or stream.startswith(f"{FUSION}-")


def spoken(stream: str) -> str:
    """The name of a stream in a sentence, the one that tables have.

    >>> spoken("fusion"), spoken("chosen"), spoken("fusion-svm"), spoken("temporal")
    ('fusion', 'the chosen fusion', 'fusion-svm', 'the temporal stream')
    """
    if stream == CHOSEN:
        return "the chosen fusion"  # beside rows that are called "fusion", which have other numbers
    return stream if is_fusion(stream) else f"the {stream} stream"


def spoken_first(stream: str) -> str:
    """The same at the beginning of a sentence."""
    name = spoken(stream)
    return name[0].upper() + name[1:]


def lead_of(streams: Sequence[str]) -> str:
    """The stream that is the headline: ``chosen``, else ``fusion``, else another fusion, else the first.

    >>> lead_of(["spatial", "temporal", "fusion", "chosen"]), lead_of(["temporal"])
    ('chosen', 'temporal')
    """
    fusions = [stream for stream in streams if is_fusion(stream)]
    return next((one for one in (CHOSEN, FUSION) if one in streams), (*fusions, *streams)[0])


def fusions_against_best(scores: Mapping[str, ClipScores], resamples: Resamples) -> list[Pairing]:
    """Every fusion against the single stream that is best in top-1 (of equals, the first).

    Which stream is best is read from the same clips, which favours it: the advantage of a fusion is
    rather understated.
    """
    return [
        pairing(scores, resamples, first=fusion, second=best)
        for fusion, best in fusions_and_best(resamples)
    ]


def fusions_and_best(resamples: Resamples) -> list[tuple[str, str]]:
    """Every fusion with the single stream that is best in top-1; empty where either is missing."""
    singles = [stream for stream in resamples.found if not is_fusion(stream)]
    fusions = [stream for stream in resamples.found if is_fusion(stream)]
    if not singles:
        return []
    best = max(singles, key=lambda stream: resamples.found[stream].top1)
    return [(fusion, best) for fusion in fusions]


def pairing(
    scores: Mapping[str, ClipScores], resamples: Resamples, *, first: str, second: str
) -> Pairing:
    """Compare two streams of `scores`, which `resamples` were drawn from."""
    one, other = (right(scores[s].values, scores[s].labels) for s in (first, second))
    return Pairing(
        first=first,
        second=second,
        differences={measure: resamples.difference(first, second, measure) for measure in MEASURES},
        only_first_right=int((one & ~other).sum()),
        only_second_right=int((other & ~one).sum()),
    )
