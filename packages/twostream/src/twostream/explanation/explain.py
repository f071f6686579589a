"""What each stream looked at in the clearest moments of a video."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from twostream.atomic import atomic_path
from twostream.choices import Stream
from twostream.errors import TwostreamError
from twostream.events import warn
from twostream.explanation.grad_cam import BATCH, GradCam
from twostream.explanation.moments import Moment, moments_along, moments_of
from twostream.explanation.pictures import over, sample_picture, side_by_side
from twostream.models.device import on_device
from twostream.prediction.cuts import find_cuts
from twostream.prediction.naming import Source
from twostream.prediction.predictor import RunPredictor
from twostream.prediction.results import Prediction
from twostream.prediction.timeline import Collected
from twostream.prediction.windows import samples_at
from twostream.sources.camera import CameraClip
from twostream.sources.opening import open_source
from twostream.sources.video import VideoClip
from twostream.store.source import ClipSource
from twostream.suggestions import did_you_mean
from twostream.timelines.window_scores import WindowScores

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
KNOWN = 8  # classes of the run that are named where none is like the one asked for


@dataclass(frozen=True, eq=False)
class Explanation:
    """Where the streams looked for a class at a moment: a picture and a map (h, w) by stream.

    `layers` names the layer of each map, `scores` the probability of the class there.
    """

    label: str
    start_s: float
    end_s: float
    scores: dict[Stream, float]
    layers: dict[Stream, str]
    pictures: dict[Stream, Pixels] = field(repr=False)
    maps: dict[Stream, Floats] = field(repr=False)

    def drawn(self) -> Pixels:
        """Frame and flow, each as it is and with its map over it: (S, 4 S + gaps, 3) uint8 RGB."""
        parts: list[Pixels] = []
        for stream, picture in self.pictures.items():
            parts += [picture, over(picture, self.maps[stream])]
        return side_by_side(parts)

    def write(self, path: Path) -> None:
        """Write `drawn` as a PNG; raises OSError."""
        _, encoded = cv2.imencode(path.suffix, self.drawn()[..., ::-1])
        with atomic_path(path) as temporary:
            temporary.write_bytes(encoded.tobytes())


def check_class(label: str, classes: Sequence[str]) -> None:
    """Raise TwostreamError where a run with these classes does not know the one that is to be explained."""
    if label not in classes:
        known = ", ".join(classes[:KNOWN])
        raise TwostreamError(
            f"--explain-class {label}",
            expected="a class of the run",
            found="none of them",
            remedy=did_you_mean(
                label,
                classes,
                otherwise=f"it knows {known}{' and others' if len(classes) > KNOWN else ''}",
            ),
        )


@dataclass(frozen=True)
class Explainer:
    """Explains what a run says of videos: each stream at one layer, for the class said, or for `label`."""

    predictor: RunPredictor
    label: str | None = None
    layer: str | None = None

    def __post_init__(self) -> None:
        """Refuse a class that the run does not know, and a layer that neither network has."""
        if self.label is not None:
            check_class(self.label, self.predictor.bundle.classes)
        for one in self.predictor.bundle.streams:
            self._grad_cam(one.stream)

    def of(self, source: Source, prediction: Prediction) -> list[Explanation]:
        """The explanations of a prediction of this run, in the order of time; a video is read again.

        Of what can be read only once, such as a camera, there are none, and it is told.
        """
        if not source.is_file:
            warn(f"{source.name}: --explain reads a source again, which this one does not allow")
            return []
        with self._opened(source) as clip:
            windows = self._windows_of(clip, prediction)
            if windows is None:
                return []
            label = self._label_of(prediction)
            moments = moments_of(windows, prediction.intervals, label=label)
            return list(self._explained(clip, windows, moments, self._cuts(clip, prediction)))

    def of_clip(self, clip: ClipSource, labels: Sequence[str]) -> list[Explanation]:
        """Where the streams looked for each of the classes in a clip, where it says that most clearly.

        Empty where the clip is shorter than a stack of flows.
        """
        windows = self._scored(clip)
        if windows is None:
            return []
        moments = sorted(
            (moment for label in labels for moment in moments_of(windows, (), label=label)),
            key=lambda one: one.window,
        )
        found = list(self._explained(clip, windows, moments))
        return sorted(found, key=lambda one: labels.index(one.label))

    def along(
        self, source: Source, prediction: Prediction, *, every_s: float
    ) -> Iterator[Explanation]:
        """Explanations of all intervals of a video file, or of a clip from beginning to end.

        So many seconds apart, in the order of time; the video is read again as they are asked for.
        """
        with self._opened(source) as clip:
            windows = self._windows_of(clip, prediction)
            if windows is None:
                return
            moments = moments_along(
                windows, prediction.intervals, label=self._label_of(prediction), every_s=every_s
            )
            yield from self._explained(clip, windows, moments, self._cuts(clip, prediction))

    @contextmanager
    def _opened(self, source: Source) -> Iterator[ClipSource]:
        clip = open_source(source.place, self.predictor.bundle.flow)
        try:
            yield clip
        finally:
            if isinstance(clip, VideoClip | CameraClip):
                clip.close()

    def _label_of(self, prediction: Prediction) -> str | None:
        """The class that all is asked about; None where each interval is asked about its own."""
        if self.label is None and not prediction.is_timeline:
            return prediction.fused[0].label
        return self.label

    def _cuts(self, clip: ClipSource, prediction: Prediction) -> tuple[int, ...]:
        if prediction.is_timeline and self.predictor.look.cuts and isinstance(clip, VideoClip):
            return tuple(k for k, _ in find_cuts(clip))
        return ()

    def _windows_of(self, clip: ClipSource, prediction: Prediction) -> WindowScores | None:
        """The windows of a timeline, or those of a clip that was scored by a protocol."""
        return prediction.windows if prediction.is_timeline else self._scored(clip)

    def _scored(self, clip: ClipSource) -> WindowScores | None:
        """The windows of a clip; None, which is told, where it is shorter than a stack of flows."""
        collected = Collected()
        for batch in self.predictor.windows(clip):
            collected.add(batch)
        if not collected.count:
            warn(f"{clip.facts.name} is shorter than a stack of flows: nothing to explain")
            return None
        return collected.windows(
            self.predictor.bundle.classes,
            streams=[*(one.stream for one in self.predictor.bundle.streams), "fused"],
            fps=clip.facts.fps,
        )

    def _explained(
        self,
        clip: ClipSource,
        windows: WindowScores,
        moments: Sequence[Moment],
        cuts: tuple[int, ...] = (),
    ) -> Iterator[Explanation]:
        """Explain moments, which must not go back; a batch of samples is in memory at once."""
        where = self.predictor.where(clip, cuts)
        last = max((one.window for one in moments), default=-1)
        starts = list(itertools.islice(where.starts(), last + 1))
        samples = samples_at(
            self.predictor.networks, clip, where, [starts[one.window] for one in moments]
        )
        left = iter(moments)
        while batch := list(zip(itertools.islice(left, BATCH), samples, strict=False)):
            yield from self._batch(
                windows, [one for one, _ in batch], [found for _, found in batch]
            )

    def _batch(
        self,
        windows: WindowScores,
        moments: list[Moment],
        samples: list[dict[Stream, Pixels]],
    ) -> Iterator[Explanation]:
        streams = list(samples[0])
        maps = {
            stream: self._maps(stream, np.stack([found[stream] for found in samples]), moments)
            for stream in streams
        }
        bound_px = self.predictor.bundle.flow.bound_px
        names = list(windows.class_names)
        for k, moment in enumerate(moments):
            column = names.index(moment.label)
            yield Explanation(
                label=moment.label,
                start_s=float(windows.windows_s[moment.window, 0]),
                end_s=float(windows.windows_s[moment.window, 1]),
                scores={
                    stream: float(windows.streams[stream][moment.window, column])
                    for stream in streams
                },
                layers={stream: self._grad_cam(stream).layer_name for stream in streams},
                pictures={
                    stream: sample_picture(samples[k][stream], bound_px=bound_px)
                    for stream in streams
                },
                maps={stream: maps[stream][k] for stream in streams},
            )

    def _maps(self, stream: Stream, samples: Pixels, moments: list[Moment]) -> Floats:
        classes = list(self.predictor.bundle.classes)
        asked = np.asarray([classes.index(one.label) for one in moments], np.int64)
        with on_device(self.predictor.networks.loaded.networks[stream].device):
            return self._grad_cam(stream).maps(samples, asked)

    def _grad_cam(self, stream: Stream) -> GradCam:
        return GradCam(self.predictor.networks.loaded.networks[stream].model, self.layer)
