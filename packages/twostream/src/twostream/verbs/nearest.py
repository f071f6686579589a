"""The verb `nearest`: moments that look alike, by their features."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from twostream.paths import InputPath
from twostream.verbs.found import SimilarMoments
from twostream.verbs.paths import checks_paths


@checks_paths
def nearest(
    features: InputPath,
    source: str,
    *,
    at: float | None = None,
    stream: Literal["spatial", "temporal"] | None = None,
    top: int = 10,
    json: bool = False,
) -> SimilarMoments:
    """Find the moments of videos that are most like one of them.

    Similar is what points into the same direction from the mean of all moments (cosine), in frames and in
    flow alike. Moments right beside each other are told once.

    Parameters
    ----------
    features
        A file that `twostream features` wrote.
    source
        The video to find the like of, as the file names it.
    at
        Its moment in seconds. Default: the first.
    stream
        Compare frames alone (`spatial`) or flow alone (`temporal`). Default: both.
    top
        How many moments to tell.
    json
        Print one object a moment, a line each, and nothing else, on standard output.
    """
    from json import dumps

    from twostream.embeddings.files import read_features
    from twostream.embeddings.nearest import nearest as find
    from twostream.events import made
    from twostream.verbs.results import JsonLine

    table = read_features(Path(features))
    found = SimilarMoments(tuple(find(table, source=source, seconds=at, stream=stream, top=top)))
    if not json:
        return made(found)
    for one in found.moments:
        made(JsonLine(dumps(one.to_dict())))
    return found
