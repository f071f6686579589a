#!/usr/bin/env bash
# NetworKit reads the weights of edges from GraphML only where the file declares them as `double`. Weights that are
# declared as `int`, `long` or `float`, types that GraphML has as well, are dropped without a word: each edge weighs 1.
# NetworkX declares `long` as soon as all weights are whole numbers. So counts, such as viewers that two channels share,
# are lost on the way from one to the other, and shares are not; and communities are found as if nothing had a weight.
#
# A ring of four nodes: 0-1 and 2-3 weigh 2, 1-2 and 3-0 weigh 9. NetworkX writes it, NetworKit reads it.
#
# Seen with NetworKit 11.3 and NetworkX 3.6.1, Python 3.11. Ends with 0 while this is so, with 1 once something of it has
# changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
python=$folder/venv/bin/python
"$python" -m pip --quiet --disable-pip-version-check install networkit==11.3 networkx==3.6.1
cd "$folder"
"$python" - <<'PY'
import re
import sys

import networkit
import networkx

RING = [("0", "1", 2), ("1", "2", 9), ("2", "3", 2), ("3", "0", 9)]


def write(number):
    """Write the ring with weights of one Python type; return the type that the file declares."""
    ring = networkx.Graph()
    ring.add_weighted_edges_from((a, b, number(weight)) for a, b, weight in RING)
    networkx.write_graphml(ring, "ring.graphml")
    return re.search('attr.name="weight" attr.type="([a-z]+)"', open("ring.graphml").read())[1]


def read(declared):
    """What NetworKit has of the file, once its declaration says `declared`."""
    text = re.sub('(attr.name="weight" attr.type=)"[a-z]+"', rf'\1"{declared}"', open("ring.graphml").read())
    open("declared.graphml", "w").write(text)
    graph = networkit.graphio.GraphMLReader().read("declared.graphml")
    weights = sorted(weight for _, _, weight in graph.iterEdgesWeights())
    print(f"declared as {declared:7} weighted: {graph.isWeighted()!s:5} weights: {weights}", flush=True)
    return weights


as_floats = write(float)
found = {as_floats: read(as_floats)}
as_whole_numbers = write(int)
found |= {declared: read(declared) for declared in (as_whole_numbers, "int", "float")}
print("NetworkX declares", as_whole_numbers, "for whole numbers,", as_floats, "for others")
kept, lost = [2.0, 2.0, 9.0, 9.0], [1.0] * 4
sys.exit(0 if found == {"double": kept, "long": lost, "int": lost, "float": lost} else 1)
PY
