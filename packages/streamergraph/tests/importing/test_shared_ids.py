"""An id that several channels of a moment have is the id of none: names tell them apart."""

from __future__ import annotations

import json

import pytest
from streamergraph.importing.shared_ids import OF_CATEGORIES, OF_CHANNELS, without_shared_ids
from streamergraph.observations.looks import SeenStream
from streamergraph.verbs.import_observations import import_observations


def test_one_channel_may_be_there_twice():
    """Once by its login, once as it is shown."""
    streams = [SeenStream(user_id=11, login="carl", name="カール"), SeenStream(user_id=11, name="カール"),
               SeenStream(user_id=11, login="Carl")]  # fmt: skip
    assert without_shared_ids(streams) == (streams, {})


def test_only_what_is_shared_is_left_out():
    streams = [SeenStream(user_id=7, login="anna", category="Chess", category_id=1),
               SeenStream(user_id=7, login="bert", category="Racer", category_id=1),
               SeenStream(user_id=8, login="cleo", category="Chess", category_id=2)]  # fmt: skip
    found, lost = without_shared_ids(streams)
    assert [(one.user_id, one.category_id) for one in found] == [(None, None), (None, None), (8, 2)]
    assert lost == {OF_CHANNELS: 2, OF_CATEGORIES: 2}


@pytest.mark.parametrize("number", [0, "0", 0.0, 999])
def test_a_number_in_the_place_of_ids_makes_no_streamer_of_several(tmp_path, channels_of, number):
    folder = tmp_path / "snapshots"
    folder.mkdir()
    for minute in (0, 5):
        streams = {
            name: {"spect": [name.lower()], "viewer_count": 1, "user_id": number, "game_id": number,
                   "game_name": f"Game of {name}"}
            for name in ("Anna", "Bert")
        }  # fmt: skip
        (folder / f"2024-05-01_12-{minute:02}.json").write_text(json.dumps(streams))
    assert channels_of(folder) == ({"Anna", "Bert"}, 2, 2)


@pytest.mark.parametrize("number", ["0", "999"])
def test_nor_does_it_in_a_chat_log(tmp_path, channels_of, number):
    log = tmp_path / "log.csv"
    rows = [f"2024-05-01T12:0{k}:00Z,{c},{number},{k}w" for k in range(3) for c in ("anna", "bert")]
    log.write_text("\n".join(["time,channel,channel_id,user", *rows]) + "\n")
    names, ids, _ = channels_of(log)
    assert (names, ids) == ({"anna", "bert"}, 2)


@pytest.fixture
def channels_of(tmp_path):
    """Names and numbers of channels and of categories in a store of that source."""
    import polars as pl

    def read(source):
        store = tmp_path / "store"
        import_observations(source, out=store, key=tmp_path / "key")
        days = store / "days"
        channels = pl.concat(pl.read_parquet(p) for p in days.rglob("channels*.parquet"))
        looks = pl.concat(pl.read_parquet(p) for p in days.rglob("observations*.parquet"))
        shown = channels.select(pl.coalesce("name", "login"))[:, 0]
        return set(shown), looks["channel_id"].n_unique(), looks["category_id"].n_unique()

    return read
