from __future__ import annotations

import numpy as np
from streamergraph.audience_graph.weighted import WeightedGraph
from streamergraph.view.backbone import backbone


def test_a_backbone_keeps_what_says_most_and_cuts_nobody_off():
    rng = np.random.default_rng(0)
    a, b = np.triu_indices(60, 1)
    weight = rng.uniform(1, 2, len(a))
    group = np.arange(60) // 10
    weight[group[a] == group[b]] += 8
    graph = WeightedGraph(node_ids=np.arange(60), a=a, b=b, weight=weight)
    kept = backbone(graph, 300)
    assert 300 <= kept.sum() <= 360
    assert set(a[kept]) | set(b[kept]) == set(range(60))
    inside = group[a] == group[b]
    assert kept[inside].mean() > 0.9
    assert kept[~inside].mean() < 0.1
    assert backbone(graph, len(a)).all()
