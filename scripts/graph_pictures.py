"""Make the pictures of the documentation of streamergraph from its demo.

Usage: python scripts/graph_pictures.py DEMO OUT   (DEMO: made by `streamergraph demo`; needs chromium)
"""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

from PIL import Image

WIDTH_PX = 1200


def main(demo: Path, out: Path) -> None:
    """Write demo.png and page.png below `out`."""
    out.mkdir(parents=True, exist_ok=True)
    shot, page = out / "page.png", demo / "view" / "graph.html"
    # On dark ground whatever the system's is, with the most watched streamer selected.
    dark = page.with_name("dark.html")
    text = page.read_text(encoding="utf-8").replace("<html ", '<html data-theme="dark" ', 1)
    dark.write_text(text, encoding="utf-8")
    with (demo / "view" / "Streamer_dataset_short.csv").open(encoding="utf-8", newline="") as file:
        most = max(csv.DictReader(file), key=lambda row: int(row["viewer_mean"]))["Id"]
    subprocess.run(
        [
            "chromium", "--headless", "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader",
            "--enable-unsafe-swiftshader", "--hide-scrollbars", "--window-size=1400,900",
            "--virtual-time-budget=5000", f"--screenshot={shot}",
            f"{dark.resolve().as_uri()}#node={most}",
        ],
        check=True,
    )  # fmt: skip
    dark.unlink()
    for source, name in ((demo / "view" / "graph.png", "demo.png"), (shot, "page.png")):
        image = Image.open(source).convert("RGB")
        height = round(image.height * WIDTH_PX / image.width)
        small = image.resize((WIDTH_PX, height), Image.Resampling.LANCZOS)
        small.quantize(128, dither=Image.Dither.NONE).save(out / name, optimize=True)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
