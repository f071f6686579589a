"""Colours of page and pictures, on light and on dark, and the rules that pictures use.

Streams have the colours of Okabe and Ito (Color Universal Design, 2008), darkened or lightened for
contrast: they stay apart for all common kinds of colour vision. Marks differ in shape as well.
"""

from __future__ import annotations

import re

LIGHT = {
    "paper": "#fcfbf8",
    "surface": "#f4f2ec",
    "ink": "#1e2126",
    "muted": "#5b616b",
    "rule": "#d8d4ca",
    "grid": "#e5e2d9",
    "spatial": "#0072b2",
    "temporal": "#d05a00",
    "fusion": "#007f5f",
    "right": "#2f5272",
    "wrong": "#b0246c",
    "on-heat": "#ffffff",
}
DARK = {
    "paper": "#15171b",
    "surface": "#1e2127",
    "ink": "#e9e7e2",
    "muted": "#a5abb6",
    "rule": "#3a3f49",
    "grid": "#2b2f37",
    "spatial": "#56b4e9",
    "temporal": "#f0a04b",
    "fusion": "#45cf9f",
    "right": "#a8c7e4",
    "wrong": "#f290c2",
    "on-heat": "#101216",
}

PICTURE_RULES = """
.picture text { fill: var(--ink); font-size: 13px; }
.picture { font-family: system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; }
.picture .muted { fill: var(--muted); }
.picture .strong { font-weight: 650; }
.picture .num { font-variant-numeric: tabular-nums; }
.picture .end { text-anchor: end; }
.picture .middle { text-anchor: middle; }
.picture .on-heat { fill: var(--on-heat); }
.picture .backdrop { fill: var(--paper); }
.picture .surface { fill: var(--surface); }
.picture .grid { stroke: var(--grid); fill: none; }
.picture .rule { stroke: var(--rule); fill: none; }
.picture .axis { stroke: var(--muted); fill: none; }
.picture .halo { stroke: var(--paper); stroke-width: 3.5; fill: none; }
.picture .whisker { stroke: var(--ink); stroke-width: 1.5; fill: none; }
.picture .spatial { fill: var(--spatial); stroke: var(--spatial); }
.picture .temporal { fill: var(--temporal); stroke: var(--temporal); }
.picture .fusion { fill: var(--fusion); stroke: var(--fusion); }
.picture .right { fill: var(--right); }
.picture .wrong { fill: var(--wrong); }
.picture .bar { stroke: none; }
.picture .few { opacity: 0.4; }
.picture .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.picture .dashed { stroke-width: 1.75; stroke-dasharray: 5 4; stroke-linecap: butt; }
.picture .hollow { fill: none; }
.picture .dot { stroke: var(--paper); stroke-width: 1; }
"""


def kind(stream: str) -> str:
    """The colour of a stream: all fusions share one.

    >>> kind("temporal"), kind("fusion-svm")
    ('temporal', 'fusion')
    """
    return stream if stream in ("spatial", "temporal") else "fusion"


def variables(colors: dict[str, str]) -> str:
    """The colours as CSS custom properties.

    >>> variables({"ink": "#000000"})
    '--ink: #000000;'
    """
    return " ".join(f"--{name}: {value};" for name, value in colors.items())


def literal_rules(colors: dict[str, str]) -> str:
    """The picture rules with colours written out, for programs that know no custom properties."""
    return re.sub(r"var\(--([a-z-]+)\)", lambda found: colors[found[1]], PICTURE_RULES).strip()


def standalone_css() -> str:
    """The style of a picture in a file of its own."""
    dark = "@media screen and (prefers-color-scheme: dark)"
    return f"\n{literal_rules(LIGHT)}\n{dark} {{\n{literal_rules(DARK)}\n}}\n"
