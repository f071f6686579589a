"""The vectors of the moments of a video, by stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twostream.choices import Stream
from twostream.errors import TwostreamError
from twostream.prediction.naming import Source
from twostream.prediction.predictor import RunPredictor
from twostream.prediction.windows import outputs_of_windows
from twostream.sources.camera import CameraClip
from twostream.sources.opening import open_source
from twostream.sources.video import VideoClip

Vectors = npt.NDArray[np.float32]
Times = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SourceFeatures:
    """The vectors (n, D) of n windows of one source, by stream, and their times (n, 2) in seconds."""

    source: str
    windows_s: Times
    vectors: dict[Stream, Vectors]

    def of_whole(self) -> SourceFeatures:
        """The mean over all windows: one vector a stream, from the first moment to the last."""
        times = np.asarray([[self.windows_s[0, 0], self.windows_s[:, 1].max()]])
        return SourceFeatures(
            self.source,
            times,
            {
                stream: one.mean(axis=0, keepdims=True, dtype=np.float64).astype(np.float32)
                for stream, one in self.vectors.items()
            },
        )


def features_of(predictor: RunPredictor, source: Source) -> SourceFeatures:
    """The features of all windows of a source, which are those that `predict` scores.

    They are the pooled vectors that the heads of the networks see. What is odd about a source is told, as
    `predict` does. Raises TwostreamError for a source that
    cannot be read, or is shorter than a stack of flows.
    """
    clip = open_source(source.place, predictor.bundle.flow, timeout_seconds=predictor.look.timeout)
    times: list[Times] = []
    parts: dict[Stream, list[Vectors]] = {one.stream: [] for one in predictor.bundle.streams}
    try:
        where, networks = predictor.where(clip, ()), predictor.networks
        for found_s, vectors in outputs_of_windows(
            networks, clip, where, networks.features_of_views
        ):
            times.append(found_s)
            for stream, own in parts.items():
                own.append(vectors[stream])
        predictor.tell_notes(clip)
    finally:
        if isinstance(clip, VideoClip | CameraClip):
            clip.close()
    if not times:
        raise TwostreamError(
            source.name,
            expected=f"at least {where.length + 1} frames, a stack of flows",
            found="fewer",
            remedy="leave it out",
        )
    return SourceFeatures(
        source.name,
        np.concatenate(times),
        {stream: np.concatenate(own) for stream, own in parts.items()},
    )


def features_or_errors(
    predictor: RunPredictor, sources: Iterable[Source]
) -> Iterator[tuple[Source, SourceFeatures | TwostreamError]]:
    """Yield the features of each source, or the error of one that cannot be read."""
    for source in sources:
        try:
            yield source, features_of(predictor, source)
        except TwostreamError as error:
            yield source, error
