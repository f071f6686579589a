"""The picture as PNG, on dark or light ground."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, PngImagePlugin

from streamergraph.atomic import atomic_path
from streamergraph.view.fonts import draw_text
from streamergraph.view.palette import rgb
from streamergraph.view.picture import FOOTER_SIZE, Picture

SUPERSAMPLING = 2


def write_png(path: Path, picture: Picture) -> None:
    """Write the picture as a PNG of its width and height in pixels.

    Letters that no font at hand has are left out (see `fonts`). Its texts say what the picture is of.
    """
    k, theme = SUPERSAMPLING, picture.theme
    size = (round(picture.width) * k, round(picture.height) * k)
    image = Image.new("RGB", size, theme.ground)
    # In this mode lines are blended with what is below.
    draw = ImageDraw.Draw(image, "RGBA")
    width = max(1, round(picture.edge_width * k * 0.85))
    alpha = round(min(255, 255 * picture.edge_opacity))
    for color, edges in picture.edges:
        fill = (*rgb(color), alpha)
        for x1, y1, x2, y2 in edges:
            draw.line((x1 * k, y1 * k, x2 * k, y2 * k), fill=fill, width=width)
    for x, y, radius, color in picture.circles:
        box = ((x - radius) * k, (y - radius) * k, (x + radius) * k, (y + radius) * k)
        draw.ellipse(box, fill=color, outline=theme.ground)
    for label in picture.labels:
        draw_text(
            draw,
            label.text,
            x=label.x * k,
            baseline=(label.y + 0.35 * label.size) * k,
            size=label.size * k,
            fill=theme.ink,
            centred=True,
            outline=(2 * k, theme.ground),
        )
    draw_text(draw, picture.title, x=40 * k, baseline=64 * k, size=26 * k, fill=theme.ink)
    draw_text(draw, picture.subtitle, x=40 * k, baseline=94 * k, size=15 * k, fill=theme.muted)
    draw_text(draw, picture.weight, x=40 * k, baseline=114 * k, size=13 * k, fill=theme.muted)
    foot = (picture.height - 13) * k
    draw_text(draw, picture.footer, x=40 * k, baseline=foot, size=FOOTER_SIZE * k, fill=theme.muted)
    for row, entry in enumerate(picture.legend):
        y = (140 + 48 * row) * k
        draw.ellipse((41 * k, y - 9 * k, 59 * k, y + 9 * k), fill=entry.color)
        draw_text(draw, entry.text, x=70 * k, baseline=y + 1 * k, size=16 * k, fill=theme.ink)
        draw_text(draw, entry.detail, x=70 * k, baseline=y + 20 * k, size=13 * k, fill=theme.muted)
    small = image.resize((round(picture.width), round(picture.height)), Image.Resampling.LANCZOS)
    about = PngImagePlugin.PngInfo()
    said = f"{picture.weight} {picture.footer} Graph {picture.graph}."
    for name, text in (("Title", picture.title), ("Description", said)):
        about.add_itxt(name, text.encode("utf-8", "replace").decode())
    with atomic_path(path) as temporary:
        small.save(temporary, pnginfo=about)
