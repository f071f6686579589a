from __future__ import annotations

import logging
import pickle
import socket
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamergraph.errors import StreamergraphError
from streamergraph.processing.audiences import audiences_of_arrays, totals_of
from streamergraph.processing.blobs import Blobs
from streamergraph.processing.memory import groups_within, limits_within
from streamergraph.processing.parcels import parcels_of
from streamergraph.processing.relations import RelationRules, relations_between, settle
from streamergraph.processing.shared_audience import (
    Limits,
    join,
    pairs_of,
    shared_audience,
    shared_cells,
)
from streamergraph.processing.spark_entries import InFiles, added
from streamergraph.processing.spark_errors import mendable
from streamergraph.processing.spark_session import Cluster
from streamergraph.processing.spark_start import (
    require_answer,
    require_java,
    require_pyspark,
    without_py4j_in_logs,
)
from streamergraph.processing.spark_workers import (
    SUMS,
    Query,
    Sharing,
    add,
    count,
    pack_files,
    pack_rows,
    piece_of,
    sum_of,
    sums_in,
)
from streamergraph.processing.viewer_rows import viewer_rows

WORLDS = st.lists(
    st.dictionaries(st.integers(-9, 9), st.integers(1, 90), max_size=12), min_size=1, max_size=7
)


def rows_of(world):
    """Every pair of a list of `SharedAudience`, sorted."""
    found = join(world)
    columns = found.a, found.b, found.common, found.common_minutes
    return sorted(zip(*(column.tolist() for column in columns), strict=True))


@given(WORLDS, st.integers(1, 4), st.sampled_from([1, 4, 10**6]))
def test_cells_of_parts_of_viewers_add_up_to_those_of_all(world, parts, cells):
    entries = [(s, v, n) for s, watched in enumerate(world) for v, n in watched.items()]
    streamer, viewer, minutes = np.array(entries, dtype=np.int64).reshape(-1, 3).T
    audiences = audiences_of_arrays(streamer, viewer, minutes, n_streamers=len(world))
    limits = Limits(entries_of_a_part=10**6, cells_of_a_block=cells, cells_of_a_batch=4)
    order = audiences.by_size()
    with Blobs().keeping() as keep:
        pass
    pieces = []
    for part in range(parts):
        here = viewer % parts == part
        made = parcels_of(
            viewer[here], streamer[here], minutes[here], n_streamers=len(world), bits=1
        )
        rows = viewer_rows(made, 0, 2, rank=audiences.ranks())
        counted = shared_cells(
            lambda rows=rows: iter([rows]), n_streamers=len(world), limits=limits
        )
        pieces += [piece_of(one, keep) for one in counted]
    firsts = {piece["first"] for piece in pieces}
    summed = [sum_of((one for one in pieces if one["first"] == first), Blobs()) for first in firsts]
    whole = list(shared_audience(audiences, limits))
    assert rows_of([pairs_of(one, order) for one in summed]) == rows_of(whole)
    assert {one.n_viewers for one in summed} == {one.n_viewers for one in whole}


@pytest.mark.parametrize("kind", ["rows", "files", "files asked by SQL"])
def test_what_workers_do_in_turn_gives_the_relations_of_one_process(kind, tmp_path):
    in_files = kind != "rows"
    pa = pytest.importorskip("pyarrow", reason="the extra spark")
    pq = pytest.importorskip("pyarrow.parquet", reason="the extra spark")
    rng = np.random.default_rng(4)
    # Few streamers share all of their viewers, and most share hardly any: blocks full and nearly empty.
    sizes = [200] * 20 + [3] * 60
    streamer = np.repeat(np.arange(80, dtype=np.int32), sizes)
    viewer = np.concatenate([rng.permutation(220 if n > 3 else 900)[:n] for n in sizes])
    minutes = rng.integers(1, 99, len(viewer)).astype(np.int32)
    audiences = audiences_of_arrays(streamer, viewer, minutes, n_streamers=80)
    rules = RelationRules(measure="count", threshold=1, significance=0.5, least_common_viewers=1)
    limits = Limits(entries_of_a_part=10**6, cells_of_a_block=300, cells_of_a_batch=99)
    table = pa.table({"streamer": streamer, "viewer": viewer, "minutes": minutes})
    query = None
    if kind == "files asked by SQL":
        query = Query(
            "SELECT streamer, viewer, CAST(round(minutes) AS INTEGER) AS minutes "
            "FROM seen JOIN kept USING (channel) WHERE minutes > 0",
            of="seen",
            beside={"kept": pa.table({"channel": range(700, 780), "streamer": range(80)})},
        )
        odd = {"streamer": [79, 80], "viewer": [1, 1], "minutes": [0, 7]}  # too short, not kept
        table = pa.concat_tables([table, pa.table(odd).cast(table.schema)])
        table = pa.table(
            {
                "channel": pa.compute.add(table["streamer"].cast("int64"), 700),
                "viewer": table["viewer"],
                "minutes": table["minutes"].cast("double"),
            }
        )
    sharing = Sharing(bits=3, places=(0, 1, 0, 1), n_streamers=80)
    blobs = Blobs(str(tmp_path) if in_files else None)
    if in_files:
        for name, rows in {"a": table[:999], "b": table[999:]}.items():
            pq.write_table(rows, tmp_path / name, row_group_size=500)
        cluster = Cluster("none", None, tasks=3, memory_gib=1)
        tasks = InFiles.of(cluster, [tmp_path / "a", tmp_path / "b"]).tasks
        assert sorted(k for task in tasks for k in task) == sorted(
            (str(tmp_path / name), group)
            for name, groups in {"a": 2, "b": -(-(len(table) - 999) // 500)}.items()
            for group in range(groups)
        )
        parcels = pa.concat_tables(
            pa.Table.from_batches(pack_files(task, query=query, sharing=sharing, blobs=blobs))
            for task in tasks
        )
        sums = parcels.filter(pa.compute.field("part") == SUMS).column("entries")
        assert len(sums) == len(tasks)
        each, longest = zip(*(sums_in(blobs.read(one.as_buffer())) for one in sums), strict=True)
        totals = added(each, longest, 80)
        assert totals.sizes.tolist() == audiences.sizes.tolist()
        assert totals.minutes.tolist() == audiences.minutes.tolist()
        assert totals.longest == audiences.longest
    else:
        parcels = pa.Table.from_batches(
            pack_rows(iter(table.to_batches(100)), sharing=sharing, blobs=blobs)
        )
    pieces = []
    for place in (0, 1):
        here = parcels.filter(pa.compute.field("place") == place).sort_by("part")
        pieces += count(
            iter(here.to_batches()),
            sharing=sharing,
            rank=audiences.ranks(),
            limits=limits,
            blobs=blobs,
        )
    sizes = {
        (row["first"], row["last"]): len(blobs.read(row["cells"]))
        for piece in pieces
        for row in piece.to_pylist()
    }
    whole = {
        size == 4 * (last * (last - 1) - first * (first - 1))
        for (first, last), size in sizes.items()
    }
    assert whole == {True, False}  # some blocks are handed on wholly, some by their full cells
    rows = iter(pa.Table.from_batches(pieces).sort_by("first").to_batches())
    verdicts = list(add(rows, rules=rules, audiences=audiences, blobs=blobs))
    found = settle(
        (pickle.loads(blobs.read(batch.column(0)[0].as_py())) for batch in verdicts),
        rules,
        audiences,
    )
    expected = relations_between(audiences, rules, limits)
    assert found.pairs.equals(expected.pairs)
    assert found.counts == expected.counts


@pytest.mark.parametrize("memory_gib", [0.5, 1, 4])
@pytest.mark.parametrize("viewers_of_each", [100, 20_000, 400_000])
def test_a_process_can_hold_the_entries_of_its_group(memory_gib, viewers_of_each):
    audiences = totals_of(3_000 * viewers_of_each, longest=9, n_streamers=3_000)
    groups = groups_within(memory_gib, audiences, wanted=2)
    assert groups >= 2
    of_a_group = totals_of(3_000 * viewers_of_each // groups, longest=9, n_streamers=3_000)
    assert of_a_group.parts(limits_within(memory_gib, of_a_group).entries_of_a_part) == 1


@pytest.mark.parametrize("cluster", ["local", "local[0]", "host:7077", "yarn", "spark://", "sc:"])
def test_what_is_no_address_is_refused_before_anything_is_read(cluster, refusal, tmp_path):
    line = refusal("process", tmp_path, "--out", tmp_path / "out", "--cluster", cluster)
    assert "--cluster: expected spark://HOST:PORT, sc://HOST:PORT or local[N]" in line


def test_without_pyspark_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(StreamergraphError, match=r"expected PySpark.*; .*(pip install|'spark')"):
        require_pyspark()


def test_without_java_that_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(StreamergraphError, match="expected Java 17 or newer, found none on PATH"):
        require_java()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(StreamergraphError, match="none below JAVA_HOME"):
        require_java()


def test_tracebacks_that_py4j_logs_are_not_shown_and_others_are(capsys, monkeypatch):
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    theirs = compile("import logging; logging.exception('theirs')", "/lib/py4j/gateway.py", "exec")
    with without_py4j_in_logs():
        exec(theirs)
        logging.getLogger("of.others").warning("ours")
    assert capsys.readouterr().err == "ours\n"
    assert logging.getLogger().handlers == []


@pytest.mark.parametrize(("kind", "who"), [("spark", "master"), ("sc", "Spark Connect")])
def test_where_nobody_listens_that_is_said_at_once(kind, who):
    with socket.socket() as taken:  # a port that nobody listens at
        taken.bind(("127.0.0.1", 0))
        address = f"{kind}://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(
            StreamergraphError, match=f"{who} that answers, found {address}: .*refused"
        ):
            require_answer(address)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            "x\nModuleNotFoundError: No module named 'streamergraph'\ny",
            "streamergraph .* on all workers",
        ),
        ("[PYTHON_VERSION_MISMATCH] Python in worker has different version: 3.9", "Python 3"),
        (
            "java.io.InvalidClassException: org.apache.spark.X; incompatible",
            "same version of Spark",
        ),
        ('Cannot run program "python9": error=2', "a Python on all workers"),
        ("[PATH_NOT_FOUND] Path does not exist: file:/a/b", "a store that all workers see"),
        ("FileNotFoundError: [Errno 2] No such file or directory: '/a/b'", "--spill that all"),
        ("x\njava.lang.OutOfMemoryError: Java heap space", "enough memory on the workers"),
        ("ExecutorLostFailure (executor 1 exited)", "a cluster that stays"),
    ],
)
def test_what_differs_on_the_workers_is_one_line(said, expected):
    assert mendable(RuntimeError("something else")) is None
    with pytest.raises(StreamergraphError, match=expected):
        raise mendable(RuntimeError(said))
