"""Graph files as the programs read them that they are for: networkx here, graphology in Node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[4]
# `make graph-readers` installs them there, from npm.
NODE_MODULES = "STREAMERGRAPH_NODE_MODULES"
PROGRAM = """
const { MultiGraph } = require("graphology");
const parsers = { gexf: require("graphology-gexf"), graphml: require("graphology-graphml") };
const file = process.argv[2];
const text = require("fs").readFileSync(file, "utf8");
const graph = parsers[file.split(".").pop()].parse(MultiGraph, text, { addMissingNodes: false });
process.stdout.write(JSON.stringify({
  directed: graph.directedSize,
  nodes: graph.mapNodes((key, values) => [key, values]),
  edges: graph.mapEdges((key, values, one, other) => [one, other, values]),
}));
"""


@dataclass(frozen=True)
class ReadGraph:
    """What a reader made of a file: nodes by identity, edges as (pair of identities, attributes)."""

    directed: bool
    nodes: dict
    edges: list


def read_by_networkx(path: Path) -> ReadGraph:
    networkx = pytest.importorskip("networkx")
    read = {".gexf": networkx.read_gexf, ".graphml": networkx.read_graphml}[path.suffix]
    graph = read(path)
    edges = [(frozenset((a, b)), values) for a, b, values in graph.edges(data=True)]
    return ReadGraph(graph.is_directed(), dict(graph.nodes(data=True)), edges)


def read_by_graphology(path: Path) -> ReadGraph:
    node = shutil.which("node")
    modules = Path(os.environ.get(NODE_MODULES, REPOSITORY / "build" / "readers" / "node_modules"))
    if node is None or not (modules / "graphology-gexf").is_dir():
        pytest.skip("graphology is absent: `make graph-readers` installs it where Node is")
    result = subprocess.run(
        [node, "-", str(path)], input=PROGRAM, capture_output=True, text=True, check=True,
        env={**os.environ, "NODE_PATH": str(modules)}, timeout=120,
    )  # fmt: skip
    found = json.loads(result.stdout)
    edges = [(frozenset((a, b)), values) for a, b, values in found["edges"]]
    return ReadGraph(found["directed"] > 0, dict(found["nodes"]), edges)


READERS = {"networkx": read_by_networkx, "graphology": read_by_graphology}
