"""GEXF 1.3 that Gephi and Gephi Lite read with places, sizes and colours, and Gephi's two CSVs.

Colours carry no alpha: Gephi Lite ignores those that do.
"""

from __future__ import annotations

from pathlib import Path

from streamergraph.atomic import write_csv, write_text
from streamergraph.tables.weights import exact, shown
from streamergraph.view.palette import rgb
from streamergraph.view.scene import Scene
from streamergraph.view.svg import legal

NODE_ATTRIBUTES = (
    ("community", "integer"),
    ("community_name", "string"),
    ("mean_viewers", "integer"),
    ("peak_viewers", "integer"),
    ("mean_chatters", "integer"),
    ("distinct_chatters", "integer"),
    ("minutes_live", "integer"),
)


def write_gexf(path: Path, scene: Scene) -> None:
    """Write the scene as GEXF 1.3, undirected, with viz positions, sizes and colours.

    Every edge has the attribute `measure`: what its weight is.
    """
    names = {community.community: community.name for community in scene.legend}
    audience = [("audience", "long")] if any(n.audience is not None for n in scene.nodes) else []
    attributes_of_nodes = [*NODE_ATTRIBUTES, *audience]
    weights = [weight for _, _, weight in scene.edges]
    said = f"{scene.title}. {scene.weight.sentence} {scene.made}"
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<gexf xmlns="http://gexf.net/1.3" xmlns:viz="http://gexf.net/1.3/viz" version="1.3">',
        f"<meta><creator>streamergraph</creator><description>{legal(said)}</description></meta>",
        '<graph defaultedgetype="undirected" mode="static">',
        '<attributes class="node" mode="static">',
    ]
    lines += [
        f'<attribute id="{k}" title="{name}" type="{kind}"/>'
        for k, (name, kind) in enumerate(attributes_of_nodes)
    ]
    lines += [
        "</attributes>",
        '<attributes class="edge" mode="static">',
        '<attribute id="measure" title="measure" type="string">'
        f"<default>{legal(scene.weight.label)}</default></attribute>",
        "</attributes>",
    ]
    lines.append(f'<nodes count="{len(scene.nodes)}">')
    for node in scene.nodes:
        values = {
            **{
                name: getattr(node, name)
                for name, _ in attributes_of_nodes
                if name != "community_name"
            },
            "community_name": names.get(node.community, ""),
        }
        red, green, blue = rgb(node.color)
        attributes = "".join(
            f'<attvalue for="{k}" value="{legal(str(values[name]))}"/>'
            for k, (name, _) in enumerate(attributes_of_nodes)
            if values[name] is not None
        )
        lines.append(
            f'<node id="{node.streamer_id}" label="{legal(node.name)}">'
            f"<attvalues>{attributes}</attvalues>"
            f'<viz:size value="{2 * node.radius:g}"/>'
            f'<viz:position x="{node.x:g}" y="{node.y:g}" z="0"/>'
            f'<viz:color r="{red}" g="{green}" b="{blue}"/></node>'
        )
    lines.append("</nodes>")
    lines.append(f'<edges count="{len(scene.edges)}">')
    lines += [
        f'<edge id="{k}" source="{scene.nodes[a].streamer_id}" target="{scene.nodes[b].streamer_id}" '
        f'weight="{exact(weight)}" label="{label}"/>'
        for k, ((a, b, weight), label) in enumerate(zip(scene.edges, shown(weights), strict=True))
    ]
    lines += ["</edges>", "</graph>", "</gexf>", ""]
    write_text(path, "\n".join(lines))


def write_gephi_csv(folder: Path, scene: Scene) -> None:
    """Write Gephi's two short tables: Id, Label, viewer_mean; and Source, Target, Weight.

    Where the weight is another one than in the published tables, a column Measure names it.
    """
    measure = [] if scene.weight.column == "overlap_percent" else [scene.weight.label]
    write_csv(
        folder / "Streamer_dataset_short.csv",
        ["Id", "Label", "viewer_mean"],
        [[node.streamer_id, node.name, node.mean_viewers] for node in scene.nodes],
    )
    write_csv(
        folder / "Streamer-Streamer_dataset_short.csv",
        ["Source", "Target", "Weight", *(["Measure"] if measure else [])],
        [
            [scene.nodes[a].streamer_id, scene.nodes[b].streamer_id, weight, *measure]
            for a, b, weight in scene.edges
        ],
    )
