from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from streamergraph.errors import StreamergraphError
from streamergraph.tables.reading import read_tables
from streamergraph.tables.tables import top_streamers
from streamergraph.tables.writing import write_tables

FILES = {
    "Streamer_dataset.csv": "idStreamer,streamer,minutesLive,viewerMean,viewerPeak,spectMean,spectTot\n"
    '0,"Quote"" ,\nnew 😀",60,90,99,40,100\n1,Two,60,50,60,30,80\n',
    "Games_dataset.csv": "idGame,gameName,steamName,developer,publisher,releaseDate,categories\n"
    "0,Chess,,,,,\n1,Hades,Hades,Supergiant,Supergiant,2020-09-17,nan\n",
    "Streamer-Games_dataset.csv": "ID_streamer,ID_game,minutes\n0,1,45\n",
    "Streamer-Streamer_dataset.csv": "ID_streamer_i,ID_streamer_j,overlap_percentage\n0,1,12.5\n",
}


@pytest.fixture
def folder(tmp_path):
    tables = tmp_path / "tables"
    tables.mkdir()
    for name, text in FILES.items():
        (tables / name).write_text(text, encoding="utf-8")
    return tables


def test_tables_survive_both_forms(folder, tmp_path):
    read = read_tables(folder)
    write_tables(tmp_path / "out", read)
    again = read_tables(tmp_path / "out")
    for path in (tmp_path / "out").glob("*.parquet"):
        path.unlink()
    from_csv = read_tables(tmp_path / "out")
    for name in ("streamers", "categories", "played", "overlaps"):
        assert_frame_equal(getattr(again, name), getattr(read, name))
        assert_frame_equal(getattr(from_csv, name), getattr(read, name))
    assert read.streamers["name"][0] == 'Quote" ,\nnew 😀'
    assert read.categories["tags"].to_list() == [None, None]


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("Streamer-Streamer_dataset.csv", "0,1,12.5", "0,7,12.5", "streamers are known"),
        ("Streamer-Streamer_dataset.csv", "0,1,12.5", "0,1,12.5\n0,1,13", "a pair stands once"),
        ("Streamer-Streamer_dataset.csv", "0,1,12.5", "1,0,12.5", "the first id is the smaller"),
        ("Streamer-Streamer_dataset.csv", "0,1,12.5", "0,1,much", "'much' in row 2"),
        ("Streamer-Streamer_dataset.csv", "0,1,12.5", "0,1,nan", "above 0 and finite"),
        ("Streamer-Games_dataset.csv", "0,1,45", "0,9,45", "categories are known"),
        ("Streamer-Games_dataset.csv", "0,1,45", "0,1,45.5", "found '45.5' in row 2"),
        ("Streamer_dataset.csv", "spectTot", "other", "a column spectTot"),
        ("Games_dataset.csv", "2020-09-17", "soon", "a date"),
    ],
)
def test_contradictions_are_refused_in_one_line(folder, tmp_path, refusal, file, old, new, said):
    path = folder / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert said in refusal("communities", folder, "--out", tmp_path / "out")


def test_an_absent_table_is_named(folder):
    (folder / "Streamer-Games_dataset.csv").unlink()
    with pytest.raises(StreamergraphError, match=r"played\.parquet or Streamer-Games_dataset\.csv"):
        read_tables(folder)


def test_published_tables_have_their_numbers(published):
    tables = read_tables(published)
    assert (tables.streamers.height, tables.categories.height) == (2977, 1144)
    assert (tables.overlaps.height, tables.played.height) == (47222, 7709)
    assert (tables.n_nodes, tables.n_relationships) == (4121, 54931)


def test_the_published_short_tables_are_the_500_streamers_with_the_most_viewers(published):
    top = top_streamers(read_tables(published), 500)
    short = pl.read_csv(published / "Streamer-Streamer_dataset_short.csv")
    assert (
        top.overlaps.select("streamer_id_a", "streamer_id_b", "overlap_percent").rows()
        == short.rows()
    )
    nodes = pl.read_csv(
        published / "Streamer_dataset_short.csv", schema_overrides={"Label": pl.String}
    )
    assert top.streamers.select("streamer_id", "name", "mean_viewers").rows() == nodes.rows()


@pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="the system has no disk that is always full"
)
def test_a_full_disk_mixes_no_tables_of_two_calls(tmp_path, monkeypatch, published):
    tables = read_tables(published)
    write_tables(tmp_path, tables)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    usual, calls = pl.DataFrame.write_csv, []

    def fails_in_the_end(frame, *arguments, **options):
        calls.append(1)
        if len(calls) == 4:
            return usual(frame, "/dev/full", **options)
        return usual(frame, *arguments, **options)

    monkeypatch.setattr(pl.DataFrame, "write_csv", fails_in_the_end)
    few = replace(tables, played=tables.played.head(5))
    with pytest.raises(StreamergraphError, match="make room"):
        write_tables(tmp_path, few)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_whole_numbers_may_be_floats_as_tables_with_holes_have_them(folder):
    plain = read_tables(folder)
    for name, old, new in (
        ("Streamer-Streamer_dataset.csv", "0,1,12.5", "0.0,1.0,12.5"),
        ("Streamer-Games_dataset.csv", "0,1,45", "0.0,1.0,45.0"),
    ):
        (folder / name).write_text(FILES[name].replace(old, new), encoding="utf-8")
    again = read_tables(folder)
    for name in ("streamers", "categories", "played", "overlaps"):
        assert_frame_equal(getattr(again, name), getattr(plain, name))


def test_a_fraction_is_not_cut_from_a_table_in_parquet(folder, tmp_path):
    write_tables(tmp_path / "out", read_tables(folder))
    path = tmp_path / "out" / "streamers.parquet"
    for minutes, said in (([60.0, 60.0], None), ([60.0, 60.5], r"a whole number.*60\.5 in row 3")):
        frame = pl.read_parquet(path).with_columns(pl.Series("minutes_live", minutes))
        frame.write_parquet(path)
        if said is None:
            assert read_tables(tmp_path / "out").streamers["minutes_live"].to_list() == [60, 60]
        else:
            with pytest.raises(StreamergraphError, match=said):
                read_tables(tmp_path / "out")
