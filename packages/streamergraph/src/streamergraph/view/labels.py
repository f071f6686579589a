"""Which names fit into a picture without covering one another."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from streamergraph.view.scene import Node

Box = tuple[float, float, float, float]


def choose_labels(
    nodes: Sequence[Node],
    *,
    most: int,
    box_of: Callable[[Node], Box],
    taken: Sequence[Box] = (),
) -> list[Node]:
    """The nodes with the most viewers whose boxes (left, top, right, bottom) overlap none before."""
    boxes = list(taken)
    chosen: list[Node] = []
    for node in sorted(nodes, key=lambda node: (-node.mean_viewers, node.streamer_id)):
        if len(chosen) == most:
            break
        box = box_of(node)
        if not any(_overlap(box, other) for other in boxes):
            boxes.append(box)
            chosen.append(node)
    return chosen


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
