"""Interlaced frames made whole, one for one, where frames say that they are interlaced."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from typing import Any

from twostream.video.graphs import filter_graph, kind_of

Timed = tuple[float, Any]
FILTER, SETTINGS = "bwdif", "mode=send_frame:deint=interlaced"


class Deinterlacing:
    """Passes frames on as they are until one says that it is interlaced; from there on through FFmpeg.

    `used` tells whether one was met. As many frames come out as go in, in the same order.
    """

    def __init__(self) -> None:
        self.used = False

    def __call__(self, frames: Iterator[Timed]) -> Generator[Timed, None, None]:
        """Yield (seconds, frame) for each (seconds, frame)."""
        graph: _Graph | None = None
        for seconds, frame in frames:
            if graph is not None and not graph.takes(frame):
                yield from graph.rest()
                graph = None
            if graph is None and frame.interlaced_frame:
                graph, self.used = _Graph(frame), True
            if graph is None:
                yield seconds, frame
            else:
                yield from graph.after(seconds, frame)
        if graph is not None:
            yield from graph.rest()


class _Graph:
    def __init__(self, frame: Any) -> None:
        self._kind = kind_of(frame)
        self._graph = filter_graph(frame, (FILTER, SETTINGS))
        self._seconds: deque[float] = deque()
        self._pushed = 0

    def takes(self, frame: Any) -> bool:
        return kind_of(frame) == self._kind

    def after(self, seconds: float, frame: Any) -> Iterator[Timed]:
        self._seconds.append(seconds)
        # Clocks may run back, which the filter minds; the times go beside it.
        frame.pts = self._pushed
        self._pushed += 1
        self._graph.push(frame)
        yield from self._ready()

    def rest(self) -> Iterator[Timed]:
        self._graph.push(None)
        yield from self._ready()

    def _ready(self) -> Iterator[Timed]:
        import av

        while self._seconds:
            try:
                frame = self._graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return
            yield self._seconds.popleft(), frame
