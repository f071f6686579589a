"""Sample sets: samples of a clip that are scored together and kept in one file.

A *sample* is a position of the clip (a frame, or the stack that starts there) seen through a view.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from twostream.sampling.stacks import even_positions
from twostream.store.source import ClipSource
from twostream.transforms.preprocessing import Place, Preprocessing
from twostream.transforms.views import Stretch, View, Whole, ten_views

# Simonyan and Zisserman 2014, section 5: "a fixed number of frames (25 in our experiments) with equal
# temporal spacing between them".
EVEN_SAMPLES = 25


@dataclass(frozen=True, kw_only=True)
class SampleSet:
    """At which `positions` of a clip of so many frames, and through which `views` of it, one looks.

    The scores of the views of a position are averaged; `file_name` holds a row for each position.
    """

    file_name: str
    positions: Callable[[Preprocessing, int], Sequence[int]]
    views: Callable[[Preprocessing, ClipSource], Sequence[View | Whole | Stretch]]

    def samples(self, clip: ClipSource, preprocessing: Preprocessing) -> list[list[Place]]:
        """The samples of a clip: for each position, one a view."""
        views = self.views(preprocessing, clip)
        positions = self.positions(preprocessing, clip.count_frames())
        return [[(int(position), view) for view in views] for position in positions]


def _views(preprocessing: Preprocessing, clip: ClipSource) -> tuple[View | Whole, ...]:
    return preprocessing.evaluation_views(clip)


def _ten_views(_: Preprocessing, clip: ClipSource) -> tuple[View, ...]:
    return ten_views(clip.facts.height, clip.facts.width)


def _even(preprocessing: Preprocessing, frames: int) -> list[int]:
    count = preprocessing.count_positions(frames)
    return [int(k) for k in even_positions(count, samples=EVEN_SAMPLES)]


CENTRE = SampleSet(
    file_name="centre_scores.npz",
    positions=lambda preprocessing, frames: (preprocessing.centre_position(frames),),
    views=_views,
)
EVEN = SampleSet(file_name="even_scores.npz", positions=_even, views=_views)
TEN_VIEWS = SampleSet(file_name="ten_view_scores.npz", positions=_even, views=_ten_views)
EVERY = SampleSet(
    file_name="frame_scores.npz",
    positions=lambda preprocessing, frames: range(preprocessing.count_positions(frames)),
    views=_views,
)


def in_order(samples: Iterable[Place]) -> list[Place]:
    """Each sample once, by position: the order in which a clip is read."""
    return sorted(dict.fromkeys(samples), key=lambda sample: sample[0])
