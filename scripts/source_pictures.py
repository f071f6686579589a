"""Draw the pictures of docs/hmdb51.md, docs/ucf101.md and docs/ready-frames.md.

Usage: python scripts/source_pictures.py [FOLDER]

FOLDER is docs/images by default. The tables need the clips of HMDB-51 and UCF-101 beside the repository
and are left as they are where those are absent; the rest is generated.
"""

from __future__ import annotations

import io
import re
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console, RenderableType
from rich.terminal_theme import TerminalTheme
from twostream.cli.tables.preparation import official_table
from twostream.datasets.load import load_dataset
from twostream.datasets.official import compare_with_official
from twostream.flow import dis
from twostream.lab.generated.clips import render_clip
from ucf101_rotations import write_rotations

REPOSITORY = Path(__file__).resolve().parents[1]
FOLDER = REPOSITORY / "docs" / "images"
DATA = REPOSITORY.parent / "shared" / "data"
CAPTION_PX, GAP_PX, GAIN = 22, 6, 4
Image = NDArray[np.uint8]
# Grey on white and on black alike; no colour carries a meaning.
THEME = TerminalTheme((250, 250, 250), (40, 40, 40), [(90, 90, 90)] * 8, [(90, 90, 90)] * 8)


def official_svg(videos: Path, annotations: Path) -> str:
    """The table that `prepare` prints for the clips at hand."""
    dataset = load_dataset(videos, annotations=annotations, seed=0)
    stored = [clip.clip_id for clip in dataset.clips]
    check = compare_with_official(dataset, stored=stored, chosen=False)
    assert check is not None
    return terminal_svg(official_table(check), title="twostream prepare", width=80)


def terminal_svg(shown: RenderableType, *, title: str, width: int) -> str:
    """What a terminal of `width` columns shows."""
    console = Console(record=True, width=width, file=io.StringIO(), highlight=False)
    console.print(shown)
    svg = console.export_svg(title=title, theme=THEME, unique_id="terminal")
    # Pictures fetch nothing from elsewhere.
    return re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.DOTALL)


def captioned(image: Image, caption: str) -> Image:
    """The image below a line of text, with a margin."""
    line = np.full((CAPTION_PX, image.shape[1]), 255, np.uint8)
    place = (2, CAPTION_PX - 7)
    cv2.putText(line, caption, place, cv2.FONT_HERSHEY_SIMPLEX, 0.42, 40, 1, cv2.LINE_AA)
    return np.pad(np.concatenate([line, image]), ((0, GAP_PX), (0, GAP_PX)), constant_values=255)


def left_over(before: Image, after: Image, flow: NDArray[np.float32]) -> tuple[Image, float]:
    """What the flow does not explain of two images, and its share of their difference."""
    rows, columns = np.indices(before.shape, dtype=np.float32)
    moved = cv2.remap(
        after,
        columns + flow[..., 0],
        rows + flow[..., 1],
        cv2.INTER_LINEAR,
        None,
        cv2.BORDER_REPLICATE,
    )
    left, still = cv2.absdiff(before, moved), cv2.absdiff(before, after)
    return 255 - cv2.multiply(left, (GAIN, 0, 0, 0)), float(left.mean() / still.mean())


def alignment() -> Image:
    """Three images, and what is left when the flow into the middle one is tried on either pair."""
    clip = render_clip("wave_fast", seed=0, group=2, clip=1, width_px=240, height_px=180)
    grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in clip]
    # Where the motion changes most, a flow fits one pair only.
    changes = [
        float(np.abs(dis(grey[k - 1], grey[k]) - dis(grey[k], grey[k + 1])).mean())
        for k in range(1, len(grey) - 1)
    ]
    k = 1 + int(np.argmax(changes))
    flow = dis(grey[k - 1], grey[k])
    into, share_into = left_over(grey[k - 1], grey[k], flow)
    out_of, share_from = left_over(grey[k], grey[k + 1], flow)
    images = [captioned(grey[k + d], f"image {k + d + 1}") for d in (-1, 0, 1)]
    blank = np.full_like(images[0], 255)
    tried = [
        captioned(into, f"{k} to {k + 1}, less flow {k + 1}: {share_into:.2f} left"),
        captioned(out_of, f"{k + 1} to {k + 2}, less flow {k + 1}: {share_from:.2f} left"),
        blank,
    ]
    return np.concatenate([np.concatenate(row, axis=1) for row in (images, tried)])


def main(folder: Path) -> None:
    """Write all pictures to `folder`."""
    # Grey, for a third of the bytes.
    cv2.imwrite(str(folder / "alignment.png"), alignment(), [cv2.IMWRITE_PNG_COMPRESSION, 9])
    print(folder / "alignment.png")
    with tempfile.TemporaryDirectory() as lists:
        if (DATA / "ucf101" / "videos").is_dir():
            write_rotations(DATA / "ucf101" / "videos", Path(lists))
        for name, annotations in (
            ("hmdb51", DATA / "hmdb51" / "annotations"),
            ("ucf101", Path(lists)),
        ):
            if not (DATA / name / "videos").is_dir():
                continue
            target = folder / f"official-{name}.svg"
            svg = official_svg(DATA / name / "videos", annotations)
            target.write_text(svg, encoding="utf-8")
            print(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
