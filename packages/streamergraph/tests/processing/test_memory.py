from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from streamergraph.errors import StreamergraphError
from streamergraph.processing.audiences import Audiences
from streamergraph.processing.database import database
from streamergraph.processing.memory import (
    BYTES_OF_A_READER,
    database_mib,
    limits_within,
)


def audiences_of_size(streamers, entries, longest):
    sizes = np.full(streamers, entries // streamers)
    return Audiences(sizes=sizes, minutes=sizes, longest=longest, fetch=lambda part, parts: ...)


@pytest.mark.parametrize("memory_gib", [0.5, 1, 4, 32])
@pytest.mark.parametrize("streamers", [10, 3_000, 20_000, 200_000])
@pytest.mark.parametrize("viewers_of_each", [1, 1_500, 20_000])
@pytest.mark.parametrize("longest", [60, 10**6])
def test_what_is_held_stays_within_the_memory(memory_gib, streamers, viewers_of_each, longest):
    entries = streamers * viewers_of_each
    audiences = audiences_of_size(streamers, entries, longest)
    limits = limits_within(memory_gib, audiences, threads=16)
    cells = 8 * min(limits.cells_of_a_block, streamers * (streamers - 1) // 2)
    part = (12 if max(streamers, longest) < 2**16 else 16) * min(entries, limits.entries_of_a_part)
    held = part + max(cells, limits.threads * BYTES_OF_A_READER)
    libraries = 2**28
    assert libraries + held + 2**20 * database_mib(memory_gib) < memory_gib * 2**30


def test_the_database_and_what_it_cannot_hold_lie_in_the_spill_folder(tmp_path):
    with database(memory_gib=0.5, spill=tmp_path) as connection:
        (folder,) = tmp_path.iterdir()
        (place,) = connection.execute("SELECT current_setting('temp_directory')").fetchone()
        assert Path(place).is_relative_to(folder)
        assert (folder / "work.duckdb").is_file()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("memory_gib", [0, -1, 0.4, float("nan")])
def test_too_little_memory_is_refused(memory_gib):
    with (
        pytest.raises(StreamergraphError, match="--memory-gib"),
        database(memory_gib=memory_gib),
    ):
        pass
