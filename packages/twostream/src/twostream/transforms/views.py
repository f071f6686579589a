"""Views: a square of an image, or the whole of it, perhaps mirrored, at the network's input size.

No view distorts the aspect of people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from twostream.choices import Crops as Crops
from twostream.choices import FlowMirror as FlowMirror
from twostream.choices import ViewName as ViewName

Pixels = npt.NDArray[np.uint8]

# Sides of training crops as shares of the short side: from the whole down to this one, in four steps
# (Wang et al. 2015, "very deep two-stream": 256, 224, 192, 168 of 256).
SMALLEST_CROP = 0.66
CROP_SIZES = 4

# Side of each of the ten evaluation views as a share of the short side: the field's 224 of 256
# (Simonyan and Zisserman 2014, section 5; Wang et al. 2016).
TEN_VIEWS_SCALE = 224 / 256

# Training views are shrunk up to this ratio by bilinear interpolation: five times as fast as averages of
# areas, and as close to what a sharp filter gives (docs/training-and-evaluation.md has the figures).
BILINEAR_TO = 4 / 3


@dataclass(frozen=True)
class View:
    """The square of `side` px whose upper left corner is (`top`, `left`), mirrored if `flip`.

    `flow_mirror` is how flow is mirrored; anything but ``true`` is wrong, and there for comparison.
    Shrinking averages areas, by ratios up to `bilinear_to` it interpolates.
    """

    top: int
    left: int
    side: int
    flip: bool = False
    flow_mirror: FlowMirror = field(default="true", repr=False)
    bilinear_to: float = field(default=1.0, repr=False)


@dataclass(frozen=True)
class Whole:
    """The whole image at its own aspect, its short side at the network's input size; mirrored if `flip`.

    For networks whose last layer but the classifier is a mean over places: they take any size.
    `flow_mirror` is as in `View`.
    """

    flip: bool = False
    flow_mirror: FlowMirror = field(default="true", repr=False)


@dataclass(frozen=True)
class Stretch:
    """The whole image made square, whatever its shape; with its axes swapped if `transposed`.

    What the protocols never do: it distorts people, and moves them up where they move to the left.
    """

    transposed: bool = False


def centre_view(height: int, width: int, *, scale: float = 1.0, flip: bool = False) -> View:
    """The centre square whose side is `scale` (0..1] of the short side.

    >>> centre_view(240, 320)
    View(top=0, left=40, side=240, flip=False)
    """
    side = max(1, round(min(height, width) * scale))
    return View((height - side) // 2, (width - side) // 2, side, flip)


def views_named(
    name: ViewName, height: int, width: int, *, scale: float = 1.0, flip: bool = False
) -> tuple[View | Whole, ...]:
    """What is seen of an image where nothing is random: ``centre``, ``full`` or ``three``.

    ``centre``: the centre square, which leaves out the sides of a wide image. ``full``: the whole image at
    its aspect, `scale` left out. ``three``: squares at both ends of the long side and at its centre, with
    which images up to three times as long as they are short are covered; one for a square image.

    >>> [(view.top, view.left) for view in views_named("three", 240, 320)]
    [(0, 0), (0, 40), (0, 80)]
    >>> views_named("full", 240, 320)
    (Whole(flip=False),)
    """
    centre = centre_view(height, width, scale=scale, flip=flip)
    if name == "centre":
        return (centre,)
    if name == "full":
        return (Whole(flip),)
    side = min(height, width)
    down, right = height - side, width - side
    places = dict.fromkeys([(0, 0), (down // 2, right // 2), (down, right)])
    return tuple(View(top, left, side, flip) for top, left in places)


def shape_of(view: View | Whole, height: int, width: int, *, size_px: int) -> tuple[int, int]:
    """Height and width in pixels of a view of an image (H, W).

    >>> shape_of(Whole(), 240, 320, size_px=192), shape_of(View(0, 0, 240), 240, 320, size_px=192)
    ((192, 256), (192, 192))
    """
    if isinstance(view, View):
        return size_px, size_px
    short = min(height, width)
    return round(height * size_px / short), round(width * size_px / short)


def ten_views(height: int, width: int, *, scale: float = TEN_VIEWS_SCALE) -> tuple[View, ...]:
    """The four corners and the centre of an image, each as it is and mirrored: ten views.

    Squares whose side is `scale` of the short side: smaller than the centre view, so that the corners
    differ in both directions, as in "10-crop testing" (Krizhevsky et al. 2012, section 4.1).

    >>> [(view.top, view.left, view.side) for view in ten_views(256, 340)[::2]]
    [(0, 0, 224), (0, 116, 224), (32, 0, 224), (32, 116, 224), (16, 58, 224)]
    """
    side = max(1, round(min(height, width) * scale))
    return tuple(
        View(top, left, side, flip)
        for top, left in _corners_and_centre(height - side, width - side)
        for flip in (False, True)
    )


def _corners_and_centre(down: int, right: int) -> list[tuple[int, int]]:
    return [(0, 0), (0, right), (down, 0), (down, right), (down // 2, right // 2)]


def training_view(
    height: int,
    width: int,
    *,
    crops: Crops,
    smallest_crop: float = SMALLEST_CROP,
    rng: np.random.Generator,
) -> View:
    """A random view for training, mirrored half of the time; sides from `smallest_crop` of the short side.

    ``corner``: `corner_view`; ``random``: `random_view`.
    """
    make = corner_view if crops == "corner" else random_view
    return make(height, width, smallest_crop=smallest_crop, rng=rng)


def corner_view(
    height: int, width: int, *, smallest_crop: float = SMALLEST_CROP, rng: np.random.Generator
) -> View:
    """One of four sides, at one of the four corners or the centre, mirrored or not.

    Corner cropping with scale jitter (Wang et al. 2015), without its aspect jitter.
    """
    scale = _crop_scales(smallest_crop)[int(rng.integers(CROP_SIZES))]
    side = max(1, round(min(height, width) * scale))
    corners = _corners_and_centre(height - side, width - side)
    top, left = corners[int(rng.integers(len(corners)))]
    return View(top, left, side, bool(rng.random() < 0.5))


@lru_cache(16)
def _crop_scales(smallest_crop: float) -> list[float]:
    scales: list[float] = np.linspace(1.0, smallest_crop, CROP_SIZES).tolist()
    return scales


def random_view(
    height: int, width: int, *, smallest_crop: float = SMALLEST_CROP, rng: np.random.Generator
) -> View:
    """A square of random area (up to the largest square) at a random place, mirrored or not."""
    area = float(rng.uniform(smallest_crop**2, 1.0))
    side = max(1, round(min(height, width) * area**0.5))
    top = int(rng.integers(height - side + 1))
    left = int(rng.integers(width - side + 1))
    return View(top, left, side, bool(rng.random() < 0.5))


def view_frame(frame: Pixels, view: View | Whole, *, size_px: int) -> Pixels:
    """The view of a frame (H, W, 3): (size_px, size_px, 3) uint8, or as `shape_of` says."""
    cut = _cut(frame, view, size_px)
    return _mirrored(cut) if view.flip else cut


def view_flow(codes: Pixels, view: View | Whole, *, size_px: int) -> Pixels:
    """The view of flow codes (H, W, 2), x then y: (size_px, size_px, 2) uint8, or as `shape_of` says.

    A horizontal flip reverses the columns and negates x only: what moved to the right now moves to
    the left, and up and down stay what they were. With `flow_mirror` ``as-published`` rows are reversed and
    both x and y negated, as the original two-stream notebooks did, to measure what that costs.
    """
    from twostream.flow.encoding import negate_codes

    cut = _cut(codes, view, size_px)
    if not view.flip:
        return cut
    if view.flow_mirror == "as-published":
        return np.ascontiguousarray(negate_codes(cut[::-1]))
    mirrored = _mirrored(cut)
    mirrored[..., 0] = negate_codes(mirrored[..., 0])
    return mirrored


def stretched(image: Pixels, stretch: Stretch, *, size_px: int) -> Pixels:
    """An image (H, W, C) as `stretch` says: (size_px, size_px, C) uint8."""
    from twostream.video.resize import resize

    square = resize(image, width=size_px, height=size_px)
    return np.ascontiguousarray(square.swapaxes(0, 1)) if stretch.transposed else square


def view_flow_planes(
    planes: Iterable[Pixels], view: View | Whole, *, size_px: int, out: Pixels
) -> None:
    """The view of flows given as single planes (H, W), x and y in turn, into `out` (n, S, S) uint8.

    Exactly `view_flow` of each flow, in less time: a plane is cut while it is in the cache, and all are
    mirrored at once, in place.
    """
    from twostream.flow.encoding import negate_codes

    if _halves_differ(view, size_px):
        for k, piece in enumerate(_cut_in_pairs(planes, view, size_px)):
            out[k] = piece
    else:
        for k, plane in enumerate(planes):
            _cut(plane, view, size_px, out=out[k])
    if not view.flip:
        return
    if view.flow_mirror == "as-published":
        out[:] = negate_codes(out[:, ::-1])
        return
    rows = out.reshape(-1, out.shape[2])
    _mirrored(rows, out=rows)
    negate_codes(out[::2], out=out[::2])


def _halves_differ(view: View | Whole, size_px: int) -> bool:
    """Whether OpenCV averages whole blocks, where it rounds halves of one channel and of two otherwise.

    Of a whole image it is not known beforehand.
    """
    return isinstance(view, Whole) or (view.side > size_px and view.side % size_px == 0)


def _cut_in_pairs(planes: Iterable[Pixels], view: View | Whole, size_px: int) -> Iterator[Pixels]:
    import cv2

    one_by_one = iter(planes)
    for x, y in zip(one_by_one, one_by_one, strict=True):
        yield from cv2.split(_cut(cv2.merge((x, y)), view, size_px))


def _mirrored(image: Pixels, out: Pixels | None = None) -> Pixels:
    """A copy with its columns reversed; OpenCV's is several times as fast as that of a reversed view.

    `out` may be `image` itself.
    """
    import cv2

    mirrored: Pixels = cv2.flip(image, 1, out)
    return mirrored


def _cut(image: Pixels, view: View | Whole, size_px: int, *, out: Pixels | None = None) -> Pixels:
    from twostream.video.resize import resize

    if isinstance(view, Whole):
        height, width = shape_of(view, *image.shape[:2], size_px=size_px)
        return np.ascontiguousarray(resize(image, width=width, height=height, out=out))
    square = image[view.top : view.top + view.side, view.left : view.left + view.side]
    if square.shape[:2] != (view.side, view.side):
        raise ValueError(f"{view} leaves an image of shape {image.shape}")
    if out is None and square.shape[0] == size_px:
        return np.ascontiguousarray(square)
    return resize(square, width=size_px, height=size_px, bilinear_to=view.bilinear_to, out=out)
