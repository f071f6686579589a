"""Smoke test of an installed twostream: every verb on a few generated clips, in a few seconds.

Usage: python scripts/smoke.py OUT
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path


def main(out: Path) -> None:
    """Run the whole pipeline with the installed console command and look at what it leaves."""
    command = Path(sys.executable).with_name("twostream")
    (entry_point,) = entry_points(group="console_scripts", name="twostream")
    packed = {str(path) for path in entry_point.dist.files or ()}
    for needed in ("twostream/py.typed", "twostream/reporting/templates/report.html"):
        if not any(path.startswith(needed) for path in packed):
            sys.exit(f"{needed} is missing from the wheel")
    subprocess.run([command, "--help"], check=True, stdout=subprocess.DEVNULL)
    from twostream.lab.generated.dataset import generate_clips

    videos = generate_clips(
        out / "videos", groups_per_class=4, clips_per_group=1, width_px=64, height_px=48
    )
    run = [command, "run", videos, "--out", out / "run", "--flow", "dis", "--backbone", "cnn-s"]
    subprocess.run([*run, "--size", "32", "--epochs", "1"], check=True)
    results = json.loads((out / "run" / "results.json").read_text(encoding="utf-8"))
    for streams in results["protocols"].values():
        if not {"spatial", "temporal", "fusion"} <= set(streams):
            sys.exit(f"results.json holds {sorted(streams)}")
    page = (out / "run" / "report.html").read_text(encoding="utf-8")
    if "</html>" not in page:
        sys.exit("report.html is not whole")
    print("smoke test passed")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
