"""Pictures of the pages of `twostream serve`, for the documentation: light, dark, and as wide as a phone.

    python scripts/serve_pictures.py RUN CLIP [--examples FOLDER] [--out docs/images/serve]

RUN should know the classes of CLIP; it needs the extra `serve` and Debian's chromium.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from serving_trials import serving

sys.path.insert(0, str(Path(__file__).parents[1] / "packages/twostream/tests/support"))
from browser import chromium

WIDE, PHONE, HIGHEST = 1200, 390, 2600
LOOKS = (("light", WIDE, "light"), ("dark", WIDE, "dark"), ("phone", PHONE, "light"))


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


def picture(page: Any, place: Path, width: int, scheme: str) -> None:
    """The whole page, that wide."""
    size = {"width": width, "deviceScaleFactor": 1, "mobile": width < 600}
    page.call("Emulation.setDeviceMetricsOverride", height=900, **size)
    time.sleep(0.5)
    height = int(page.call("Page.getLayoutMetrics")["cssContentSize"]["height"]) + 1
    page.call("Emulation.setDeviceMetricsOverride", height=min(height, HIGHEST), **size)
    place.write_bytes(page.picture(scheme=scheme))
    print(place)


def main() -> None:
    """See the top of this file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--examples", type=Path)
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
            for name, width, scheme in LOOKS:
                picture(page, given.out / f"front-{name}.png", width, scheme)
            drop(page, given.clip)
            wait(page, "location.pathname.endsWith('/page') && document.getElementById('cam')")
            wait(page, "flow && !flow.hidden && flow.readyState >= 2 && video.readyState >= 2")
            page.script("seek(duration * .5)")
            wait(page, "!video.seeking && video.currentTime > 0 && !flow.seeking")
            page.script("document.getElementById('cam').click()")
            wait(page, "document.querySelectorAll('.seen img').length >= 2")
            wait(page, "[...document.querySelectorAll('.seen img')].every(one => one.complete)")
            for name, width, scheme in LOOKS:
                picture(page, given.out / f"result-{name}.png", width, scheme)


if __name__ == "__main__":
    main()
