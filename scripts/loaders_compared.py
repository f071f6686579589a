"""Training samples by threads and by processes, in turns: seconds and processor time for a sample.

Usage: python scripts/loaders_compared.py DATA [--workers 2] [--size 192] [--rounds 5]

Nothing is trained meanwhile. The processor time of processes is theirs and that of taking their batches.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from twostream.choices import LoaderKind, Stream
from twostream.datasets.manifest import read_manifest
from twostream.environment import available_cores
from twostream.training.loader import Loader, loader_of
from twostream.training.samples import DataSetClips, TrainingViews, draw_sample, epoch_draws
from twostream.transforms.preprocessing import Preprocessing

KINDS: tuple[LoaderKind, ...] = ("threads", "processes")
STREAMS: tuple[Stream, ...] = ("spatial", "temporal")
BATCH, BATCHES = 16, 12


def main() -> None:
    """Print the medians of both streams."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--workers", type=int, default=available_cores())
    parser.add_argument("--size", type=int, default=192)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    for stream in STREAMS:
        epoch = epoch_of(chosen.data, stream, chosen.size)
        taken: dict[str, list[tuple[float, float]]] = {kind: [] for kind in KINDS}
        with ExitStack() as held:
            loaders = {kind: held.enter_context(loader_of(kind, chosen.workers)) for kind in KINDS}
            for turn in range(chosen.rounds + 1):
                for kind, load in loaders.items():
                    found = timed(partial(epoch, load))
                    if turn:  # the first opens clips
                        taken[kind].append(found)
        for kind, all_turns in taken.items():
            clock, processor = (statistics.median(part) for part in zip(*all_turns, strict=True))
            print(
                f"{stream}, {chosen.workers} {kind}: {1000 * clock:.2f} ms a sample, "
                f"{1000 * processor:.2f} ms of a processor"
            )


def epoch_of(data: Path, stream: Stream, size_px: int) -> Callable[[Loader], Iterator[Any]]:
    """A function that starts a loader on the same samples each time."""
    manifest = read_manifest(data)
    rows = manifest.part(manifest.split_numbers[0], "train")
    of_each = -(-BATCH * BATCHES // len(rows))
    draws = epoch_draws(rows, samples_per_clip=of_each, seed=0, epoch=0)
    sample = partial(
        draw_sample,
        source=DataSetClips(data),
        preprocessing=Preprocessing(stream=stream, size_px=size_px),
        views=TrainingViews(samples_per_clip=of_each, segments=1, color_jitter=0.2),
    )
    return lambda load: load(sample, draws[: BATCH * BATCHES], batch_size=BATCH)


def timed(epoch: Callable[[], Iterator[Any]]) -> tuple[float, float]:
    """Seconds and processor seconds of a sample; those of children that go on are read from the system."""
    began, spent = time.perf_counter(), processor_seconds()
    samples = sum(len(batch) for batch in epoch())
    return (time.perf_counter() - began) / samples, (processor_seconds() - spent) / samples


def processor_seconds() -> float:
    """Of this process and its children that are still there (Linux)."""
    own, ticks = str(os.getpid()), os.sysconf("SC_CLK_TCK")
    total = time.process_time()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            cells = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        if cells[1] == own:
            total += (int(cells[11]) + int(cells[12])) / ticks
    return total


if __name__ == "__main__":
    main()
