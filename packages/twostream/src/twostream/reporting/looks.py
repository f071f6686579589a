"""Where networks looked, as pictures for the corner of an overlay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from twostream.explanation.explain import Explanation
from twostream.explanation.pictures import over
from twostream.reporting.overlay import Look, LookedAt

EVERY_S = 0.5


def looks_along(explanations: Iterable[Explanation]) -> Iterator[tuple[float, Look | None]]:
    """What to show from which second on: each stream's map, the class, its score and the layer below it.

    An explanation is shown around the middle of its window, and no longer than to the next one.
    """
    ends: float | None = None
    for one in explanations:
        begin = max((one.start_s + one.end_s - EVERY_S) / 2, 0.0)
        if ends is not None and ends < begin - 1e-6:
            yield ends, None
        yield (
            begin,
            [
                LookedAt(
                    over(picture, one.maps[stream]),
                    (f"{one.label} {one.scores[stream]:.2f}", f"{stream}: {one.layers[stream]}"),
                )
                for stream, picture in one.pictures.items()
            ],
        )
        ends = begin + 1.5 * EVERY_S  # windows lie where frames are, and not quite so regularly
    if ends is not None:
        yield ends, None
