"""Images that come one after another, and the flows between them: each made once, the latest kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from os import PathLike
from typing import TYPE_CHECKING

from twostream.environment import available_cores
from twostream.flow.algorithms import Flow
from twostream.sources.images import flow_as_stored, flows_between, frame_as_stored
from twostream.sources.specification import FlowSpecification
from twostream.store.jpeg import Image
from twostream.store.source import Planes

if TYPE_CHECKING:
    from twostream.flow.tv_l1.flow import Threads

# As many images are kept, and as many flows, but large ones no more than the bytes allow and what is looked
# at at one moment: a stretch that was asked for, or half a stack, and the frames that threads are ahead.
KEPT, KEPT_BYTES = 48, 32 << 20
LONGEST_STRETCH, AHEAD = 256, 16


class PassedError(Exception):
    """An image was asked for that has passed and is no longer kept."""


class Forward:
    """A sequence of images that can be gone through once, and the flows between them, as they are stored.

    Images are numbered from 0; `images` gives a function for each, which is called only where the image is
    needed. The latest ones that were asked for are kept, so that frames and flows can be read side by side,
    and stacks that overlap. Memory does not grow with the number of images.
    """

    def __init__(
        self,
        images: Iterator[Callable[[], Image]],
        specification: FlowSpecification,
        *,
        subject: str | PathLike[str],
        threads: Threads = 1,
    ) -> None:
        self.reached = 0
        """Images that have come so far."""
        self.ended = False
        """Whether they were all."""
        self._images = images
        self._specification = specification
        self._subject = subject
        self._threads = threads
        self._ahead = AHEAD + (available_cores() if callable(threads) else threads)
        self._stretch = 0
        self._decoded: dict[int, Image] = {}
        self._frames: dict[int, Image] = {}
        self._planes: dict[int, Planes] = {}
        self._flows: Iterator[Flow] = iter(())
        self._next_flow = -1

    def keep(self, count: int) -> None:
        """Keep enough for stretches of `count` images that overlap."""
        self._stretch = max(self._stretch, min(count, LONGEST_STRETCH))

    def close(self) -> None:
        """Forget all: the flows that are begun take images of this sequence, and would keep it alive."""
        close = getattr(self._flows, "close", None)  # of a generator
        if close is not None:
            close()
        self._flows = iter(())
        for kept in (self._decoded, self._frames, self._planes):
            kept.clear()

    def frame(self, index: int) -> Image | None:
        """Frame `index`, None behind the end; raises PassedError where it has passed."""
        if index not in self._frames:
            image = self._image(index)
            if image is None:
                return None
            self._frames[index] = frame_as_stored(image, self._specification)
            self._forget(self._frames, image.nbytes)
        return self._frames[index]

    def flow(self, index: int) -> Planes | None:
        """Flow `index`, None behind the last; raises PassedError where its images have passed."""
        if index not in self._planes:
            if self._next_flow != index:
                self._flows = flows_between(
                    self._from(index),
                    self._specification,
                    threads=self._threads,
                    subject=self._subject,
                )
                self._next_flow = index
            flow = next(self._flows, None)
            if flow is None:
                self._next_flow = -1
                return None
            self._next_flow += 1
            self._planes[index] = flow_as_stored(flow, self._specification)
            self._forget(self._planes, 2 * self._planes[index][0].nbytes)
        return self._planes[index]

    def _from(self, index: int) -> Iterator[Image]:
        while (image := self._image(index)) is not None:
            yield image
            index += 1

    def _image(self, index: int) -> Image | None:
        if index in self._decoded:
            return self._decoded[index]
        if index < self.reached:
            raise PassedError(index)
        for make in self._images:
            self.reached += 1
            if self.reached > index:
                image = self._decoded[index] = make()
                self._forget(self._decoded, image.nbytes)
                return image
        self.ended = True
        return None

    def _forget(self, kept: dict[int, Image] | dict[int, Planes], item_bytes: int) -> None:
        """Drop the oldest ones."""
        most = max(self._stretch + self._ahead, min(KEPT, KEPT_BYTES // item_bytes))
        while len(kept) > most:
            del kept[next(iter(kept))]
