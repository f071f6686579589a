"""The picture as PNG, on dark ground."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from streamergraph.atomic import atomic_path
from streamergraph.view.palette import GROUND, INK, MUTED, rgb
from streamergraph.view.picture import Picture

SUPERSAMPLING = 2


def write_png(path: Path, picture: Picture) -> None:
    """Write the picture as a PNG of its width and height in pixels.

    Letters are those of the font that Pillow brings: Latin; a sign it lacks is drawn as a box.
    """
    k = SUPERSAMPLING
    size = (round(picture.width) * k, round(picture.height) * k)
    image = Image.new("RGB", size, GROUND)
    # In this mode lines are blended with what is below.
    draw = ImageDraw.Draw(image, "RGBA")
    alpha = round(min(255, 255 * picture.edge_opacity))
    for color, edges in picture.edges.items():
        fill = (*rgb(color), alpha)
        for x1, y1, x2, y2 in edges:
            draw.line((x1 * k, y1 * k, x2 * k, y2 * k), fill=fill, width=1)
    for x, y, radius, color in picture.circles:
        box = ((x - radius) * k, (y - radius) * k, (x + radius) * k, (y + radius) * k)
        draw.ellipse(box, fill=color, outline=GROUND)
    for label in picture.labels:
        draw.text(
            (label.x * k, label.y * k),
            label.text,
            font=ImageFont.load_default(label.size * k),
            fill=INK,
            anchor="mm",
            stroke_width=2 * k,
            stroke_fill=GROUND,
        )
    draw.text((40 * k, 64 * k), picture.title, font=_font(26), fill=INK, anchor="ls")
    draw.text((40 * k, 94 * k), picture.subtitle, font=_font(15), fill=MUTED, anchor="ls")
    for row, entry in enumerate(picture.legend):
        y = (140 + 48 * row) * k
        draw.ellipse((41 * k, y - 9 * k, 59 * k, y + 9 * k), fill=entry.color)
        draw.text((70 * k, y + 1 * k), entry.text, font=_font(16), fill=INK, anchor="ls")
        draw.text((70 * k, y + 20 * k), entry.detail, font=_font(13), fill=MUTED, anchor="ls")
    small = image.resize((round(picture.width), round(picture.height)), Image.Resampling.LANCZOS)
    with atomic_path(path) as temporary:
        small.save(temporary)


def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size * SUPERSAMPLING)
