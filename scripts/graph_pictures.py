"""Make the pictures of the documentation of streamergraph from its demo.

Usage: python scripts/graph_pictures.py DEMO OUT   (DEMO: made by `streamergraph demo`; needs chromium)
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PIL import Image

WIDTH_PX = 1200


def main(demo: Path, out: Path) -> None:
    """Write demo.png and page.png below `out`."""
    out.mkdir(parents=True, exist_ok=True)
    shot = out / "page.png"
    subprocess.run(
        [
            "chromium", "--headless", "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader",
            "--enable-unsafe-swiftshader", "--hide-scrollbars", "--window-size=1400,900",
            "--virtual-time-budget=5000", f"--screenshot={shot}",
            f"{(demo / 'view' / 'graph.html').resolve().as_uri()}#node=2",
        ],
        check=True,
    )  # fmt: skip
    for source, name in ((demo / "view" / "graph.png", "demo.png"), (shot, "page.png")):
        image = Image.open(source).convert("RGB")
        height = round(image.height * WIDTH_PX / image.width)
        small = image.resize((WIDTH_PX, height), Image.Resampling.LANCZOS)
        small.quantize(128, dither=Image.Dither.NONE).save(out / name, optimize=True)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
