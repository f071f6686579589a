"""The picture as SVG, on dark or light ground."""

from __future__ import annotations

from pathlib import Path

from streamergraph.atomic import write_text
from streamergraph.view.picture import FOOTER_SIZE, Picture
from streamergraph.xml_text import xml_text


def write_svg(path: Path, picture: Picture) -> None:
    """Write the picture as an SVG file that needs nothing else."""
    write_text(path, svg_text(picture))


def svg_text(picture: Picture) -> str:
    """The picture as SVG text; characters that XML forbids are left out."""
    width, height, theme = picture.width, picture.height, picture.theme
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" '
        'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif">',
        f"<title>{xml_text(picture.title)}</title>",
        f"<desc>{xml_text(picture.weight)} {xml_text(picture.footer)} "
        f"Graph {picture.graph}.</desc>",
        f'<rect width="100%" height="100%" fill="{theme.ground}"/>',
    ]
    for color, edges in picture.edges:
        path = "".join(f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" for x1, y1, x2, y2 in edges)
        lines.append(
            f'<path d="{path}" stroke="{color}" stroke-width="{picture.edge_width:.2f}" '
            f'stroke-opacity="{picture.edge_opacity:.2f}" fill="none"/>'
        )
    lines.append(f'<g stroke="{theme.ground}" stroke-width="0.5">')
    lines += [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.2f}" fill="{color}"/>'
        for x, y, radius, color in picture.circles
    ]
    lines.append("</g>")
    lines.append(
        f'<g fill="{theme.ink}" stroke="{theme.ground}" stroke-width="3" paint-order="stroke" '
        'stroke-linejoin="round" text-anchor="middle">'
    )
    lines += [
        f'<text x="{label.x:.1f}" y="{label.y + 0.35 * label.size:.1f}" '
        f'font-size="{label.size:.1f}">{xml_text(label.text)}</text>'
        for label in picture.labels
    ]
    lines.append("</g>")
    lines.append(
        f'<text x="40" y="64" font-size="26" font-weight="650" fill="{theme.ink}">'
        f"{xml_text(picture.title)}</text>"
    )
    lines.append(
        f'<text x="40" y="94" font-size="15" fill="{theme.muted}">{xml_text(picture.subtitle)}</text>'
    )
    lines.append(
        f'<text x="40" y="114" font-size="13" fill="{theme.muted}">{xml_text(picture.weight)}</text>'
    )
    lines.append(
        f'<text x="40" y="{height - 13:g}" font-size="{FOOTER_SIZE:g}" fill="{theme.muted}">'
        f"{xml_text(picture.footer)}</text>"
    )
    for k, entry in enumerate(picture.legend):
        y = 140 + 48 * k
        lines.append(f'<circle cx="50" cy="{y}" r="9" fill="{entry.color}"/>')
        lines.append(
            f'<text x="70" y="{y + 1}" font-size="16" fill="{theme.ink}">{xml_text(entry.text)}</text>'
        )
        lines.append(
            f'<text x="70" y="{y + 20}" font-size="13" fill="{theme.muted}">{xml_text(entry.detail)}</text>'
        )
    lines.append("</svg>\n")
    return "\n".join(lines)
