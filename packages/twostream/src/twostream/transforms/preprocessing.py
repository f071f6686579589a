"""The one object that turns clips into network input: in training, evaluation and prediction."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import get_args

import numpy as np
import numpy.typing as npt

from twostream.atomic import write_json
from twostream.choices import Stream as Stream
from twostream.choices import ViewName as ViewName
from twostream.errors import TwostreamError
from twostream.fingerprints import added_field, values_with_earlier_ones
from twostream.formats import LaterFormatError, check_format
from twostream.sampling.stacks import centre_start, count_stack_starts, stack_indices
from twostream.store.members import flow_members, frame_member
from twostream.store.source import ClipSource
from twostream.transforms.views import (
    Stretch,
    View,
    Whole,
    shape_of,
    stretched,
    view_flow,
    view_flow_planes,
    view_frame,
    views_named,
)

# Versions that wrote format 1 see the centre square only, whatever is said of another view.
FORMAT, OF_CENTRE_VIEW = 2, 1
_NEEDED = ("stream", "size_px", "stack_length")
Pixels = npt.NDArray[np.uint8]
Place = tuple[int, View | Whole | Stretch]
"""Of a sample: its position, and what is seen of its images."""


_own = threading.local()


def _scratch(shape: tuple[int, int, int]) -> Pixels:
    """An array of the running thread, to be filled anew; fresh memory for each stack takes longer."""
    if getattr(_own, "shape", None) != shape:
        _own.array, _own.shape = np.empty(shape, np.uint8), shape
    array: Pixels = _own.array
    return array


@dataclass(frozen=True, kw_only=True)
class Preprocessing:
    """What a stream's network sees of a clip, saved beside its model.

    A *sample* of the spatial stream is a frame, (S, S, 3) uint8 RGB; of the temporal stream a stack
    of L flows, (S, S, 2 L) uint8 codes in the order x1, y1, x2, y2, …. A sample's *position* is its
    frame's index or its stack's start. Values stay 0..255: the model's first layer scales them.
    `view` says what is seen of an image wherever nothing is random (see `views_named`); through ``full``
    the long side of a sample is longer than S.
    """

    stream: Stream
    size_px: int = 224
    stack_length: int = 10
    evaluation_scale: float = 1.0
    view: ViewName = added_field("centre", before="centre")  # noqa: RUF009 # a field

    def __post_init__(self) -> None:
        """Refuse values that no network could be fed with."""
        if self.stream not in ("spatial", "temporal"):
            raise ValueError(f"stream is {self.stream!r}")
        for name in ("size_px", "stack_length"):
            value = getattr(self, name)
            if type(value) is not int or value < 1:
                raise ValueError(f"{name} is {value!r}")
        if self.view not in get_args(ViewName):
            raise ValueError(f"view is {self.view!r}")
        if not 0 < self.evaluation_scale <= 1:
            raise ValueError(f"evaluation_scale is {self.evaluation_scale!r}")

    @property
    def channels(self) -> int:
        """Channels of a sample: 3, or two a flow."""
        return 3 if self.stream == "spatial" else 2 * self.stack_length

    def count_positions(self, frames: int) -> int:
        """Number of samples in a clip of `frames` frames."""
        if self.stream == "spatial":
            return frames
        return count_stack_starts(frames - 1, stack_length=self.stack_length)

    def centre_position(self, frames: int) -> int:
        """The position that the one-frame protocol scores: the centre of the valid stack starts.

        The spatial stream takes the frame at which that stack begins, so that both streams see the
        same moment.
        """
        return centre_start(count_stack_starts(frames - 1, stack_length=self.stack_length))

    def sample(self, clip: ClipSource, position: int, view: View | Whole) -> Pixels:
        """One sample (S, S, C) of a clip, seen through `view`; of another shape where that is whole."""
        if self.stream == "spatial":
            (frame,) = clip.frames(position, position + 1)
            return view_frame(frame, view, size_px=self.size_px)
        import cv2

        count = self._flows_of_stack(clip)
        facts = clip.facts
        height, width = shape_of(view, facts.height, facts.width, size_px=self.size_px)
        cut = _scratch((2 * count, height, width))
        planes = chain.from_iterable(clip.flows(position, position + count))
        view_flow_planes(planes, view, size_px=self.size_px, out=cut)
        if count < self.stack_length:  # the clip is shorter than a stack: its flows are repeated
            repeated = stack_indices(0, flows=count, stack_length=self.stack_length)
            cut = cut.reshape(count, -1)[repeated]
        # OpenCV transposes several times as fast as numpy moves single bytes.
        stack: Pixels = cv2.transpose(cut.reshape(self.channels, -1))
        return stack.reshape(height, width, self.channels)

    def members(self, clip: ClipSource, position: int) -> list[str]:
        """Names of the stored images that a sample is made of."""
        if self.stream == "spatial":
            return [frame_member(position)]
        last = position + self._flows_of_stack(clip)
        return [member for k in range(position, last) for member in flow_members(k)]

    def evaluation_views(self, clip: ClipSource, *, flip: bool = False) -> tuple[View | Whole, ...]:
        """What is seen of a clip's images wherever nothing is random; scores of several are averaged."""
        facts = clip.facts
        return views_named(
            self.view, facts.height, facts.width, scale=self.evaluation_scale, flip=flip
        )

    def samples(self, clip: ClipSource, places: Iterable[Place]) -> Iterator[Pixels]:
        """Yield the sample (S, S, C) of each place, of which the positions must not decrease.

        Through a whole view its shape is that of the clip's images.

        Equal to `sample` of each, but an image is read at most once, and cut at most once a view; what no
        later place needs is dropped, so that memory does not grow with the length of the clip.
        """
        spatial = self.stream == "spatial"
        images: dict[int, Pixels] = {}
        cuts: dict[Place, Pixels] = {}
        reached = 0
        for position, view in places:
            if position > reached:
                images = {k: image for k, image in images.items() if k >= position}
                cuts = {place: cut for place, cut in cuts.items() if place[0] >= position}
                reached = position
            # A clip shorter than a stack has one position, 0, and `assemble` repeats its flows.
            window = range(position, position + (1 if spatial else self._flows_of_stack(clip)))
            wanted = [k for k in window if (k, view) not in cuts]
            missing = [k for k in wanted if k not in images]
            if missing:
                images |= zip(
                    range(missing[0], missing[-1] + 1),
                    self._read(clip, missing[0], missing[-1] + 1),
                    strict=True,
                )
            for k in wanted:
                cuts[k, view] = self._cut(images[k], view)
            yield self.assemble(np.stack([cuts[k, view] for k in window]), [0])[0]

    def samples_to_the_end(
        self, clip: ClipSource, positions: Iterable[int], view: View | Whole | Stretch
    ) -> Iterator[Pixels]:
        """Yield the sample (S, S, C) at each of rising `positions` of a clip whose end nobody knows.

        Equal to `sample` of each, up to the last one for which there are images; a clip that is shorter
        than a stack has none. Each image is read and cut at most once.
        """
        length = 1 if self.stream == "spatial" else self.stack_length
        cuts: dict[int, Pixels] = {}
        images: Iterator[Pixels] | None = None
        coming = 0
        for position in positions:
            cuts = {k: cut for k, cut in cuts.items() if k >= position}
            for k in range(position, position + length):
                if k in cuts:
                    continue
                if images is None or k != coming:
                    images, coming = self._read(clip, k, None), k
                image = next(images, None)
                if image is None:
                    return
                coming += 1
                cuts[k] = self._cut(image, view)
            window = [cuts[k] for k in range(position, position + length)]
            yield self.assemble(np.stack(window), [0])[0]

    def _read(self, clip: ClipSource, first: int, end: int | None) -> Iterator[Pixels]:
        if self.stream == "spatial":
            return clip.frames(first, end)
        import cv2

        return (cv2.merge(planes) for planes in clip.flows(first, end))

    def _cut(self, image: Pixels, view: View | Whole | Stretch) -> Pixels:
        if isinstance(view, Stretch):
            return stretched(image, view, size_px=self.size_px)
        function = view_frame if self.stream == "spatial" else view_flow
        return function(image, view, size_px=self.size_px)

    def _flows_of_stack(self, clip: ClipSource) -> int:
        """As many as a stack has, unless the clip is known to have fewer."""
        flows = clip.facts.flows
        return self.stack_length if flows is None else min(self.stack_length, flows)

    def assemble(self, images: Pixels, positions: Sequence[int]) -> Pixels:
        """Samples (n, S, S, C) at `positions` from the clip's `images`.

        Equal to `sample` at each position, but each image is read and cut once only.
        """
        if self.stream == "spatial":
            frames: Pixels = images[np.asarray(positions)]
            return frames
        stacks = [
            stack_indices(position, flows=len(images), stack_length=self.stack_length)
            for position in positions
        ]
        # x and y of a pixel move as one item of 16 bits, which is several times as fast as two bytes.
        pairs = np.ascontiguousarray(images).view(np.uint16)[..., 0]
        chosen = pairs[np.stack(stacks)].transpose(0, 2, 3, 1)  # (n, S, S, L)
        return np.ascontiguousarray(chosen).view(np.uint8)

    def save(self, path: Path) -> None:
        """Write it as JSON."""
        number = OF_CENTRE_VIEW if self.view == "centre" else FORMAT
        write_json(path, {"format": number, **asdict(self)})


def load_preprocessing(path: Path) -> Preprocessing:
    """Read what `Preprocessing.save` wrote; raises TwostreamError where it is missing or damaged.

    Keys that are not known are ignored. LaterFormatError where a later version wrote what this one would
    misread.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(values, dict):
            raise ValueError("no keys and values")
        check_format(values, known=FORMAT, subject=path)
        missing = [name for name in _NEEDED if name not in values]
        if missing:
            raise ValueError(f"no {', '.join(missing)}")
        return Preprocessing(**values_with_earlier_ones(Preprocessing, values))
    except LaterFormatError:
        raise
    except (OSError, ValueError, TypeError) as error:
        raise TwostreamError(
            path,
            expected="the preprocessing saved with a trained stream",
            found=f"something else ({error})",
            remedy="train the stream again with `twostream train`",
        ) from error
