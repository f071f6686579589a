"""FFmpeg's filters for the frames of one video."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

Kind = tuple[int, int, str]


def kind_of(frame: Any) -> Kind:
    """What a graph is made for: width, height and format of its frames."""
    return frame.width, frame.height, frame.format.name


def filter_graph(frame: Any, *filters: tuple[str, str]) -> Any:
    """A PyAV graph of `filters` (name and settings), one after another, for frames like this one."""
    import av

    graph: Any = av.filter.Graph()
    graph.threads = 1  # the clips are what runs in parallel
    last = graph.add_buffer(
        width=frame.width,
        height=frame.height,
        format=frame.format.name,
        time_base=frame.time_base or Fraction(1, 1000),
    )
    for name, settings in (*filters, ("buffersink", None)):
        following = graph.add(name, settings) if settings else graph.add(name)
        last.link_to(following)
        last = following
    graph.configure()
    return graph
