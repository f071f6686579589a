"""Tables made on Spark beside those made here; all of one session, for each start takes seconds."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from types import SimpleNamespace

import duckdb
import numpy as np
import polars as pl
import pytest

pytest.importorskip("pyspark", reason="the extra spark")
pytest.importorskip("pyarrow", reason="the extra spark")
if shutil.which("java") is None:
    pytest.skip("Spark needs Java", allow_module_level=True)

import grpc
import pyarrow as pa
from pyspark.sql.connect.client.retries import Retrying
from streamergraph.errors import StreamergraphWarning
from streamergraph.observations.store import Store
from streamergraph.processing import spark_pairs, spark_patience
from streamergraph.processing.audiences import audiences_of_arrays
from streamergraph.processing.bot_lists import bots_of_store
from streamergraph.processing.memory import limits_within
from streamergraph.processing.process import process_store
from streamergraph.processing.relations import RelationRules, relations_between
from streamergraph.processing.settings import ProcessSettings
from streamergraph.processing.slices import Slice
from streamergraph.processing.spark_patience import limit_patience
from streamergraph.processing.spark_place import OnSpark
from streamergraph.processing.spark_session import connected
from streamergraph.processing.streamers import fill_audience
from streamergraph.processing.thinning import thin
from streamergraph.tables.reading import read_tables

pytestmark = pytest.mark.slow
TABLES = ("streamers", "categories", "played", "overlaps")


@pytest.fixture(scope="module")
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory, port):
    """Two workers, and a server of Spark Connect in the same Java."""
    settings = {
        "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": port,
        # Jobs are over before it pays to make code for them, to compile it well, or to plan anew.
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.adaptive.enabled": "false",
    }
    words = [f"--conf {name}={value}" for name, value in settings.items()]
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        patched.setenv("PYSPARK_SUBMIT_ARGS", " ".join([*words, "pyspark-shell"]))
        with connected("local[2]", memory_gib=1, spill=tmp_path_factory.mktemp("spark")) as found:
            yield found


@pytest.fixture
def command(cluster, port):
    """Begins a command of its own process over Spark Connect, as users do."""

    def begin(*words):
        return subprocess.Popen(
            [sys.executable, "-m", "streamergraph", *map(str, words), "--cluster", f"sc://127.0.0.1:{port}"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    return begin


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


@pytest.mark.parametrize(("share", "added_here"), [(True, 2**25), (True, 0), (False, 0)])
def test_entries_are_counted_alike_whether_workers_share_a_folder_or_not(
    cluster, share, added_here, monkeypatch
):
    monkeypatch.setattr(spark_pairs, "CELLS_ADDED_HERE", added_here)
    rng = np.random.default_rng(2)
    streamer = np.repeat(np.arange(20, dtype=np.int32), 60)
    viewer = np.concatenate([rng.permutation(90)[:60] - 45 for _ in range(20)])
    minutes = rng.integers(1, 99, len(viewer)).astype(np.int32)
    table = pa.table({"channel_id": streamer + 900, "viewer": viewer, "minutes": minutes})
    rules = RelationRules(measure="overlap", threshold=60)
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE kept AS SELECT i::INTEGER AS streamer, i + 900 AS channel_id FROM range(20) n(i)"
    )
    place = OnSpark(cluster if share else replace(cluster, shared=None), connection)
    place.name("entries", cluster.session.createDataFrame(table))
    place.put_down("counted", "SELECT * FROM entries")
    fill_audience(place, ProcessSettings(min_watch_minutes=0))
    assert (place.entries is not None) == share
    there = place.relations(rules, n_streamers=20)
    place.give_up()
    audiences = audiences_of_arrays(streamer, viewer, minutes, n_streamers=20)
    here = relations_between(audiences, rules, limits_within(1, audiences))
    assert there.pairs.equals(here.pairs)
    assert there.counts == here.counts
    assert 0 < here.pairs.height < 190
    assert cluster.shared is not None
    assert not [one for one in cluster.shared.iterdir() if one.name.startswith("tmp")]


@pytest.mark.parametrize("share", [True, False])
def test_an_audience_of_nobody_has_no_relation(cluster, share):
    connection = duckdb.connect()
    connection.execute("CREATE TABLE kept AS SELECT 0 AS streamer, 1::BIGINT AS channel_id")
    place = OnSpark(cluster if share else replace(cluster, shared=None), connection)
    place.put_down("counted", "SELECT 1L AS channel_id, 2L AS viewer, 3D AS minutes WHERE false")
    fill_audience(place, ProcessSettings())
    found = place.relations(RelationRules(measure="overlap", threshold=0), n_streamers=3)
    place.give_up()
    assert found.pairs.height == 0
    assert found.sizes.tolist() == [0, 0, 0]


def test_bots_are_the_same(cluster, simulated):
    rules = {"listed": frozenset(), "allowed": frozenset(), "channels": 15, "memory_gib": 1}
    here, there = (
        bots_of_store(Store.open(simulated.store), Slice(), cluster=place, **rules)
        for place in (None, cluster)
    )
    assert there.rows.equals(here.rows)
    assert there.removed == here.removed
    assert here.rows.height > 0


def test_tables_over_spark_connect_are_those_of_one_process(command, call, simulated, tmp_path):
    words = ("process", simulated.store, "--bot-channels", 0, "--least-common-viewers", 2, "--out")
    process = command(*words, tmp_path / "there")
    assert call(*words, tmp_path / "here")[0] == 0
    _, err = process.communicate()
    assert process.returncode == 0, err
    there, here = read_tables(tmp_path / "there"), read_tables(tmp_path / "here")
    for name in TABLES:
        assert getattr(there, name).equals(getattr(here, name)), name


class Unreachable(grpc.RpcError):
    """What a request meets where nobody is."""

    def code(self):
        return grpc.StatusCode.UNAVAILABLE

    def trailing_metadata(self):
        return ()


def test_a_network_that_stays_cut_is_given_up_once_and_for_all(monkeypatch):
    monkeypatch.setattr(spark_patience, "PATIENCE_SECONDS", 1.0)
    client = SimpleNamespace(set_retry_policies=lambda found: policies.extend(found))
    policies = []
    limit_patience(client)

    tried = []

    def ask():
        for attempt in Retrying(policies):
            with attempt:
                tried.append(time.monotonic())
                raise Unreachable

    with pytest.raises(Unreachable):
        ask()
    assert len(tried) > 2
    assert tried[-1] - tried[0] < 10
    tried.clear()
    with pytest.raises(Unreachable):
        ask()  # as it is asked for the end of the session then
    assert len(tried) == 1


def test_an_interrupt_leaves_no_job_and_no_file(command, cluster, simulated, tmp_path):
    spill = tmp_path / "spill"
    spill.mkdir()
    process = command("process", simulated.store, "--out", tmp_path / "tables", "--spill", spill)
    tracker = cluster.session.sparkContext.statusTracker()
    while not tracker.getActiveJobsIds():  # Spark Connect's are in the same Java
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert err.endswith("interrupted: call the same command again to go on\n")
    assert not (tmp_path / "tables").exists()
    assert not list(spill.iterdir())
    until = time.monotonic() + 60
    while tracker.getActiveJobsIds():
        assert time.monotonic() < until
        time.sleep(0.05)
