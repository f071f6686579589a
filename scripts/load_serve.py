"""How many clips a second `twostream serve` answers, beside `predict` in a loop on the same machine.

    python scripts/load_serve.py --out build/load-serve [--run RUN] [--clip CLIP] [--seconds 20] [--turns 3]

Turns of the loop and of 1, 4 and 16 clients follow one another, so that what else the machine does is the
same for all. Prints clips a second (the median of the turns), the 95th percentile of waiting, and the share
of the loop's throughput, which must be 0.9 at least; and what a clip takes of processors, without the
clients: that tells more where others work on the machine. Without RUN and CLIP with the small network and a
clip of 16 frames. Fails where a share is smaller.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import threading
import time
from pathlib import Path
from typing import Any

from serving_trials import Served, serving, small_clip, small_run, upload

CLIENTS = (1, 4, 16)
LEAST_SHARE = 0.9


def looped(run: Any, clip: Path, seconds: float) -> dict[str, float]:
    """Clips a second by `predict`, one after another."""
    waits: list[float] = []
    began, worked = time.monotonic(), time.process_time()
    while time.monotonic() - began < seconds:
        before = time.monotonic()
        run.predict(clip).to_json()
        waits.append(time.monotonic() - before)
    return _figures(waits, time.monotonic() - began, time.process_time() - worked)


def asked(served: Served, clip: bytes, seconds: float, clients: int) -> dict[str, float]:
    """Clips a second that so many clients are answered, each over one connection."""
    waits: list[float] = []
    began, worked = time.monotonic(), served.processor_seconds()

    def client() -> None:
        link = served.connection()
        while time.monotonic() - began < seconds:
            before = time.monotonic()
            status, told = upload(link, clip)
            if status != 200:
                raise RuntimeError(f"{status}: {told}")
            waits.append(time.monotonic() - before)
        link.close()

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return _figures(waits, time.monotonic() - began, served.processor_seconds() - worked)


def _figures(waits: list[float], seconds: float, worked: float) -> dict[str, float]:
    waits = sorted(waits)
    return {
        "clips_a_second": len(waits) / seconds,
        "processor_ms_a_clip": 1000 * worked / len(waits),
        "p95_seconds": waits[max(round(0.95 * len(waits)) - 1, 0)],
    }


def main() -> None:
    """See the top of this file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--run", type=Path)
    parser.add_argument("--clip", type=Path)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--turns", type=int, default=3)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    run, clip = given.run or small_run(given.out), given.clip or small_clip(given.out)
    content = clip.read_bytes()
    import twostream

    loaded = twostream.load(run)
    turns: dict[str, list[dict[str, float]]] = {}
    with serving(run, log=given.out / "serve.log") as served:
        loaded.predict(clip)
        asked(served, content, 1.0, max(CLIENTS))
        for _ in range(given.turns):
            turns.setdefault("loop", []).append(looped(loaded, clip, given.seconds))
            for clients in CLIENTS:
                found = asked(served, content, given.seconds, clients)
                turns.setdefault(f"{clients} clients", []).append(found)
    rows = {
        name: {key: statistics.median(one[key] for one in found) for key in found[0]}
        for name, found in turns.items()
    }
    for row in rows.values():
        row["share"] = row["clips_a_second"] / rows["loop"]["clips_a_second"]
    for name, row in rows.items():
        print(
            f"{name:>10}: {row['clips_a_second']:7.2f} clips a second, p95 {row['p95_seconds']:.3f} s, "
            f"{row['processor_ms_a_clip']:.1f} ms of processor a clip, {row['share']:.2f} of the loop"
        )
    (given.out / "load-serve.json").write_text(json.dumps({"rows": rows, "turns": turns}, indent=2))
    sys.exit(any(row["share"] < LEAST_SHARE for row in rows.values()))


if __name__ == "__main__":
    main()
