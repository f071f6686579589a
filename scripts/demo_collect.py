"""Two simulated days, collected over HTTP from a mock of Twitch, to the picture of their communities.

    python scripts/demo_collect.py [--out demo-graph/collected] [--seed 0]

A world whose communities are known is served tick by tick by the mock of the tests: who is live, and who
is in each chat, to a user who moderates all of them. `collect` does not know that it is a mock, but for its
clock, on which waiting takes no time. It fills OUT/snapshots (JSON); `run` does the rest. Says how well
the communities were recovered.
"""

from __future__ import annotations

import argparse
import datetime
import random
import shutil
import sys
import time
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "packages" / "streamergraph" / "tests" / "support")]

from helix_mock import CLIENT_ID, CLIENT_SECRET, HelixMock, helix_mock, stream  # noqa: E402
from streamergraph.cli.showing import Shown  # noqa: E402
from streamergraph.collecting.chatters import SCOPES, HelixChatters  # noqa: E402
from streamergraph.collecting.clock import SimulatedClock  # noqa: E402
from streamergraph.collecting.collector import Collector, Plan  # noqa: E402
from streamergraph.collecting.credentials import Credentials  # noqa: E402
from streamergraph.collecting.device import login  # noqa: E402
from streamergraph.collecting.helix import Helix  # noqa: E402
from streamergraph.collecting.looking import look_at  # noqa: E402
from streamergraph.collecting.sinks import open_sink  # noqa: E402
from streamergraph.collecting.tokens import Tokens  # noqa: E402
from streamergraph.collecting.web import Web  # noqa: E402
from streamergraph.communities.comparison import normalized_mutual_information  # noqa: E402
from streamergraph.communities.result import read_communities  # noqa: E402
from streamergraph.events import listening  # noqa: E402
from streamergraph.observations.looks import Look  # noqa: E402
from streamergraph.simulation.observe import make_schedule, snapshots  # noqa: E402
from streamergraph.simulation.world import World, make_world  # noqa: E402
from streamergraph.verbs.run import run  # noqa: E402

START = datetime.datetime(2026, 5, 5, tzinfo=datetime.UTC)
EVERY = datetime.timedelta(minutes=15)
DAYS, STREAMERS, VIEWERS, COMMUNITIES, BOTS = 2, 180, 12_000, 6, 12
LOYALTY, THRESHOLD = 0.72, 3.0  # so that communities hold together, as real ones do
FIRST_ID = 1001  # the mock's user has the id 1


def served(mock: HelixMock, world: World, content: dict[str, dict[str, Any]]) -> None:
    """Have the mock serve a snapshot of the world."""
    numbers = {name: FIRST_ID + k for k, name in enumerate(world.names)}
    mock.streams, mock.chatters = [], {}
    for name, told in content.items():
        number = numbers[name]
        mock.streams.append(
            stream(
                number,
                viewers=told["viewer_count"],
                user_name=name,
                game_name=told["game_name"],
                game_id=str(2**20 + sum(map(ord, told["game_name"]))) if told["game_name"] else "",
            )
        )
        mock.chatters[str(number)] = [{"user_login": one} for one in told["spect"]]
    mock.streams.sort(key=lambda one: -int(one["viewer_count"]))


def collect(world: World, out: Path, seed: int) -> Counter[str]:
    """All ticks, into OUT/snapshots."""
    rng = np.random.default_rng(seed)
    schedule = make_schedule(world, days=DAYS, raids=6, rng=rng)
    minutes = list(range(0, 24 * 60 * DAYS, 15))
    seen = snapshots(
        world, schedule, start=START, minutes=minutes, bots=[f"bot_{k}" for k in range(BOTS)],
        renames={}, rng=rng,
    )  # fmt: skip
    clock = SimulatedClock(START - EVERY / 2)
    with (
        helix_mock() as mock,
        open_sink(f"json:{out / 'snapshots'}", key=out / "key", clock=clock) as opened,
    ):
        web = Web(clock)

        def client(kind: str) -> Helix:
            tokens = Tokens(
                web=web, clock=clock, folder=out / "tokens", auth_url=mock.auth_url, kind=kind,
                credentials=Credentials(client_id=CLIENT_ID, client_secret=CLIENT_SECRET),
            )  # fmt: skip
            return Helix(
                web=web, clock=clock, tokens=tokens, url=mock.helix_url, random=random.Random(seed)
            )

        user = client("user")
        login(
            user.tokens, SCOPES, lambda page, code: print(f"the user opens {page} and types {code}")
        )
        look = partial(look_at, client("app"), clock)

        def observe(language: str | None, planned: datetime.datetime, **more: Any) -> Look:
            served(mock, world, next(seen)[1])
            return look(language, planned, **more)

        counts = Collector(
            plan=Plan(
                languages=("it",), every=EVERY, ends=START + DAYS * datetime.timedelta(days=1)
            ),
            clock=clock,
            observe=observe,
            sink=opened.sink,
            audiences=[HelixChatters(user, opened.pseudonyms)],
        ).run()
        counts["requests"] = len(mock.asked)
        web.close()
    return counts


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("demo-graph/collected"))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    shutil.rmtree(options.out, ignore_errors=True)
    options.out.mkdir(parents=True)
    rng = np.random.default_rng(options.seed)
    world = make_world(
        streamers=STREAMERS, viewers=VIEWERS, communities=COMMUNITIES, loyalty=LOYALTY, rng=rng
    )
    began = time.monotonic()
    with listening(Shown()):
        counts = collect(world, options.out, options.seed)
        print(f"collected in {time.monotonic() - began:.0f} s: {dict(counts)}")
        run(
            options.out / "snapshots", out=options.out, key=options.out / "key", timezone="UTC",
            bot_channels=20, raid_minutes=15, title="Collected from a mock of Twitch",
            steps={"process": {"threshold": THRESHOLD}},
        )  # fmt: skip
    planted = pl.DataFrame({"name": world.names, "planted": world.community})
    found = read_communities(options.out / "view").labels.filter(pl.col("community") >= 0)
    both = found.join(planted, on="name")
    recovered = normalized_mutual_information(
        both["community"].to_numpy(), both["planted"].to_numpy()
    )
    print(
        f"planted communities recovered: normalised mutual information {recovered:.3f} over "
        f"{both.height} streamers; open {options.out / 'view' / 'graph.html'}"
    )


if __name__ == "__main__":
    main()
