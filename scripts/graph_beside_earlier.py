"""Processing of the graph beside that of an earlier commit: the same work by both, in one run, as ratios.

`python scripts/graph_beside_earlier.py e879f4a --rows 100000000` takes some minutes and 3 GB of disk.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SOURCES = "packages/streamergraph/src"


def measured(sources: Path, words: Sequence[str], work: Path) -> dict[str, Any]:
    """What `bench process` of these sources says, as it writes it."""
    out = work / f"{abs(hash(sources))}.json"
    subprocess.run(
        [sys.executable, "-m", "streamergraph", "bench", "process", *words, "--out", str(out)],
        env={**os.environ, "PYTHONPATH": str(sources)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    facts: dict[str, Any] = json.loads(out.read_text())
    return facts


def main(words: Sequence[str] | None = None) -> int:
    """Measure both, and print what each took and the ratio of now to then."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commit", help="the earlier commit")
    parser.add_argument("--streamers", type=int, default=3000)
    parser.add_argument(
        "--pairs", type=int, default=1000, help="of sets; the earlier build needs some"
    )
    parser.add_argument("--rows", type=int, default=20_000_000)
    options = parser.parse_args(words)
    asked = [f"--{name}={getattr(options, name)}" for name in ("streamers", "pairs", "rows")]
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        then = work / "then"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(then), options.commit], check=True)
        try:
            earlier = measured(then / SOURCES, asked, work)
            now = measured(ROOT / SOURCES, asked, work)
        finally:
            subprocess.run([*git, "remove", "--force", str(then)], check=True)
    print(f"{'':44} {'then':>9} {'now':>9} {'ratio':>6}")
    for part, title in (("ours", "all pairs of audiences"), ("large", "process out of core")):
        for key in ("processor_seconds", "wall_seconds", "memory_gib", "peak_memory_gib"):
            before, after = earlier[part].get(key), now[part].get(key)
            if before and after:
                said = f"{title}, {key.replace('_', ' ')}"
                print(f"{said:44} {before:9.2f} {after:9.2f} {after / before:6.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
