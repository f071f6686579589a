"""Images that can be opened again: read forwards, and from the first one on where that does not do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from os import PathLike
from typing import TYPE_CHECKING, TypeVar

from twostream.datasets.names import counted
from twostream.errors import TwostreamError
from twostream.sources.forward import Forward, PassedError
from twostream.sources.specification import FlowSpecification
from twostream.store.jpeg import Image
from twostream.store.source import Planes

if TYPE_CHECKING:
    from twostream.flow.tv_l1.flow import Threads

Item = TypeVar("Item")
Images = Generator[Callable[[], Image], None, None]


class Rewinding:
    """Frames and flows of images that `open_images` gives from the first one on, as often as it is asked.

    In order, each image is made once and each flow computed once; what has passed and is no longer kept
    makes it begin again. Thread-safe. `subject` is what errors name.
    """

    def __init__(
        self,
        open_images: Callable[[], Images],
        specification: FlowSpecification,
        *,
        subject: str | PathLike[str],
        threads: Threads = 1,
    ) -> None:
        self.lock = threading.RLock()
        self._open_images = open_images
        self._specification = specification
        self._subject = subject
        self._threads = threads
        self._opened: Images | None = None
        self._forward: Forward | None = None

    def frames(self, first: int, end: int | None) -> Iterator[Image]:
        """Frames `first` to `end`; TwostreamError where there are fewer."""
        return self._each(Forward.frame, "frame", first, end)

    def flows(self, first: int, end: int | None) -> Iterator[Planes]:
        """Flows `first` to `end`; TwostreamError where there are fewer."""
        return self._each(Forward.flow, "flow", first, end)

    def close(self) -> None:
        """Close what is open; it is opened again when more is asked for."""
        with self.lock:
            if self._forward is not None:
                self._forward.close()
            if self._opened is not None:
                self._opened.close()
            self._opened = self._forward = None

    def _each(
        self,
        read: Callable[[Forward, int], Item | None],
        kind: str,
        first: int,
        end: int | None,
    ) -> Iterator[Item]:
        if first < 0 or (end is not None and end < first):
            raise IndexError(f"{self._subject}: {kind}s {first} to {end}")
        index = first
        while end is None or index < end:
            with self.lock:
                item = self._read(read, index, stretch=0 if end is None else end - first)
                reached = self._forward.reached if self._forward else 0
            if item is None:
                if end is None:
                    return
                raise TwostreamError(
                    self._subject,
                    expected=f"{kind} {index}",
                    found=f"a video of {counted(reached, 'frame')}",
                    remedy="ask for less of it",
                )
            yield item
            index += 1

    def _read(
        self, read: Callable[[Forward, int], Item | None], index: int, *, stretch: int
    ) -> Item | None:
        try:
            try:
                return read(self._started(stretch), index)
            except PassedError:
                self.close()
                return read(self._started(stretch), index)
        except TwostreamError:
            self.close()  # what has failed is not gone on with
            raise

    def _started(self, stretch: int) -> Forward:
        if self._forward is None:
            self._opened = self._open_images()
            self._forward = Forward(
                self._opened, self._specification, subject=self._subject, threads=self._threads
            )
        self._forward.keep(stretch)
        return self._forward
