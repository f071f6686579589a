"""What `twostream.load` gives: a trained run to be asked about videos, frames and cameras from Python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
import numpy.typing as npt

from twostream.environment import available_cores
from twostream.errors import TwostreamError
from twostream.evaluation.bundle_scores import notes_of_use
from twostream.events import warn
from twostream.prediction.naming import Named, Source, find_sources
from twostream.prediction.networks import Scores
from twostream.prediction.predictor import RunPredictor
from twostream.prediction.results import LabelScore, Prediction, best_first
from twostream.prediction.side_by_side import predict_sources
from twostream.sources.camera import CameraClip
from twostream.sources.frames import FramesClip
from twostream.sources.opening import open_source
from twostream.sources.video import VideoClip
from twostream.store.source import ClipSource
from twostream.training.two_streams import TwoStreamBundle
from twostream.video.opencv_threads import one_opencv_thread

USUAL_FPS = 25.0


@dataclass(frozen=True, eq=False)
class Window:
    """What was seen in a part of a video: seconds from its first frame, and the classes by stream."""

    start_s: float
    end_s: float
    class_names: tuple[str, ...]
    scores: dict[str, Scores]
    """Probabilities (C,) of all classes, by ``spatial``, ``temporal`` and ``fused``."""

    @property
    def label(self) -> str:
        """The best class by both streams."""
        return self.fused[0].label

    @property
    def score(self) -> float:
        """Its probability."""
        return self.fused[0].score

    @property
    def spatial(self) -> tuple[LabelScore, ...]:
        """All classes by single frames, the best first; empty where the run has no such stream."""
        return best_first(self.class_names, self.scores.get("spatial"))

    @property
    def temporal(self) -> tuple[LabelScore, ...]:
        """All classes by motion, likewise."""
        return best_first(self.class_names, self.scores.get("temporal"))

    @property
    def fused(self) -> tuple[LabelScore, ...]:
        """All classes by both, likewise."""
        return best_first(self.class_names, self.scores["fused"])


@dataclass(frozen=True, eq=False)
class LoadedRun:
    """A trained run whose networks are loaded; may be asked by several threads."""

    predictor: RunPredictor
    jobs: int | None = None

    @property
    def bundle(self) -> TwoStreamBundle:
        """All that is known of the run."""
        return self.predictor.bundle

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes, in the order of scores."""
        return tuple(self.bundle.classes)

    @overload
    def predict(
        self, source: Named | npt.NDArray[np.uint8], *, fps: float | None = None
    ) -> Prediction: ...

    @overload
    def predict(self, source: list[Named], *, fps: float | None = None) -> list[Prediction]: ...

    def predict(
        self, source: Named | npt.NDArray[np.uint8] | list[Named], *, fps: float | None = None
    ) -> Prediction | list[Prediction]:
        """What happens in a video, in frames, or in several videos at once.

        Parameters
        ----------
        source
            A path, a camera's number, an address, or frames (N, H, W, 3) uint8 RGB. A list of sources, of
            folders and of patterns gives a list; several are at work side by side.
        fps
            Frames a second of `source`, where it is frames. Default: the rate that the run learnt from.

        Raises TwostreamError for what cannot be read. Where a source fails half-way, that is a warning, and
        what was seen before is returned, with the error as `ended`.
        """
        if isinstance(source, np.ndarray):
            with one_opencv_thread():
                return self.predictor.of_clip(self._frames(source, fps), name="frames")
        if isinstance(source, list):
            return self._several(find_sources(source))
        return self._several([_single(source)])[0]

    def _several(self, sources: Sequence[Source]) -> list[Prediction]:
        found = []
        for _, outcome in predict_sources(self.predictor, sources, jobs=self.jobs):
            if isinstance(outcome, TwostreamError):
                raise outcome
            if outcome.ended is not None:
                warn(str(outcome.ended))
            found.append(outcome)
        return found

    def stream(
        self, source: Named | npt.NDArray[np.uint8], *, fps: float | None = None
    ) -> Iterator[Window]:
        """Yield what is seen in window after window, of a camera while it goes on.

        Closed before the end, it gives the source back. Raises TwostreamError where a source fails or
        stalls, after the windows that came before.
        """
        if isinstance(source, np.ndarray):
            clip: ClipSource = self._frames(source, fps)
        else:
            clip = open_source(
                _single(source).place,
                self.bundle.flow,
                threads=available_cores(),
                timeout_seconds=self.predictor.look.timeout,
            )
        told = False
        try:
            for batch in self.predictor.windows(clip):
                if not told:
                    told = True
                    for note in notes_of_use(self.bundle, clip):
                        warn(note)
                for k, (start, end) in enumerate(batch.windows_s):
                    scores = {name: values[k] for name, values in batch.scores.items()}
                    yield Window(float(start), float(end), self.class_names, scores)
        finally:
            if isinstance(clip, VideoClip | CameraClip):
                clip.close()

    def _frames(self, frames: npt.NDArray[np.uint8], fps: float | None) -> FramesClip:
        if fps is None:
            facts = self.bundle.streams[0].sources
            fps = facts.fps if facts is not None else USUAL_FPS
        return FramesClip(frames, self.bundle.flow, fps=fps, threads=available_cores())


def _single(named: Named) -> Source:
    sources = find_sources([named])
    if len(sources) > 1:
        raise TwostreamError(
            str(named),
            expected="one video",
            found=f"{len(sources)}",
            remedy="give it in a list, for a list of predictions",
        )
    return sources[0]
