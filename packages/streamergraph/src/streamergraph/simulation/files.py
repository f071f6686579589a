"""A simulated world as the files of a collector, with all that goes wrong, and the truth beside it."""

from __future__ import annotations

import datetime
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from streamergraph.atomic import write_csv, write_json, write_text
from streamergraph.errors import StreamergraphError
from streamergraph.progress import Progress
from streamergraph.simulation.observe import make_schedule, snapshots
from streamergraph.simulation.world import World, make_world

START = datetime.datetime(2022, 5, 5, 0, 0, tzinfo=datetime.UTC)
SETTINGS_NAME = "simulation.json"
MISTAKES = 3  # of each kind: broken, half-written, duplicated, wrong clock


@dataclass(frozen=True, kw_only=True)
class SimulationSettings:
    """Sizes of a simulated world and of what goes wrong in it."""

    streamers: int = 60
    viewers: int = 4000
    communities: int = 4
    days: int = 2
    interval_minutes: int = 5
    bots: int = 12
    raids: int = 6
    renames: int = 2
    loyalty: float = 0.8
    seed: int = 0


def simulate_files(out: Path, settings: SimulationSettings) -> dict[str, int]:
    """Write ``snapshots/*.json`` and ``truth/*`` below `out`; returns what was written, by kind.

    The same settings give the same bytes. Snapshots of the first half lack `date_time`, as older
    files of the original did. Raises StreamergraphError for settings that no world can have, and where
    snapshots of another world lie.
    """
    _require_sensible(settings)
    _begin(out, settings)
    rng = np.random.default_rng(settings.seed)
    world = make_world(
        streamers=settings.streamers,
        viewers=settings.viewers,
        communities=settings.communities,
        loyalty=settings.loyalty,
        rng=rng,
    )
    schedule = make_schedule(world, days=settings.days, raids=settings.raids, rng=rng)
    minutes = list(range(3, 24 * 60 * settings.days, settings.interval_minutes))
    holes = _holes(len(minutes), settings.interval_minutes)
    kept = [minute for k, minute in enumerate(minutes) if k not in holes]
    renames = _renames(world, settings, rng)
    bots = [f"bot_{k:04d}_always_there" for k in range(settings.bots)]
    mistakes: dict[str, int] = {}
    with Progress("simulate", total=len(kept), unit="snapshot") as progress:
        stream = snapshots(
            world, schedule, start=START, minutes=kept, bots=bots, renames=renames, rng=rng
        )
        for k, (moment, content) in enumerate(stream):
            if k < len(kept) // 2:
                for entry in content.values():
                    del entry["date_time"]
            name = moment.strftime("%Y-%m-%d_%H-%M")
            _write(out / "snapshots", name, content, k, mistakes)
            progress.advance()
    _write_truth(out / "truth", world, bots, renames)
    write_csv(
        out / "truth" / "raids.csv",
        ["time", "origin", "target", "viewers"],
        [
            [
                (START + datetime.timedelta(minutes=raid.minute)).isoformat(),
                world.names[raid.origin],
                world.names[raid.target],
                len(raid.viewers),
            ]
            for raid in schedule.raids
        ],
    )
    counts = {"snapshots": len(kept), "missing": len(holes), **mistakes}
    write_json(out / "truth" / SETTINGS_NAME, {**asdict(settings), "written": counts})
    return counts


def _begin(out: Path, settings: SimulationSettings) -> None:
    """Note whose files are being written; raises StreamergraphError where those of another world lie.

    A collector's folder with looks at two worlds would tell of streamers that never met.
    """
    path, now = out / "truth" / SETTINGS_NAME, asdict(settings)
    try:
        said = json.loads(path.read_bytes())
        before = {name: said.get(name) for name in now} if isinstance(said, dict) else {}
    except FileNotFoundError:
        before = {} if any((out / "snapshots").glob("*.json")) else now
    except (OSError, ValueError):
        before = {}
    if before != now:
        differ = ", ".join(f"{name} {before[name]}" for name in before if before[name] != now[name])
        raise StreamergraphError(
            out,
            expected="a folder without the snapshots of another world",
            found=f"snapshots of {differ or 'unknown settings'}",
            remedy="choose another --out, or delete it",
        )
    write_json(path, {**now, "written": None})


def _write(
    folder: Path, name: str, content: dict[str, Any], k: int, mistakes: dict[str, int]
) -> None:
    text = json.dumps(content, ensure_ascii=False)
    kind = ""
    if k % 97 == 41 and mistakes.get("half-written", 0) < MISTAKES:
        kind, text = "half-written", text[: len(text) // 2]
    elif k % 97 == 61 and mistakes.get("broken", 0) < MISTAKES:
        kind, text = "broken", "<html>502 Bad Gateway</html>"
    elif k % 97 == 71 and mistakes.get("duplicate", 0) < MISTAKES:
        kind = "duplicate"
        write_text(folder / f"{name} (copy).json", text)
    elif k % 97 == 81 and mistakes.get("wrong clock", 0) < MISTAKES and content:
        kind = "wrong clock"
        for entry in content.values():
            entry["date_time"] = "1970-01-01_00-00"
        text = json.dumps(content, ensure_ascii=False)
    elif k % 97 == 91 and mistakes.get("missing chatters", 0) < MISTAKES and content:
        kind = "missing chatters"
        del content[sorted(content)[0]]["spect"]
        text = json.dumps(content, ensure_ascii=False)
    if kind:
        mistakes[kind] = mistakes.get(kind, 0) + 1
    write_text(folder / f"{name}.json", text)


def _holes(count: int, interval_minutes: int) -> set[int]:
    # One of two hours at 40 % of the window, and single runs that never started.
    begin = round(0.4 * count)
    return set(range(begin, min(begin + 120 // interval_minutes, count))) | set(
        range(50, count, 120)
    )


def _renames(
    world: World, settings: SimulationSettings, rng: np.random.Generator
) -> dict[int, tuple[int, str]]:
    half = 24 * 60 * settings.days // 2
    chosen = rng.choice(settings.streamers, size=settings.renames, replace=False)
    return {int(s): (half, f"{world.names[s].splitlines()[0]}_TV") for s in chosen}


def _write_truth(
    folder: Path,
    world: World,
    bots: list[str],
    renames: dict[int, tuple[int, str]],
) -> None:
    write_csv(
        folder / "communities.csv",
        ["name", "community"],
        [[name, int(c)] for name, c in zip(world.names, world.community, strict=True)],
    )
    # Half of the bots stand on a list; the rest must be found by what they do.
    write_csv(folder / "bots.csv", ["login"], [[bot] for bot in bots[: (len(bots) + 1) // 2]])
    write_csv(
        folder / "renames.csv",
        ["old", "new"],
        [[world.names[s], new] for s, (_, new) in renames.items()],
    )


def _require_sensible(settings: SimulationSettings) -> None:
    rules = {
        "--streamers": (settings.streamers, 4),
        "--viewers": (settings.viewers, 50),
        "--communities": (settings.communities, 1),
        "--days": (settings.days, 1),
        "--interval-minutes": (settings.interval_minutes, 1),
        "--bots": (settings.bots, 0),
        "--raids": (settings.raids, 0),
        "--renames": (settings.renames, 0),
    }
    for flag, (value, least) in rules.items():
        if value < least:
            raise StreamergraphError(
                flag, expected=f"at least {least}", found=str(value), remedy="choose a larger one"
            )
    if max(settings.communities, settings.renames) > settings.streamers:
        raise StreamergraphError(
            "--streamers",
            expected="at least as many as communities and as renames",
            found=str(settings.streamers),
            remedy="choose more",
        )
    if not 0 <= settings.loyalty <= 1:
        raise StreamergraphError(
            "--loyalty", expected="0 to 1", found=str(settings.loyalty), remedy="choose a share"
        )
