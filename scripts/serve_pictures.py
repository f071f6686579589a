"""Pictures of the pages of `twostream serve`, for the documentation: light, dark, and as wide as a phone.

    python scripts/serve_pictures.py RUN CLIP [--examples FOLDER] [--at SECONDS] [--all] [--out FOLDER]

RUN should know the classes of CLIP, in which something moves `--at` so many seconds. Without `--all` only
those pictures are made that the documentation shows, in docs/images/serve where nothing else is said. It
needs the extra `serve`, Pillow and Debian's chromium.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from serving_trials import serving

sys.path.insert(0, str(Path(__file__).parents[1] / "packages/twostream/tests/support"))
from browser import chromium

WIDE, PHONE, HIGHEST = 1200, 390, 1860
WIDE_SCALE, COLOURS = 0.8, 256
LOOKS = (("light", WIDE, "light"), ("dark", WIDE, "dark"), ("phone", PHONE, "dark"))
DOCUMENTED = {"front-light", "result-light", "result-phone"}


def wait(page: Any, condition: str, seconds: float = 900.0) -> None:
    """Until an expression holds in the page."""
    until = time.monotonic() + seconds
    while not page.script(f"Boolean({condition})"):
        if time.monotonic() > until:
            raise RuntimeError(f"never: {condition}: {page.script('document.body.innerText')}")
        time.sleep(0.3)


def drop(page: Any, clip: Path) -> None:
    """A file dropped on the page."""
    content = base64.b64encode(clip.read_bytes()).decode()
    page.script(f"""(() => {{
      const bytes = Uint8Array.from(atob("{content}"), sign => sign.charCodeAt(0));
      const dropped = new DataTransfer();
      dropped.items.add(new File([bytes], {json.dumps(clip.name)}));
      document.getElementById("drop").dispatchEvent(
        new DragEvent("drop", {{ dataTransfer: dropped, bubbles: true, cancelable: true }}));
    }})()""")


def pictures(page: Any, place: Path, name: str, *, every: bool) -> None:
    """What the page looks like, from its top, in few colours, which takes a third of the bytes."""
    from PIL import Image

    for look, width, scheme in LOOKS:
        if not every and f"{name}-{look}" not in DOCUMENTED:
            continue
        size = {"width": width, "deviceScaleFactor": 1, "mobile": width < 600}
        page.call("Emulation.setDeviceMetricsOverride", height=900, **size)
        time.sleep(0.5)
        height = int(page.call("Page.getLayoutMetrics")["cssContentSize"]["height"]) + 1
        page.call("Emulation.setDeviceMetricsOverride", height=height, **size)
        with Image.open(io.BytesIO(page.picture(scheme=scheme))) as whole:
            top = whole.convert("RGB").crop((0, 0, whole.width, min(whole.height, HIGHEST)))
        if width == WIDE:
            top.thumbnail((round(WIDE_SCALE * WIDE), HIGHEST))
        target = place / f"{name}-{look}.png"
        palette = top.quantize(COLOURS, kmeans=3)
        few = top.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
        few.save(target, optimize=True)
        print(f"{target}: {target.stat().st_size // 1000} kB")


def main() -> None:
    """See the top of this file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--examples", type=Path)
    parser.add_argument("--at", type=float)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--out", type=Path, default=Path("docs/images/serve"))
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    more = ("--examples", str(given.examples)) if given.examples else ()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with (
            serving(given.run, *more, log=place / "log") as served,
            chromium(place / "profile") as page,
        ):
            page.open(f"http://127.0.0.1:{served.port}/")
            wait(page, "document.getElementById('classes').textContent")
            pictures(page, given.out, "front", every=given.all)
            drop(page, given.clip)
            wait(page, "location.pathname.endsWith('/page') && document.getElementById('cam')")
            wait(page, "flow && !flow.hidden && flow.readyState >= 2 && video.readyState >= 2")
            page.script(f"seek({given.at if given.at is not None else 'duration / 2'})")
            wait(page, "!video.seeking && video.currentTime > 0 && !flow.seeking")
            page.script("document.getElementById('cam').click()")
            wait(page, "document.querySelectorAll('.seen img').length >= 2")
            wait(page, "[...document.querySelectorAll('.seen img')].every(one => one.complete)")
            pictures(page, given.out, "result", every=given.all)


if __name__ == "__main__":
    main()
