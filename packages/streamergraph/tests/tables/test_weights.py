from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamergraph.errors import StreamergraphError
from streamergraph.tables.facts import TableFacts
from streamergraph.tables.integrity import integrity_findings
from streamergraph.tables.reading import read_tables
from streamergraph.tables.weights import MEASURE_COLUMNS, WEIGHTS, choose_weight, exact, shown
from streamergraph.tables.writing import write_tables


@given(st.floats(min_value=1e-9, max_value=100, allow_subnormal=False))
def test_a_percentage_is_shown_as_0_by_no_text(value):
    (text,) = shown([value])
    assert float(text) > 0
    assert float(text) == pytest.approx(value, rel=0.06, abs=0.051 if value >= 0.06 else 0)
    assert float(exact(value)) == value


def test_every_measure_has_a_column_that_may_weigh():
    assert set(MEASURE_COLUMNS.values()) <= set(WEIGHTS)
    assert "p_value" not in WEIGHTS


@pytest.mark.parametrize("value", [0.0, None, float("nan"), float("inf"), -1.0])
def test_a_column_with_a_value_that_weighs_nothing_is_refused(value):
    overlaps = pl.DataFrame({"overlap_percent": [10.0, 20.0], "jaccard": [5.0, value]})
    with pytest.raises(StreamergraphError, match="above 0 and finite"):
        choose_weight(overlaps, "jaccard")
    assert choose_weight(overlaps, "overlap_percent").label == "overlap (%)"


def test_a_measure_that_tables_name_and_lack_is_told(simulated, tmp_path, refusal):
    tables = replace(read_tables(simulated.tables), facts=TableFacts(measure="cosine"))
    write_tables(tmp_path / "tables", tables)
    assert any("cosine" in finding.rule for finding in integrity_findings(tables))
    (tmp_path / "tables" / "overlaps.parquet").unlink()  # the CSV has the overlap alone
    for verb in ("communities", "model", "explore"):
        line = refusal(verb, tmp_path / "tables", "--out", tmp_path / "out.html")
        assert "cosine" in line
        assert "tables.json" in line


def test_published_percentages_are_written_as_they_came_and_computed_ones_rounded(
    tmp_path, simulated
):
    tables = read_tables(simulated.tables)
    first = tables.overlaps.head(2).with_columns(pl.Series("overlap_percent", [12.345, 0.0412]))
    write_tables(tmp_path / "ours", replace(tables, overlaps=first))
    theirs = first.select("streamer_id_a", "streamer_id_b", "overlap_percent")
    write_tables(tmp_path / "theirs", replace(tables, overlaps=theirs))
    file = "Streamer-Streamer_dataset.csv"
    ours, kept = (
        pl.read_csv(tmp_path / name / file)["overlap_percentage"] for name in ("ours", "theirs")
    )
    assert ours.to_list() == [12.3, 0.041]
    assert kept.to_list() == [12.345, 0.0412]
    # Whatever the CSV shows, Parquet has all digits.
    assert read_tables(tmp_path / "ours").overlaps["overlap_percent"].to_list() == [12.345, 0.0412]


def test_published_tables_are_rewritten_byte_for_byte(published, tmp_path):
    write_tables(tmp_path, read_tables(published))
    file = "Streamer-Streamer_dataset.csv"
    assert (tmp_path / file).read_bytes().split() == (published / file).read_bytes().split()
