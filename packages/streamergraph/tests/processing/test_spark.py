"""Tables made on Spark beside those made here; all of one session, for each start takes seconds."""

from __future__ import annotations

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


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patched:
        # Jobs are over before it pays to compile them well.
        patched.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        with connected("local[2]", memory_gib=1, spill=tmp_path_factory.mktemp("spark")) as found:
            yield found


@pytest.fixture
def store(simulated, tmp_path):
    """A copy of the simulated store, to change."""
    shutil.copytree(simulated.store, tmp_path / "store")
    return Store.open(tmp_path / "store")


def rows_of(store, table):
    return pl.concat([pl.read_parquet(f) for day in store.days() for f in day.files(table)])


def make_strange(path):
    """Let pseudonyms be unsigned and ids texts, of which three more are no numbers."""
    frame = pl.read_parquet(path).with_columns(
        pl.col("viewer").reinterpret(signed=False), pl.col("channel_id").cast(pl.String)
    )
    assert frame["viewer"].max() > 2**63
    pl.concat([frame, frame.head(3).with_columns(channel_id=pl.lit("?"))]).write_parquet(path)


def assert_same(here, there):
    for name in TABLES:
        assert getattr(there.tables, name).equals(getattr(here.tables, name)), name
    assert there.summary == here.summary
    assert here.tables.overlaps.height > 20


def test_every_rule_and_files_of_other_types_give_the_same_tables(cluster, store):
    settings = ProcessSettings(
        threshold=1, least_common_viewers=2, significance=0.05, bot_channels=15, raid_minutes=30
    )
    seen = rows_of(store, "members")["viewer"].unique().sort().to_list()
    lists = {"listed_bots": [*seen[:9], 5], "allowed": [seen[3], 7]}
    here = process_store(store, settings, memory_gib=1, **lists)
    make_strange(next(file for day in store.days() for file in day.files("members")))
    with pytest.warns(StreamergraphWarning) as told:
        there = process_store(store, settings, memory_gib=1, cluster=cluster, **lists)
    said = [str(one.message) for one in told]
    assert "members: viewer of 1 files is decimal(20,0), and is read as bigint" in said
    assert "members: 3 rows are left out, whose channel_id is no bigint" in said
    assert_same(here, there)
    assert here.summary["bots_removed"]["list"]["accounts"] == 8
    assert here.summary["bots_removed"]["channels"]["presences"] > 0
    assert here.summary["raids_removed"]["presences"] > 0


def test_a_slice_of_days_some_of_which_were_thinned(cluster, store):
    last = rows_of(store, "observations")["time"].max()
    thin(store, before=last.date())
    settings = ProcessSettings(threshold=1, least_common_viewers=1, min_mean_viewers=0)
    here, there = (
        process_store(store, settings, Slice(last=last), memory_gib=1, cluster=place)
        for place in (None, cluster)
    )
    assert_same(here, there)
