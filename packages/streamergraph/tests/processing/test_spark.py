"""Tables made on Spark beside those made here; all of one session, for each start takes seconds."""

from __future__ import annotations

import datetime
import shutil

import polars as pl
import pytest

pytest.importorskip("pyspark", reason="the extra spark")
pytest.importorskip("pyarrow", reason="the extra spark")
if shutil.which("java") is None:
    pytest.skip("Spark needs Java", allow_module_level=True)

from streamergraph.errors import StreamergraphWarning
from streamergraph.observations.store import Store
from streamergraph.processing.process import process_store
from streamergraph.processing.settings import ProcessSettings
from streamergraph.processing.slices import Slice
from streamergraph.processing.spark_session import connected
from streamergraph.processing.thinning import thin

pytestmark = pytest.mark.slow
TABLES = ("streamers", "categories", "played", "overlaps")
SETTINGS = ProcessSettings(
    threshold=1, least_common_viewers=1, min_mean_viewers=0, min_mean_chatters=1
)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with connected("local[2]", memory_gib=1, spill=tmp_path_factory.mktemp("spark")) as found:
        yield found


@pytest.fixture
def store(simulated, tmp_path):
    """A copy of the simulated store, to change."""
    shutil.copytree(simulated.store, tmp_path / "store")
    return Store.open(tmp_path / "store")


def rows_of(store, table):
    return pl.concat([pl.read_parquet(f) for day in store.days() for f in day.files(table)])


def assert_same(cluster, store, settings=SETTINGS, slice_=None, **others):
    here, there = (
        process_store(store, settings, slice_ or Slice(), memory_gib=1, cluster=place, **others)
        for place in (None, cluster)
    )
    for name in TABLES:
        assert getattr(there.tables, name).equals(getattr(here.tables, name)), name
    assert there.summary == here.summary
    assert here.tables.overlaps.height > 20
    return there


def test_bots_raids_and_a_significance(cluster, store):
    settings = ProcessSettings(
        threshold=1, least_common_viewers=2, significance=0.05, bot_channels=15, raid_minutes=30
    )
    seen = rows_of(store, "members")["viewer"].unique().sort().to_list()
    result = assert_same(cluster, store, settings, listed_bots=[*seen[:9], 5], allowed=[seen[3], 7])
    assert result.summary["bots_removed"]["list"]["accounts"] == 8
    assert result.summary["bots_removed"]["channels"]["presences"] > 0
    assert result.summary["raids_removed"]["presences"] > 0


def test_a_slice_and_days_that_were_thinned(cluster, store):
    begin = rows_of(store, "observations")["time"].min() + datetime.timedelta(hours=3)
    last = begin + datetime.timedelta(hours=20)
    assert_same(cluster, store, slice_=Slice(first=begin, last=last))
    thin(store, before=last.date())
    assert_same(cluster, store)


def test_unsigned_pseudonyms_are_the_same_and_what_is_no_number_is_told(cluster, store):
    expected = process_store(store, SETTINGS, memory_gib=1)
    path = next(file for day in store.days() for file in day.files("members"))
    frame = pl.read_parquet(path)
    unsigned = frame.with_columns(pl.col("viewer").reinterpret(signed=False))
    assert unsigned["viewer"].max() > 2**63
    strange = unsigned.with_columns(pl.col("channel_id").cast(pl.String))
    pl.concat([strange, strange.head(3).with_columns(channel_id=pl.lit("unknown"))]).write_parquet(
        path
    )
    with pytest.warns(StreamergraphWarning) as told:
        found = process_store(store, SETTINGS, memory_gib=1, cluster=cluster)
    said = [str(one.message) for one in told]
    assert "members: viewer of 1 files is decimal(20,0), and is read as bigint" in said
    assert "members: 3 rows are left out, whose channel_id is no bigint" in said
    for name in TABLES:
        assert getattr(found.tables, name).equals(getattr(expected.tables, name)), name
