"""One drawing for PNG and SVG: where things stand in pixels, and what the legend says."""

from __future__ import annotations

from dataclasses import dataclass

from streamergraph.lettering import Box, ems, shortened
from streamergraph.view.labels import choose_labels
from streamergraph.view.palette import DARK, OTHER, Theme, community_color, mixed
from streamergraph.view.scene import NO_NUMBER, Node, Scene

SIDE = 1600.0
LEGEND_WIDTH = 420.0
MARGIN = 40.0
LABELS = 60
LEGEND_ENTRIES = 26  # as many as stand beside the picture
FOOTER_SIZE = 14.0
LEGEND_EMS = 24.0  # of a line: 42 narrow letters, and no circle is reached


Line = tuple[float, float, float, float]


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
    theme: Theme
    title: str
    subtitle: str
    weight: str
    footer: str
    graph: str  # the graph's hash
    circles: list[tuple[float, float, float, str]]
    edges: list[tuple[str, list[Line]]]
    edge_opacity: float
    edge_width: float
    labels: list[Label]
    legend: list[LegendEntry]


def compose(scene: Scene, theme: Theme = DARK, *, labels: int = LABELS) -> Picture:
    """Lay the scene out on a square beside its legend, with at most so many names."""
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

    within: dict[str, list[Line]] = {}
    between: dict[str, list[Line]] = {}
    for a, b, _ in sorted(scene.edges, key=lambda edge: edge[2]):
        one, other = scene.nodes[a], scene.nodes[b]
        same = one.community == other.community and one.community >= 0
        first, second = sorted((one.color, other.color))
        color = one.color if same else mixed(first, second, 0.5)
        lines = within if same else between
        lines.setdefault(theme.on_ground(color), []).append((*place(one), *place(other)))
    sparsity = 20_000 / max(1, len(scene.edges))
    chosen = choose_labels(scene.nodes, most=labels, box_of=box_of)
    return Picture(
        width=LEGEND_WIDTH + SIDE,
        height=SIDE,
        theme=theme,
        title=scene.title,
        subtitle=f"{len(scene.nodes):,} streamers, {len(scene.edges):,} relations of shared audience",
        weight=scene.weight.sentence,
        graph=scene.graph,
        footer=shortened(scene.made, most_ems=(LEGEND_WIDTH + SIDE - 2 * MARGIN) / FOOTER_SIZE),
        circles=[
            (*place(node), node.radius * scale, theme.on_ground(node.color)) for node in scene.nodes
        ],
        # Relations within a community above those between.
        edges=[*between.items(), *within.items()],
        # Few edges must be seen one by one, many only as a haze.
        edge_opacity=min(0.6, 0.16 * sparsity**0.35),
        edge_width=max(0.5, min(2.0, 0.7 * sparsity**0.2)),
        labels=[
            Label(text=node.name, x=place(node)[0], y=place(node)[1], size=letters(node))
            for node in chosen
        ],
        legend=legend_entries(scene, theme),
    )


def legend_entries(scene: Scene, theme: Theme = DARK) -> list[LegendEntry]:
    """The communities for which there is room, then all others in one entry.

    Where there are no communities, why not.
    """
    entries = [
        LegendEntry(
            color=theme.on_ground(community_color(community.community)),
            text=", ".join(community.streamers[:2]),
            detail=f"{community.size} · {', '.join(community.categories[:2])}",
        )
        for community in scene.legend
        if 0 <= community.community < LEGEND_ENTRIES
    ]
    others = [c.size for c in scene.legend if not 0 <= c.community < LEGEND_ENTRIES]
    grey = theme.on_ground(OTHER)
    if others:
        entries.append(LegendEntry(color=grey, text=NO_NUMBER, detail=f"{sum(others)}"))
    if scene.why_none:
        first, _, rest = scene.why_none.partition(": ")
        entries.append(LegendEntry(color=theme.ground, text=first, detail=rest))
    return [
        LegendEntry(
            color=entry.color,
            text=shortened(entry.text, most_ems=LEGEND_EMS),
            detail=shortened(entry.detail, most_ems=LEGEND_EMS),
        )
        for entry in entries
    ]
