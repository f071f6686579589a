from __future__ import annotations

import csv

import polars as pl
import pytest
from streamergraph.enrichment.kinds import kind_of
from streamergraph.enrichment.matching import match_titles, matching_counts
from streamergraph.enrichment.review import LEAST_REVIEWED
from streamergraph.enrichment.steam import read_steam
from streamergraph.tables.reading import read_tables
from streamergraph.verbs.enrich import enrich


def by_category(matches):
    return {match.category: match for match in matches}


def test_each_title_is_matched_by_the_first_step_that_can():
    titles = ["Hades", "Tom Clancy’s The Division™", "FIFA 22", "DOOM Eternal"]
    names = ["Hades", "Doom: Eternal", "Tom Clancy's The Division", "FIFA 21", "Chess"]
    found = by_category(match_titles(names, titles))
    assert [found[name].method for name in names] == [
        "exact",
        "normalized",
        "spelling",
        "fuzzy",
        "none",
    ]
    assert found["Tom Clancy's The Division"].accepted
    assert found["FIFA 21"].steam_title == "FIFA 22"
    assert not found["FIFA 21"].accepted


@pytest.mark.parametrize(
    ("category", "title"),
    [("Final Fantasy IX", "Final Fantasy X"), ("Grand Theft Auto V", "Grand Theft Auto IV"),
     ("Farming Simulator 17", "Farming Simulator 19"), ("Red Dead Redemption", "Red Dead Redemption 2")],
)  # fmt: skip
def test_a_sequel_is_not_its_forerunner_however_alike(category, title):
    (match,) = match_titles([category], [title], least_score=80)
    assert match.score >= 90
    assert not match.accepted


def test_published_titles_match_as_published(published):
    names = read_tables(published).categories["name"].to_list()
    titles = [game.title for game in read_steam(published / "steam_games.csv").games]
    counts = matching_counts(match_titles(names, titles, spellings=False))
    assert counts["raw_exact"] == 318
    assert counts["exact_after_normalizing"] == 402
    assert counts["left"] == 741
    assert counts["without_candidate"] == 268
    assert counts["with_candidate"] == 473
    assert matching_counts(match_titles(names, titles))["by_spelling"] == 13


@pytest.mark.parametrize(
    ("category", "title"),
    [("MotoGP 22", "MotoGP™22"), ("Puyo Puyo Tetris", "Puyo Puyo™Tetris®"), ("Outlast II", "Outlast 2"),
     ("Stronghold Crusader 2", "Stronghold Crusader II"), ("Tom Clancy's Elite", "Tom Clancy’s Elite™"),
     ("Pokémon Path", "Pokemon Path"), ("Might and Magic", "Might & Magic"), ("Half Life", "Half-Life"),
     ("軒轅劍 III", "軒轅劍3"), ("Brütal", "Brutal")],
)  # fmt: skip
def test_titles_that_differ_in_their_spelling_alone_are_one(category, title):
    (match,) = match_titles([category], [title, "Something Else"])
    assert (match.steam_title, match.method, match.accepted) == (title, "spelling", True)


@pytest.mark.parametrize(
    ("category", "title"),
    [("Mega Man X", "Mega Man 10"), ("FIFA 2 1", "FIFA 21"), ("Outlast", "Outlast 2"), ("!!!", "???"),
     ("Player I", "Player 1")],
)  # fmt: skip
def test_other_numbers_and_what_has_no_letters_are_no_spelling(category, title):
    (match,) = match_titles([category], [title])
    assert not match.accepted


def test_two_games_of_one_spelling_wait_for_review(tables, tmp_path):
    (tmp_path / "steam.csv").write_text(
        "title,developer,release_date\nLife is Strange™2,Dontnod,2018-09-27\n"
        "Life Is Strange II,Others,2020-01-01\n"
    )
    enrich(tables, steam=tmp_path / "steam.csv", out=tmp_path / "out")
    rows = list(csv.DictReader((tmp_path / "out" / "review.csv").open(encoding="utf-8")))
    assert {row["developer"] for row in rows} == {"Dontnod", "Others"}
    enriched = pl.read_parquet(tmp_path / "out" / "categories.parquet")
    assert enriched["steam_title"].drop_nulls().is_empty()


@pytest.fixture
def tables(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "Streamer_dataset.csv").write_text(
        "idStreamer,streamer,minutesLive,viewerMean,viewerPeak,spectMean,spectTot\n0,A,1,1,1,1,1\n"
    )
    (source / "Games_dataset_name.csv").write_text(
        "ID_game,game_name\n0,Hades\n1,Just Chatting\n2,Life is Strange 2\n"
    )
    (source / "Streamer-Games_dataset.csv").write_text("ID_streamer,ID_game,minutes\n0,0,30\n")
    (source / "Streamer-Streamer_dataset.csv").write_text(
        "ID_streamer_i,ID_streamer_j,overlap_percentage\n"
    )
    (tmp_path / "steam.csv").write_text(
        "title,developer,publisher,release_date,categories\n"
        "Hades,Supergiant,,17 September 2020,Roguelike; Action\n"
        "Life is Strange,Dontnod,Square Enix,Unknown,Story\n"
    )
    return source


def test_facts_method_score_and_kind_are_recorded(tables, tmp_path):
    enrich(tables, steam=tmp_path / "steam.csv", out=tmp_path / "out")
    rows = {
        row["name"]: row for row in pl.read_parquet(tmp_path / "out/categories.parquet").to_dicts()
    }
    hades = rows["Hades"]
    # No publisher is given where it is the developer.
    assert (hades["developer"], hades["publisher"]) == ("Supergiant", "Supergiant")
    assert (hades["match_method"], hades["match_score"], hades["kind"]) == ("exact", 100, "game")
    assert hades["release_date"].isoformat() == "2020-09-17"
    assert rows["Just Chatting"]["kind"] == "non-game"
    assert rows["Life is Strange 2"]["steam_title"] is None


@pytest.mark.parametrize(("decision", "title"), [("yes", "Life is Strange"), ("no", None)])
def test_what_a_person_decided_survives_every_run(tables, tmp_path, decision, title):
    out, review = tmp_path / "out", tmp_path / "out" / "review.csv"
    enrich(tables, steam=tmp_path / "steam.csv", out=out)
    (row,) = csv.DictReader(review.open(encoding="utf-8"))
    assert (row["category"], row["decision"]) == ("Life is Strange 2", "")
    assert int(row["score"]) >= LEAST_REVIEWED
    review.write_text(
        "category,candidate,score,decision,reviewed_by,reviewed_at\n"
        f"Life is Strange 2,Life is Strange,93,{decision},me,2026-01-01\n"
    )
    for _ in range(2):
        enrich(tables, steam=tmp_path / "steam.csv", out=out)
        (row,) = csv.DictReader(review.open(encoding="utf-8"))
        assert (row["decision"], row["reviewed_by"]) == (decision, "me")
    enriched = pl.read_parquet(out / "categories.parquet").filter(pl.col("category_id") == 2)
    assert enriched["steam_title"].to_list() == [title]
    assert enriched["match_method"].to_list() == ["reviewed"]


def test_a_broken_review_is_refused_and_kept(tables, tmp_path, refusal):
    review = tmp_path / "review.csv"
    text = "category,candidate,score,decision,reviewed_by,reviewed_at\nA,B,90,maybe,,\n"
    review.write_text(text)
    options = ["--steam", tmp_path / "steam.csv", "--out", tmp_path / "out", "--review", review]
    assert "maybe" in refusal("enrich", tables, *options)
    assert review.read_text() == text


def test_a_matched_title_is_a_game_whatever_its_name():
    assert kind_of("Chess", has_match=False) == "non-game"
    assert kind_of("Chess", has_match=True) == "game"
