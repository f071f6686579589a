from __future__ import annotations

import datetime

import polars as pl
import pytest
from streamergraph.errors import StreamergraphError
from streamergraph.tables.keeping import write_keeping
from streamergraph.tables.reading import read_tables
from streamergraph.tables.tables import Tables
from streamergraph.tables.writing import write_tables

DAY = datetime.date(2010, 3, 2)
FACTS = {
    "steam_title": "Chess", "developer": "Alpha", "publisher": "Alpha", "release_date": DAY,
    "tags": "Board Game", "kind": "game", "match_method": "exact", "match_score": 100,
}  # fmt: skip
NO_MATCH = {"kind": "game", "match_method": "none", "match_score": 0}
KINDS = {
    "release_date": pl.Date, "match_score": pl.Int64, "steam_app_id": pl.Int64, "igdb_id": pl.Int64
}  # fmt: skip


def tables(categories, streamers=("A", "B"), links=None):
    """Tables of categories {id or name: facts} and streamers by rank; relations are none."""
    rows = [
        {"category_id": key[0] if isinstance(key, tuple) else k,
         "name": key[1] if isinstance(key, tuple) else key, **facts}
        for k, (key, facts) in enumerate(categories.items())
    ]  # fmt: skip
    extra = [name for name in ("kind", "match_method", "match_score", "steam_app_id", "igdb_id")
             if any(name in row for row in rows)]  # fmt: skip
    names = ["steam_title", "developer", "publisher", "release_date", "tags", *extra]
    return Tables(
        streamers=pl.DataFrame(
            {
                "streamer_id": range(len(streamers)),
                "name": list(streamers),
                **dict.fromkeys(
                    ("minutes_live", "mean_viewers", "peak_viewers", "mean_chatters"), 1
                ),
                "distinct_chatters": 1,
                "social_links": [(links or {}).get(name) for name in streamers],
            },
            schema_overrides={"social_links": pl.String},
        ),
        categories=pl.DataFrame(
            {
                "category_id": [row["category_id"] for row in rows],
                "name": [row["name"] for row in rows],
                **{
                    name: pl.Series(
                        [row.get(name) for row in rows], dtype=KINDS.get(name, pl.String)
                    )
                    for name in names
                },
            }
        ),
        played=pl.DataFrame(
            schema={"streamer_id": pl.Int64, "category_id": pl.Int64, "minutes": pl.Int64}
        ),
        overlaps=pl.DataFrame(
            schema={
                "streamer_id_a": pl.Int64,
                "streamer_id_b": pl.Int64,
                "overlap_percent": pl.Float64,
            }
        ),
    )


def category(folder, name):
    return read_tables(folder).categories.filter(pl.col("name") == name).row(0, named=True)


def test_facts_stay_with_their_category_when_ids_move(tmp_path):
    write_tables(tmp_path, tables({"Chess": FACTS, "Go": NO_MATCH}))
    kept = write_keeping(tmp_path, tables({"Alone": {}, "Chess": {}, "Go": {}}))
    found = category(tmp_path, "Chess")
    assert found["category_id"] == 1
    assert {name: found[name] for name in FACTS} == FACTS
    assert category(tmp_path, "Go")["match_method"] == "none"
    assert category(tmp_path, "Alone")["match_method"] is None
    assert (kept.categories, kept.set_aside, kept.waiting) == (1, 0, ("Alone",))
    assert "1 new categories have no Steam facts yet: run enrich (Alone)" in kept.told()


def test_what_waits_is_told_until_it_was_looked_at(tmp_path):
    write_tables(tmp_path, tables({"Chess": FACTS}))
    for _ in range(2):
        assert write_keeping(tmp_path, tables({"Alone": {}, "Chess": {}})).waiting == ("Alone",)
    write_tables(tmp_path, tables({"Alone": NO_MATCH, "Chess": FACTS}))
    assert write_keeping(tmp_path, tables({"Alone": {}, "Chess": {}})).waiting == ()


def test_tables_that_were_never_enriched_have_nothing_to_keep_or_to_wait_for(tmp_path):
    write_tables(tmp_path, tables({"Chess": {}}))
    kept = write_keeping(tmp_path, tables({"Chess": {}, "Go": {}}))
    assert kept.told() == []
    assert write_keeping(tmp_path / "new", tables({"Chess": {}})).told() == []


def test_ids_that_are_no_ranks_join_a_category_that_was_renamed(tmp_path):
    write_tables(tmp_path, tables({(743, "Chess"): FACTS, (-5, "Go"): NO_MATCH}))
    write_keeping(tmp_path, tables({(743, "Chess!"): {}, (-7, "Draughts"): {}}))
    assert category(tmp_path, "Chess!")["developer"] == "Alpha"
    assert category(tmp_path, "Draughts")["developer"] is None


def test_what_falls_below_a_threshold_has_its_facts_again_when_it_comes_back(tmp_path):
    write_tables(
        tmp_path, tables({"Chess": FACTS, "Go": NO_MATCH}, links={"B": "https://b.example"})
    )
    kept = write_keeping(tmp_path, tables({"Go": {}}, streamers=["A"]))
    assert kept.set_aside == 2
    assert "2 rows with such facts are not in these tables" in kept.told()[-1]
    assert write_keeping(tmp_path, tables({"Go": {}}, streamers=["A"])).set_aside == 2
    write_keeping(tmp_path, tables({"Chess": {}, "Go": {}}, streamers=["B", "A"]))
    assert category(tmp_path, "Chess")["release_date"] == DAY
    assert read_tables(tmp_path).streamers["social_links"].to_list() == ["https://b.example", None]
    assert not list(tmp_path.glob("*.set_aside.parquet"))


def test_links_of_streamers_stay_by_name(tmp_path):
    write_tables(tmp_path, tables({"Chess": {}}, links={"A": "https://a.example"}))
    kept = write_keeping(tmp_path, tables({"Chess": {}}, streamers=["New", "a"]))
    assert kept.streamers == 1
    assert read_tables(tmp_path).streamers["social_links"].to_list() == [None, "https://a.example"]


def test_links_that_somebody_wrote_into_the_csv_file_stay(tmp_path):
    write_tables(tmp_path, tables({"Chess": {}}))
    file = tmp_path / "Streamer_dataset.csv"
    text = file.read_text()
    assert text.count("0,A,1,1,1,1,1,\n") == 1
    file.write_text(text.replace("0,A,1,1,1,1,1,\n", "0,A,1,1,1,1,1,https://a.example\n"))
    write_keeping(tmp_path, tables({"Chess": {}}))
    assert read_tables(tmp_path).streamers["social_links"].to_list() == ["https://a.example", None]


def test_new_facts_are_taken_whole_and_not_mixed_with_old_ones(tmp_path):
    write_tables(tmp_path, tables({"Chess": FACTS | {"steam_app_id": 7}}))
    new = {"steam_title": "Chess 2", "match_method": "fuzzy", "match_score": 97}
    write_keeping(tmp_path, tables({"Chess": new}))
    found = category(tmp_path, "Chess")
    assert (found["steam_title"], found["developer"]) == ("Chess 2", None)
    assert found.get("steam_app_id") is None


def test_other_ids_do_not_stand_in_the_way_of_facts(tmp_path):
    write_tables(tmp_path, tables({"Chess": FACTS | {"steam_app_id": 7}}))
    write_keeping(tmp_path, tables({"Chess": {"igdb_id": 9}}))
    found = category(tmp_path, "Chess")
    assert (found["igdb_id"], found["steam_app_id"], found["developer"]) == (9, 7, "Alpha")


def test_old_tables_that_cannot_be_read_are_not_replaced(tmp_path):
    write_tables(tmp_path, tables({"Chess": FACTS}))
    (tmp_path / "categories.parquet").write_bytes(b"half of it")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(StreamergraphError, match="categories"):
        write_keeping(tmp_path, tables({"Chess": {}}))
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
