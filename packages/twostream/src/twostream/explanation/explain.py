"""What each stream looked at in the clearest moments of a video."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from twostream.choices import Stream
from twostream.errors import TwostreamError
from twostream.events import warn
from twostream.explanation.grad_cam import GradCam
from twostream.explanation.moments import Moment, moments_of
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
        clip = open_source(source.place, self.predictor.bundle.flow)
        try:
            return self._of_clip(clip, prediction)
        finally:
            if isinstance(clip, VideoClip | CameraClip):
                clip.close()

    def _of_clip(self, clip: ClipSource, prediction: Prediction) -> list[Explanation]:
        look, windows = self.predictor.look, prediction.windows
        cuts: tuple[int, ...] = ()
        if prediction.is_timeline and look.cuts and isinstance(clip, VideoClip):
            cuts = tuple(k for k, _ in find_cuts(clip))
        if not prediction.is_timeline:
            collected = Collected()
            for batch in self.predictor.windows(clip):
                collected.add(batch)
            if not collected.count:
                warn(f"{prediction.source} is shorter than a stack of flows: nothing to explain")
                return []
            windows = collected.windows(
                self.predictor.bundle.classes,
                streams=list(prediction.windows.streams),
                fps=clip.facts.fps,
            )
        label = self.label
        if label is None and not prediction.is_timeline:
            label = prediction.fused[0].label
        moments = moments_of(windows, prediction.intervals, label=label)
        where = self.predictor.where(clip, cuts)
        samples = samples_at(
            self.predictor.networks,
            clip,
            where,
            [next(itertools.islice(where.starts(), one.window, None)) for one in moments],
        )
        maps = {stream: self._maps(stream, found, moments) for stream, found in samples.items()}
        bound_px = self.predictor.bundle.flow.bound_px
        names = list(windows.class_names)
        return [
            Explanation(
                label=moment.label,
                start_s=float(windows.windows_s[moment.window, 0]),
                end_s=float(windows.windows_s[moment.window, 1]),
                scores={
                    stream: float(windows.streams[stream][moment.window, names.index(moment.label)])
                    for stream in samples
                },
                layers={stream: self._grad_cam(stream).layer_name for stream in samples},
                pictures={
                    stream: sample_picture(found[k], bound_px=bound_px)
                    for stream, found in samples.items()
                },
                maps={stream: found[k] for stream, found in maps.items()},
            )
            for k, moment in enumerate(moments)
        ]

    def _maps(self, stream: Stream, samples: Pixels, moments: list[Moment]) -> Floats:
        classes = list(self.predictor.bundle.classes)
        asked = np.asarray([classes.index(one.label) for one in moments], np.int64)
        with on_device(self.predictor.networks.loaded.networks[stream].device):
            return self._grad_cam(stream).maps(samples, asked)

    def _grad_cam(self, stream: Stream) -> GradCam:
        return GradCam(self.predictor.networks.loaded.networks[stream].model, self.layer)
