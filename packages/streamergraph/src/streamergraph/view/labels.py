"""Which names fit into a picture without covering one another."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from streamergraph.lettering import Box, overlap
from streamergraph.view.scene import Node


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
        if not any(overlap(box, other) for other in boxes):
            boxes.append(box)
            chosen.append(node)
    return chosen
