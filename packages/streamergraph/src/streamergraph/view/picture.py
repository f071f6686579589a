"""One drawing for PNG and SVG: where things stand in pixels, and what the legend says."""

from __future__ import annotations

from dataclasses import dataclass

from streamergraph.lettering import Box, ems, shortened
from streamergraph.view.labels import choose_labels
from streamergraph.view.palette import EDGE_BETWEEN, community_color
from streamergraph.view.scene import NO_NUMBER, Node, Scene

SIDE = 1600.0
LEGEND_WIDTH = 420.0
MARGIN = 40.0
LABELS = 60
LEGEND_ENTRIES = 12
FOOTER_SIZE = 14.0
LEGEND_EMS = 24.0  # of a line: 42 narrow letters, and no circle is reached


@dataclass(frozen=True, kw_only=True)
class Label:
    """A name at the middle of its circle, with the height of its letters."""

    text: str
    x: float
    y: float
    size: float


@dataclass(frozen=True, kw_only=True)
class LegendEntry:
    """One line of the legend."""

    color: str
    text: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Circles (x, y, radius, colour), edges by colour (x1, y1, x2, y2), labels, legend; in pixels."""

    width: float
    height: float
    title: str
    subtitle: str
    weight: str
    footer: str
    graph: str  # the graph's hash
    circles: list[tuple[float, float, float, str]]
    edges: dict[str, list[tuple[float, float, float, float]]]
    edge_opacity: float
    edge_width: float
    labels: list[Label]
    legend: list[LegendEntry]


def compose(scene: Scene) -> Picture:
    """Lay the scene out on a square beside its legend."""
    scale = (SIDE - 2 * MARGIN) / 2000.0

    def place(node: Node) -> tuple[float, float]:
        return LEGEND_WIDTH + SIDE / 2 + node.x * scale, SIDE / 2 - node.y * scale

    def letters(node: Node) -> float:
        return min(30.0, max(11.0, 1.1 * node.radius * scale))

    def box_of(node: Node) -> Box:
        x, y = place(node)
        size = letters(node)
        half = 0.5 * size * ems(node.name) + 2
        return x - half, y - 0.6 * size, x + half, y + 0.6 * size

    edges: dict[str, list[tuple[float, float, float, float]]] = {}
    for a, b, _ in sorted(scene.edges, key=lambda edge: edge[2]):
        one, other = scene.nodes[a], scene.nodes[b]
        same = one.community == other.community and one.community >= 0
        color = one.color if same else EDGE_BETWEEN
        edges.setdefault(color, []).append((*place(one), *place(other)))
    # Grey below, colours above.
    ordered = dict(sorted(edges.items(), key=lambda item: item[0] != EDGE_BETWEEN))
    sparsity = 20_000 / max(1, len(scene.edges))
    chosen = choose_labels(scene.nodes, most=LABELS, box_of=box_of)
    return Picture(
        width=LEGEND_WIDTH + SIDE,
        height=SIDE,
        title=scene.title,
        subtitle=f"{len(scene.nodes)} streamers, {len(scene.edges)} relations of shared audience",
        weight=scene.weight.sentence,
        graph=scene.graph,
        footer=shortened(scene.made, most_ems=(LEGEND_WIDTH + SIDE - 2 * MARGIN) / FOOTER_SIZE),
        circles=[(*place(node), node.radius * scale, node.color) for node in scene.nodes],
        edges=ordered,
        # Few edges must be seen one by one, many only as a haze.
        edge_opacity=min(0.6, 0.16 * sparsity**0.35),
        edge_width=max(0.5, min(2.0, 0.7 * sparsity**0.2)),
        labels=[
            Label(text=node.name, x=place(node)[0], y=place(node)[1], size=letters(node))
            for node in chosen
        ],
        legend=legend_entries(scene),
    )


def legend_entries(scene: Scene) -> list[LegendEntry]:
    """The communities with a colour of their own, then everything grey in one entry."""
    entries = [
        LegendEntry(
            color=community_color(community.community),
            text=", ".join(community.streamers[:2]),
            detail=f"{community.size} · {', '.join(community.categories[:2])}",
        )
        for community in scene.legend
        if 0 <= community.community < LEGEND_ENTRIES
    ]
    grey = [c.size for c in scene.legend if not 0 <= c.community < LEGEND_ENTRIES]
    if grey:
        entries.append(
            LegendEntry(color=community_color(-1), text=NO_NUMBER, detail=f"{sum(grey)}")
        )
    return [
        LegendEntry(
            color=entry.color,
            text=shortened(entry.text, most_ems=LEGEND_EMS),
            detail=shortened(entry.detail, most_ems=LEGEND_EMS),
        )
        for entry in entries
    ]
