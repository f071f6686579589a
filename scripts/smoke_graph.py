"""Smoke test of an installed streamergraph: the whole way on a small simulated world, in seconds.

Usage: python scripts/smoke_graph.py OUT
"""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

NEEDED = (
    "streamergraph/py.typed",
    "streamergraph/view/templates/page.js",
    "streamergraph/view/vendor/sigma.min.js",
    "streamergraph/view/vendor/sigma.LICENSE.txt",
    "streamergraph/reporting/templates/report.html",
)


def main(out: Path) -> None:
    """Run the console command and look at what it leaves."""
    command = Path(sys.executable).with_name("streamergraph")
    (entry_point,) = entry_points(group="console_scripts", name="streamergraph")
    packed = {str(path) for path in entry_point.dist.files or ()}
    for needed in NEEDED:
        if needed not in packed:
            sys.exit(f"{needed} is missing from the wheel")
    subprocess.run([command, "--help"], check=True, stdout=subprocess.DEVNULL)
    sizes = ["--streamers", "24", "--viewers", "1500", "--interval-minutes", "15"]
    subprocess.run([command, "simulate", "--out", out / "world", *sizes], check=True)
    run = [command, "run", out / "world" / "snapshots", "--out", out / "run", "--key", out / "key"]
    subprocess.run([*run, "--bots", out / "world" / "truth" / "bots.csv"], check=True)
    for name in ("view/graph.html", "view/graph.png", "view/graph.gexf", "quality.html", "graph"):
        if not (out / "run" / name).is_file():
            sys.exit(f"{name} was not written")
    subprocess.run([command, "query", out / "run" / "graph", "count"], check=True)
    print("smoke test passed")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
