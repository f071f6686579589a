"""A copy of a video in which one sees what is found in it: the label, the best scores, the motion."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from twostream.events import warn
from twostream.reporting.lettering import is_drawable, shortened, width_of, write_on
from twostream.reporting.palette import DARK
from twostream.timelines.intervals import Interval
from twostream.timelines.window_scores import WindowScores
from twostream.video.decode import open_video
from twostream.video.rewriting import write_with_sound

T = TypeVar("T")
Pixels = npt.NDArray[np.uint8]
Insets = Iterable[tuple[float, Pixels]]
Looks = Iterable[tuple[float, "Look | None"]]
LEAST_SIDE_PX = 360  # smaller videos are enlarged, so that words can be read
BARS = 3
COLUMN_SHARE = 0.5  # of the short side, for where the streams looked


@dataclass(frozen=True, eq=False)
class LookedAt:
    """One stream's map over what it saw, (H, W, 3) uint8 RGB, and the words below it."""

    picture: Pixels
    words: tuple[str, str]


Look = Sequence[LookedAt]
"""Where the streams looked at a moment, a picture each."""


def write_overlay(
    target: Path,
    video: Path,
    scores: WindowScores,
    intervals: Sequence[Interval],
    *,
    insets: Insets = (),
    looks: Looks | None = None,
    on_frame: Callable[[], None] = lambda: None,
) -> None:
    """Write `video` once more to `target`, whole or not at all, with what is found in it drawn over it.

    At the bottom the label of the interval, if there is one, and the highest scores of the moment; at the
    top right the latest of the `insets`, pictures of flow (seconds, (H, W, 3) uint8 RGB) in the order of
    time. With `looks`, where streams looked (seconds, `Look`; None ends one), there is a column for the
    latest at the right. Frames are upright, at their times; the sound is kept (see `write_with_sound`).
    Raises TwostreamError for a video that cannot be read, OSError where `target` cannot be written.
    """
    lost = [name for name in scores.class_names if not is_drawable(name)]
    if lost:
        warn(
            f"{target}: this OpenCV has no letters for {', '.join(lost[:3])}"
            f"{' and others' if len(lost) > 3 else ''}, drawn as '?'; OpenCV 5 has"
        )
    drawing = Drawing(scores, intervals)
    with open_video(video) as opened:
        end = max(opened.stated_seconds or 0.0, 0.0)

        def frames() -> Iterator[tuple[float, Pixels]]:
            shown, looked = _Latest(insets), _Latest(looks or ())
            for frame in opened.shown_frames():
                image = enlarged(frame.image())
                drawing.draw(image, frame.seconds, shown.at(frame.seconds))
                if looks is not None:
                    column = drawing.column(image.shape[:2], looked.at(frame.seconds) or ())
                    image = np.concatenate([image, column], axis=1)
                yield frame.seconds, image
                on_frame()

        write_with_sound(target, frames(), sound_of=video, fps=opened.fps, duration_s=end)


class _Latest(Generic[T]):
    """The latest of some things at each moment, which do not go back."""

    def __init__(self, things: Iterable[tuple[float, T]]) -> None:
        self._coming = iter(things)
        self._next = next(self._coming, None)
        self._now: T | None = None

    def at(self, seconds: float) -> T | None:
        while self._next is not None and self._next[0] <= seconds + 1e-6:
            self._now = self._next[1]
            self._next = next(self._coming, None)
        return self._now


def enlarged(image: Pixels) -> Pixels:
    """A copy of the image (H, W, 3) uint8, enlarged to a short side of `LEAST_SIDE_PX` at least.

    >>> enlarged(np.zeros((100, 150, 3), np.uint8)).shape
    (400, 600, 3)
    """
    factor = -(-LEAST_SIDE_PX // min(image.shape[:2]))
    if factor <= 1:
        return np.array(image)
    size = (image.shape[1] * factor, image.shape[0] * factor)
    larger: Pixels = cv2.resize(image, size, interpolation=cv2.INTER_CUBIC)
    return larger


class Drawing:
    """Draws what is said of any moment of one video."""

    def __init__(self, scores: WindowScores, intervals: Sequence[Interval]) -> None:
        self.names = scores.class_names
        self.background = scores.background
        self.middles = scores.windows_s.mean(axis=1)
        self.values = scores.streams[scores.deciding]
        self.intervals = sorted(intervals, key=lambda one: one.start_s)
        self._overlapping = scores.multi_label
        self._starts = [one.start_s for one in self.intervals]
        self._colours = {
            name: _rgb(DARK[name]) for name in ("ink", "muted", "fusion", "rule", "paper")
        }

    def interval_at(self, seconds: float) -> Interval | None:
        """The interval that holds a moment; where several labels hold at once, what they have in common."""
        k = bisect_right(self._starts, seconds + 1e-6)
        begun = self.intervals[0 if self._overlapping else max(k - 1, 0) : k]
        held = [one for one in begun if seconds < one.end_s - 1e-6]
        if len(held) < 2:
            return held[0] if held else None
        labels = " + ".join(one.label for one in held)
        start, end = max(one.start_s for one in held), min(one.end_s for one in held)
        return Interval(start, end, labels, min(one.score for one in held))

    def scores_at(self, seconds: float) -> npt.NDArray[np.float64]:
        """The scores (C,) of a moment, between the middles of two windows."""
        if not len(self.middles):
            return np.zeros(len(self.names))
        after = int(np.clip(np.searchsorted(self.middles, seconds), 1, len(self.middles) - 1))
        if len(self.middles) == 1:
            alone: npt.NDArray[np.float64] = self.values[0].astype(np.float64)
            return alone
        low, high = self.middles[after - 1], self.middles[after]
        share = float(np.clip((seconds - low) / max(high - low, 1e-9), 0, 1))
        first, second = self.values[after - 1 : after + 1].astype(np.float64)
        between: npt.NDArray[np.float64] = (1 - share) * first + share * second
        return between

    def bars_at(self, current: Interval | None, values: npt.NDArray[np.float64]) -> list[int]:
        """The classes of a moment that get a bar: those of the highest scores, and that of its interval.

        Somebody who bows stands still for moments on end, and it is a bow all the same.
        """
        best: list[int] = np.argsort(-values, kind="stable")[:BARS].tolist()
        if current is not None and current.label in self.names:
            own = list(self.names).index(current.label)
            if own not in best:
                best[-1] = own
        return best

    def draw(self, image: Pixels, seconds: float, inset: Pixels | None) -> None:
        """Draw all of it over `image` (H, W, 3) uint8 RGB, in place."""
        height, width = image.shape[:2]
        unit = min(height, width) / 360
        self._draw_panel(image, seconds, unit)
        if inset is not None:
            side = round(0.3 * min(height, width))
            shape = inset.shape
            scale = side / min(shape[:2])
            size = (max(round(shape[1] * scale), 1), max(round(shape[0] * scale), 1))
            small = cv2.resize(inset, size, interpolation=cv2.INTER_AREA)
            edge = round(8 * unit)
            tall, wide = min(size[1], height - edge), min(size[0], width - edge)
            place = image[edge : edge + tall, width - edge - wide : width - edge]
            place[:] = small[: place.shape[0], : place.shape[1]]
            corner = (width - edge - wide - 1, edge - 1)
            cv2.rectangle(image, corner, (width - edge, edge + tall), self._colours["ink"], 1)

    def column(self, shape: tuple[int, int], look: Look) -> Pixels:
        """Where the streams looked, one below the other, for the right of an image of a shape (H, W)."""
        height, width = shape
        unit = min(height, width) / 360
        edge, row = round(8 * unit), 18 * unit
        wide = round(COLUMN_SHARE * min(height, width)) // 2 * 2 + width % 2
        column = np.full((height, wide, 3), self._colours["paper"], np.uint8)
        y = edge
        for one in look:
            room = (wide - 2 * edge, height // len(look) - 2 * edge - round(3 * row))
            small = _within(one.picture, *room)
            column[y : y + small.shape[0], edge : edge + small.shape[1]] = small
            y += small.shape[0]
            for k, text in enumerate(one.words, start=1):
                told = shortened(text, size_px=13 * unit, room_px=room[0])
                colour = self._colours["ink" if k == 1 else "muted"]
                write_on(column, told, edge, y + k * row, size_px=13 * unit, colour=colour)
            y += round((len(one.words) + 0.5) * row) + edge
        return column

    def _draw_panel(self, image: Pixels, seconds: float, unit: float) -> None:
        height, width = image.shape[:2]
        row, pad = 20 * unit, 9 * unit
        current = self.interval_at(seconds)
        values = self.scores_at(seconds)
        best = self.bars_at(current, values)
        tall = round(2 * pad + 30 * unit + row * len(best))
        panel = image[height - tall :]
        panel[:] = (panel * np.float32(0.32)).astype(np.uint8)
        ink, muted = self._colours["ink"], self._colours["muted"]
        y = height - tall + pad + 20 * unit
        if current is not None:
            told = f"{current.score:.2f}"
            room = width - 3 * pad - width_of(told, size_px=18 * unit)
            name = shortened(current.label, size_px=24 * unit, room_px=room, bold=True)
            write_on(image, name, pad, y, size_px=24 * unit, colour=ink, bold=True)
            x = width - pad - width_of(told, size_px=18 * unit)
            write_on(image, told, x, y, size_px=18 * unit, colour=ink)
        else:
            write_on(image, "-", pad, y, size_px=24 * unit, colour=muted)
        names_px = min(0.42 * width, 190 * unit)
        for k in best:
            y += row
            colour = muted if self.names[k] == self.background else ink
            name = shortened(self.names[k], size_px=15 * unit, room_px=names_px - pad)
            write_on(image, name, pad, y, size_px=15 * unit, colour=colour)
            self._bar(image, names_px + pad, y, float(values[k]), unit)
            told = f"{values[k]:.2f}"
            x = width - pad - width_of("0.00", size_px=15 * unit)
            write_on(image, told, x, y, size_px=15 * unit, colour=colour)

    def _bar(self, image: Pixels, x: float, y: float, value: float, unit: float) -> None:
        room = image.shape[1] - x - 2 * 9 * unit - width_of("0.00", size_px=15 * unit)
        if room < 4:
            return
        top, bottom = round(y - 10 * unit), round(y - 1 * unit)
        for share, colour in ((1.0, "rule"), (value, "fusion")):
            right = round(x + max(room * share, 1))
            cv2.rectangle(image, (round(x), top), (right, bottom), self._colours[colour], -1)


def _within(picture: Pixels, width: int, height: int) -> Pixels:
    """The picture as large as there is room for it."""
    scale = min(width / picture.shape[1], height / picture.shape[0])
    size = (max(round(picture.shape[1] * scale), 1), max(round(picture.shape[0] * scale), 1))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    resized: Pixels = cv2.resize(picture, size, interpolation=how)
    return resized


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
