"""Sample sets: samples of a clip that are scored together and kept in one file.

A *sample* is a position of the clip (a frame, or the stack that starts there) seen through a view.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twostream.sampling.stacks import even_positions
from twostream.store.clip import StoredClip
from twostream.transforms.preprocessing import Preprocessing
from twostream.transforms.views import View, ten_views, view_flow, view_frame
from twostream.video.resize import resize

Pixels = npt.NDArray[np.uint8]

# Simonyan and Zisserman 2014, section 5: "a fixed number of frames (25 in our experiments) with equal
# temporal spacing between them".
EVEN_SAMPLES = 25


@dataclass(frozen=True)
class Stretch:
    """The whole image made square, whatever its shape; with its axes swapped if `transposed`.

    What the protocols never do: it distorts people, and moves them up where they move to the left.
    """

    transposed: bool = False


Sample = tuple[int, View | Stretch]


@dataclass(frozen=True, kw_only=True)
class SampleSet:
    """At which `positions` of a clip of so many frames, and through which `views` of it, one looks.

    The scores of the views of a position are averaged; `file_name` holds a row for each position.
    """

    file_name: str
    positions: Callable[[Preprocessing, int], Sequence[int]]
    views: Callable[[Preprocessing, StoredClip], Sequence[View | Stretch]]

    def samples(self, clip: StoredClip, preprocessing: Preprocessing) -> list[list[Sample]]:
        """The samples of a clip: for each position, one a view."""
        views = self.views(preprocessing, clip)
        positions = self.positions(preprocessing, clip.metadata.frames)
        return [[(int(position), view) for view in views] for position in positions]


def _centre_view(preprocessing: Preprocessing, clip: StoredClip) -> tuple[View]:
    return (preprocessing.evaluation_view(clip),)


def _ten_views(_: Preprocessing, clip: StoredClip) -> tuple[View, ...]:
    return ten_views(clip.metadata.height, clip.metadata.width)


def _even(preprocessing: Preprocessing, frames: int) -> list[int]:
    count = preprocessing.count_positions(frames)
    return [int(k) for k in even_positions(count, samples=EVEN_SAMPLES)]


CENTRE = SampleSet(
    file_name="centre_scores.npz",
    positions=lambda preprocessing, frames: (preprocessing.centre_position(frames),),
    views=_centre_view,
)
EVEN = SampleSet(file_name="even_scores.npz", positions=_even, views=_centre_view)
TEN_VIEWS = SampleSet(file_name="ten_view_scores.npz", positions=_even, views=_ten_views)
EVERY = SampleSet(
    file_name="frame_scores.npz",
    positions=lambda preprocessing, frames: range(preprocessing.count_positions(frames)),
    views=_centre_view,
)


def in_order(samples: Iterable[Sample]) -> list[Sample]:
    """Each sample once, by position: the order in which a clip is read."""
    return sorted(dict.fromkeys(samples), key=lambda sample: sample[0])


def read_samples(
    clip: StoredClip, samples: Sequence[Sample], *, preprocessing: Preprocessing
) -> Iterator[Pixels]:
    """Yield the pixels (S, S, C) of samples that are `in_order`.

    Each image of the clip is decoded at most once, and cut at most once a view; what no later sample
    needs is dropped, so that memory does not grow with the length of the clip.
    """
    spatial = preprocessing.stream == "spatial"
    length = 1 if spatial else preprocessing.stack_length
    decoded: dict[int, Pixels] = {}
    cuts: dict[Sample, Pixels] = {}

    def cut(index: int, view: View | Stretch) -> Pixels:
        if (index, view) not in cuts:
            if index not in decoded:
                decoded[index] = clip.frame(index) if spatial else clip.flow_codes(index)
            cuts[index, view] = see(decoded[index], view)
        return cuts[index, view]

    def see(image: Pixels, view: View | Stretch) -> Pixels:
        size = preprocessing.size_px
        if isinstance(view, View):
            return (view_frame if spatial else view_flow)(image, view, size_px=size)
        square = resize(image, width=size, height=size)
        return np.ascontiguousarray(square.swapaxes(0, 1)) if view.transposed else square

    images = clip.metadata.frames if spatial else clip.metadata.flows
    reached = 0
    for position, view in samples:
        if position > reached:
            decoded = {k: image for k, image in decoded.items() if k >= position}
            cuts = {sample: image for sample, image in cuts.items() if sample[0] >= position}
            reached = position
        # A clip shorter than a stack has one position, 0, and `assemble` repeats its flows.
        window = range(position, min(position + length, images))
        yield preprocessing.assemble(np.stack([cut(k, view) for k in window]), [0])[0]
