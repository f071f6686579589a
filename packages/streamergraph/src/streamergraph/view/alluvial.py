"""Communities over time as a picture: a column a date, and streams of those who went on."""

from __future__ import annotations

from streamergraph.communities.weeks import Followed
from streamergraph.lettering import shortened
from streamergraph.view.palette import DARK, OTHER, Theme, community_color
from streamergraph.xml_text import xml_text

COLUMN_WIDTH, STEP = 16.0, 210.0
TOP, HEIGHT, GAP = 90.0, 720.0, 6.0
LEFT, RIGHT = 40.0, 330.0
NAME_EMS = 22.0
LEAST_NAMED = 9.0  # pixels of height


def alluvial_svg(followed: Followed, *, title: str, theme: Theme = DARK) -> str:
    """The picture as SVG text; heights are numbers of streamers, colours are lines."""
    count = len(followed.dates)
    width = LEFT + STEP * (count - 1) + COLUMN_WIDTH + RIGHT
    sizes = {
        date: {line.line: line.sizes[date] for line in followed.lines if date in line.sizes}
        for date in followed.dates
    }
    most = max((sum(one.values()) for one in sizes.values()), default=1) or 1
    rows = max((len(one) for one in sizes.values()), default=1)
    scale = (HEIGHT - GAP * rows) / most
    boxes: dict[tuple[str, int], tuple[float, float, float]] = {}
    for k, date in enumerate(followed.dates):
        y = TOP
        for line, size in sorted(sizes[date].items()):
            boxes[date, line] = (LEFT + STEP * k, y, size * scale)
            y += size * scale + GAP
    color = {line.line: theme.on_ground(community_color(line.line)) for line in followed.lines}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {TOP + HEIGHT + 40:g}" '
        f'width="{width:g}" height="{TOP + HEIGHT + 40:g}" '
        'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif">',
        f"<title>{xml_text(title)}</title>",
        f'<rect width="100%" height="100%" fill="{theme.ground}"/>',
        f'<text x="{LEFT:g}" y="38" font-size="22" font-weight="650" fill="{theme.ink}">'
        f"{xml_text(title)}</text>",
        *_streams(followed, boxes, scale, color, theme),
    ]
    last = followed.dates[-1] if followed.dates else ""
    for (date, line), (x, y, height) in boxes.items():
        about = followed.lines[line]
        parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{COLUMN_WIDTH}" height="{max(1, height):.1f}" '
            f'fill="{color[line]}"><title>{xml_text(about.name)}: {sizes[date][line]} in '
            f"{xml_text(date)}</title></rect>"
        )
        ends = date == last or date == max(about.sizes)
        if ends and height >= LEAST_NAMED:
            name = shortened(about.name, most_ems=NAME_EMS if date == last else 10)
            parts.append(
                f'<text x="{x + COLUMN_WIDTH + 8:.1f}" y="{y + height / 2 + 4:.1f}" font-size="13" '
                f'fill="{theme.ink}">{xml_text(name)}</text>'
            )
    for k, date in enumerate(followed.dates):
        parts.append(
            f'<text x="{LEFT + STEP * k + COLUMN_WIDTH / 2:.1f}" y="{TOP - 14:g}" font-size="13" '
            f'text-anchor="middle" fill="{theme.muted}">{xml_text(date)}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def _streams(
    followed: Followed,
    boxes: dict[tuple[str, int], tuple[float, float, float]],
    scale: float,
    color: dict[int, str],
    theme: Theme,
) -> list[str]:
    parts: list[str] = []
    used_right: dict[tuple[str, int], float] = {}
    used_left: dict[tuple[str, int], float] = {}
    for date, following, start, end, count in followed.flows.iter_rows():
        if (date, start) not in boxes or (following, end) not in boxes:
            continue  # from or to no community
        x1, y1, _ = boxes[date, start]
        x2, y2, _ = boxes[following, end]
        thick = count * scale
        top1 = y1 + used_right.get((date, start), 0.0)
        top2 = y2 + used_left.get((following, end), 0.0)
        used_right[date, start] = used_right.get((date, start), 0.0) + thick
        used_left[following, end] = used_left.get((following, end), 0.0) + thick
        x1, middle = x1 + COLUMN_WIDTH, (x1 + COLUMN_WIDTH + x2) / 2
        fill = color.get(start, theme.on_ground(OTHER))
        parts.append(
            f'<path d="M{x1:.1f} {top1:.1f}C{middle:.1f} {top1:.1f} {middle:.1f} {top2:.1f} '
            f"{x2:.1f} {top2:.1f}V{top2 + thick:.1f}C{middle:.1f} {top2 + thick:.1f} {middle:.1f} "
            f'{top1 + thick:.1f} {x1:.1f} {top1 + thick:.1f}Z" fill="{fill}" fill-opacity="0.4">'
            f"<title>{count}</title></path>"
        )
    return parts
