"""How long large graphs of streamers take, and how much memory: each number is of one process of its own.

usage: python scripts/graph_bars.py [layout] [large] [measures] [page]   (default: all but `large`)

layout    12,000 streamers with 200,000 relations laid out
large     100,000 streamers with 10 million relations: Leiden once, then the layout
measures  PageRank, betweenness and the rest of 2,977 streamers with 47,222 relations
page      `view` of 12,000 streamers with a million relations, and how long the page takes to be drawn in
          Chromium (without it or Playwright that is left out)

The graphs are drawn at random with communities and a few very large streamers, as published ones have.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import polars as pl

COMMUNITIES = 40
# Resolved when the frame after the next one begins: what was asked for is on the screen.
DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def write_tables(folder: Path, streamers: int, relations: int) -> None:
    """The two short CSVs of a random graph: most relations lie within one of 40 communities."""
    rng = np.random.default_rng(0)
    viewers = np.round(rng.pareto(1.2, streamers) * 20 + 5)
    weight = np.sqrt(viewers)
    ends = np.empty((0, 2), np.int64)
    while len(ends) < relations:
        drawn = rng.choice(streamers, (2 * relations, 2), p=weight / weight.sum())
        same = drawn[:, 0] % COMMUNITIES == drawn[:, 1] % COMMUNITIES
        drawn = drawn[(same | (rng.random(len(drawn)) < 0.02)) & (drawn[:, 0] != drawn[:, 1])]
        ends = np.unique(np.concatenate([ends, np.sort(drawn, axis=1)]), axis=0)
    ends = ends[rng.permutation(len(ends))[:relations]]
    folder.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(
        {
            "Id": np.arange(1, streamers + 1),
            "Label": [f"streamer{k}" for k in range(streamers)],
            "viewer_mean": viewers,
        }
    ).write_csv(folder / "Streamer_dataset_short.csv")
    pl.DataFrame(
        {
            "Source": ends[:, 0] + 1,
            "Target": ends[:, 1] + 1,
            "Weight": np.round(rng.random(len(ends)) * 60 + 2, 2),
        }
    ).write_csv(folder / "Streamer-Streamer_dataset_short.csv")


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print clock, processor time and peak memory of the body."""
    began, used = time.perf_counter(), time.process_time()
    yield
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{what}: {time.perf_counter() - began:.1f} s, {time.process_time() - used:.1f} s of processor, "
        f"{peak:.2f} GiB at most",
        flush=True,
    )


def layout(folder: Path) -> None:
    """12,000 streamers."""
    from streamergraph.audience_graph.files import read_graph
    from streamergraph.layout.placing import place_streamers
    from streamergraph.layout.settings import LayoutSettings

    write_tables(folder / "small", 300, 1_000)
    place_streamers(
        read_graph(folder / "small", short=True), LayoutSettings(iterations=2)
    )  # compile
    write_tables(folder / "tables", 12_000, 200_000)
    graph = read_graph(folder / "tables", short=True)
    with timed("layout of 12,000 streamers, 200,000 relations"):
        place_streamers(graph, LayoutSettings())


def large(folder: Path) -> None:
    """100,000 streamers."""
    from streamergraph.audience_graph.files import read_graph
    from streamergraph.communities.result import find_communities, usual_settings
    from streamergraph.layout.placing import place_streamers
    from streamergraph.layout.settings import LayoutSettings

    write_tables(folder, 100_000, 10_000_000)
    graph = read_graph(folder, short=True)
    with timed("Leiden, 100,000 streamers, 10 million relations"):
        find_communities(graph, usual_settings(graph))
    with timed("layout of the same"):
        place_streamers(graph, LayoutSettings())


def measures(folder: Path) -> None:
    """As many streamers and relations as the published tables have."""
    from streamergraph.audience_graph.files import read_graph
    from streamergraph.audience_graph.measures import measure_streamers

    write_tables(folder, 2_977, 47_222)
    graph = read_graph(folder, short=True)
    with timed("all measures of 2,977 streamers, 47,222 relations"):
        measure_streamers(graph)


def page(folder: Path) -> None:
    """A million relations."""
    write_tables(folder / "tables", 12_000, 1_000_000)
    began = time.perf_counter()
    words = ["view", str(folder / "tables"), "--out", str(folder / "view")]
    subprocess.run([sys.executable, "-m", "streamergraph", *words], check=True)
    print(f"view of a million relations: {time.perf_counter() - began:.0f} s", flush=True)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        print("page: Playwright is not installed")
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium")
        opened = browser.new_page()
        began = time.perf_counter()
        opened.goto((folder / "view" / "graph.html").as_uri(), wait_until="load")
        opened.evaluate(DRAWN)
        print(f"page drawn after {time.perf_counter() - began:.1f} s", flush=True)
        browser.close()


PARTS: dict[str, Callable[[Path], None]] = {
    "layout": layout,
    "large": large,
    "measures": measures,
    "page": page,
}


def main(words: list[str]) -> None:
    """Each part in a process of its own, so that its memory is its own."""
    if len(words) == 2 and words[0] == "--part":
        with tempfile.TemporaryDirectory() as folder:
            PARTS[words[1]](Path(folder))
        return
    for name in words or [name for name in PARTS if name != "large"]:
        subprocess.run([sys.executable, __file__, "--part", name], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
