"""A graph as files for other tools hold it: what GEXF and GraphML have in common.

Gephi (0.10) drops edges whose direction differs from that of their file, so a whole file has one: edges
are undirected, and the kinds of their ends say who played what. An attribute `label` replaces the name
of a node there, so the kind of a node is called `kind`. Only `weight`, in small letters, is a weight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

AttributeKind = Literal["long", "double", "string"]
KIND = "kind"
# Words with a meaning of their own in one of the formats or in a tool that reads them.
RESERVED = {KIND, "label", "weight", "id", "source", "target", "type"}
# Gephi moves sizes to 4..100, and all positions by the factor of the largest.
LARGEST_TO_SMALLEST = 25.0


@dataclass(frozen=True, kw_only=True)
class Look:
    """Where a node is drawn: middle, radius (same unit, y upwards), red, green and blue to 255."""

    x: float
    y: float
    radius: float
    color: tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class ExchangeNode:
    """A node: its name is its label; `values` by the names of the graph's `node_attributes`."""

    identity: str
    name: str
    kind: str
    values: Mapping[str, Any]
    look: Look | None = None


@dataclass(frozen=True, kw_only=True)
class ExchangeEdge:
    """An undirected edge between two nodes, by their identities; `label` is what people read on it."""

    source: str
    target: str
    kind: str
    weight: float
    values: Mapping[str, Any]
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class ExchangeGraph:
    """Nodes and edges with typed attributes; values that are None or absent are not known.

    Names of attributes are none of `RESERVED`.
    """

    description: str
    node_attributes: Mapping[str, AttributeKind]
    edge_attributes: Mapping[str, AttributeKind]
    nodes: Sequence[ExchangeNode] = field(default_factory=tuple)
    edges: Sequence[ExchangeEdge] = field(default_factory=tuple)

    def __post_init__(self) -> None:
        taken = RESERVED & (set(self.node_attributes) | set(self.edge_attributes))
        if taken:
            raise ValueError(f"attributes called {sorted(taken)} have a meaning of their own")


def known(values: Mapping[str, Any], names: Mapping[str, AttributeKind]) -> list[tuple[str, Any]]:
    """The values of a node or an edge that are known, in the order of `names`."""
    return [(name, values[name]) for name in names if values.get(name) is not None]


def radii(nodes: Sequence[ExchangeNode]) -> list[float]:
    """Radii as files hold them: the largest at most 25 times the smallest (`LARGEST_TO_SMALLEST`)."""
    drawn = [node.look.radius for node in nodes if node.look is not None]
    # A little less, so that rounding to six digits does not cross it.
    least = max(drawn, default=0.0) / LARGEST_TO_SMALLEST * 1.0001
    return [max(node.look.radius, least) if node.look is not None else 0.0 for node in nodes]
