"""One HTML file that holds the graph, the program that shows it, and needs nothing else."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from streamergraph.atomic import write_text
from streamergraph.audience_graph.measures import MEASURES
from streamergraph.view.palette import DARK, LIGHT, OTHER, THEMES, community_color
from streamergraph.view.scene import NO_NUMBER, Node, Scene

LOGIN = re.compile(r"[A-Za-z0-9_]{2,25}")
ADDRESS = re.compile(r"https?://[^\s,;<>\"']+")
VENDORED = {"sigma": "3.0.3", "graphology": "0.26.0"}


def write_page(path: Path, scene: Scene, *, theme: str | None = None, labels: int = 60) -> None:
    """Write the interactive page; names in it can hold anything.

    `theme` is the ground it opens on, dark or light; by default that of the reader's system.
    """
    write_text(path, page_text(scene, theme=theme, labels=labels))


def page_text(scene: Scene, *, theme: str | None = None, labels: int = 60) -> str:
    """The page as text."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("streamergraph.view", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(
        title=scene.title,
        made=scene.made,
        versions=VENDORED,
        css=Markup(_template("page.css")),
        saving=Markup(_template("saving.js")),
        script=Markup(_template("page.js")),
        graphology=Markup(_vendored("graphology.umd.min.js")),
        sigma=Markup(_vendored("sigma.min.js")),
        licenses=_vendored("graphology.LICENSE.txt") + "\n" + _vendored("sigma.LICENSE.txt"),
        themes=THEMES,
        theme=theme or "",
        left_out=scene.left_out,
        why_none=scene.why_none,
        data=Markup(embedded_json({**page_data(scene), "labels": labels})),
    )


def page_data(scene: Scene) -> dict[str, Any]:
    """What the page's program reads: short lists, since there are tens of thousands of edges."""
    return {
        "weight": {
            "column": scene.weight.column,
            "label": scene.weight.label,
            "isCount": scene.weight.is_count,
        },
        "made": scene.made,
        "graph": scene.graph,
        "nodes": [
            [
                str(node.streamer_id),
                node.name,
                round(node.x, 1),
                round(node.y, 1),
                round(node.radius, 2),
                node.community,
                node.color,
                [
                    node.mean_viewers,
                    node.peak_viewers,
                    node.mean_chatters,
                    node.distinct_chatters,
                    node.minutes_live,
                    node.audience,
                ],
                [list(category) for category in node.categories],
                [_short(node.measures[name]) for name in MEASURES],
                channel_address(node),
                web_addresses(node.social_links),
            ]
            for node in scene.nodes
        ],
        # Six digits of a percentage are more than anybody sees, and spare half of the file.
        "edges": [
            [a, b, weight if scene.weight.is_count else float(f"{weight:.6g}")]
            for a, b, weight in scene.edges
        ],
        "communities": [
            {
                "id": community.community,
                "name": community.name if community.community >= 0 else NO_NUMBER,
                "size": community.size,
                "color": community_color(community.community),
                "streamers": list(community.streamers),
                "categories": list(community.categories),
            }
            for community in sorted(scene.legend, key=lambda c: (c.community < 0, c.community))
        ],
        "themes": {
            one.name: {"ground": one.ground, "ink": one.ink, "muted": one.muted, "shade": one.shade}
            for one in (DARK, LIGHT)
        },
        "other": OTHER,
        "measures": list(MEASURES),
    }


def channel_address(node: Node) -> str | None:
    """The streamer's page at Twitch, where the login is known or the name can be one."""
    login = node.login or node.name
    return f"https://www.twitch.tv/{login.lower()}" if LOGIN.fullmatch(login) else None


def web_addresses(text: str | None) -> list[str]:
    """The web addresses in what was written into `social_links`.

    >>> web_addresses("https://a.example/x; http://b.example, javascript:alert(1)")
    ['https://a.example/x', 'http://b.example']
    """
    return ADDRESS.findall(text or "")


def _short(value: float | None) -> float | None:
    return float(f"{value:.6g}") if isinstance(value, float) else value


def embedded_json(value: Any) -> str:
    r"""JSON that can stand inside a script element whatever it says.

    >>> embedded_json("</script><!--")
    '"\\u003c/script>\\u003c!--"'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _vendored(name: str) -> str:
    return (resources.files("streamergraph.view") / "vendor" / name).read_text(encoding="utf-8")


def _template(name: str) -> str:
    return (resources.files("streamergraph.view") / "templates" / name).read_text(encoding="utf-8")
