"""What all tests share: the published tables, and one simulated world on its way to the tables."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings
from streamergraph.cli.main import run_command

# Machines are shared: how long an example takes says nothing about the code.
settings.register_profile("streamergraph", deadline=None, max_examples=25)
settings.load_profile("streamergraph")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # So it is in whatever a shell starts in the background, and programs leave it so; those that tests
    # start and interrupt are to begin as in a terminal.
    signal.signal(signal.SIGINT, signal.default_int_handler)

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_the_disk():
    """What tests write need not outlast a power cut."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", lambda handle: None)
        yield


@pytest.fixture(scope="session")
def published() -> Path:
    folder = REPOSITORY.parent / "shared" / "data" / "twitch"
    if not folder.is_dir():
        folder = Path(os.environ.get("STREAMERGRAPH_PUBLISHED", folder))
    if not folder.is_dir():
        pytest.skip(f"the published tables are absent: {folder} is no folder")
    return folder


@pytest.fixture
def call(capsys):
    """Run the command line here; returns (status, standard output, standard error)."""

    def run(*tokens):
        status = run_command([str(token) for token in tokens])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


@pytest.fixture
def refusal(call):
    """Run what must be refused with one line on standard error; returns the line."""

    def run(*tokens):
        status, _, err = call(*tokens)
        lines = [line for line in err.splitlines() if line.startswith("streamergraph: ")]
        assert status == 2
        assert len(lines) == 1
        assert "Traceback" not in err
        return lines[0]

    return run


@dataclass(frozen=True)
class SimulatedRun:
    """Folders of one simulated world: its files, its store and its tables."""

    simulation: Path
    store: Path
    tables: Path
    key: Path


@pytest.fixture(scope="session")
def simulated(tmp_path_factory) -> SimulatedRun:
    """Eighty streamers in four communities, two days, with all mishaps, processed once."""
    from streamergraph.verbs.import_observations import import_observations
    from streamergraph.verbs.process import process
    from streamergraph.verbs.simulate import simulate

    root = tmp_path_factory.mktemp("simulated")
    simulation, truth = root / "simulation", root / "simulation" / "truth"
    simulate(out=simulation, streamers=80, viewers=4000, interval_minutes=15, seed=3)
    import_observations(simulation / "snapshots", out=root / "store", key=root / "key")
    process(
        root / "store",
        out=root / "tables",
        bots=truth / "bots.csv",
        renames=truth / "renames.csv",
        bot_channels=15,
        raid_minutes=30,
        key=root / "key",
    )
    return SimulatedRun(simulation, root / "store", root / "tables", root / "key")
