from __future__ import annotations

import csv
from dataclasses import replace

import polars as pl
import pytest
from streamergraph.enrichment.candidates import Catalogue, different_games, with_candidates
from streamergraph.enrichment.matching import match_titles
from streamergraph.enrichment.release_dates import read_dates
from streamergraph.enrichment.steam import SteamGame

HEADER = "category,candidate,score,decision,reviewed_by,reviewed_at"
TITLES = [
    "appid,title,developer,publisher,release_date,categories",
    "1,Chess,Alpha Works,,2 March 2010,Board Game",
    "2,Racer Two,Beta Works,,11 July 2006,Racing",
    "3,Harbour Master,Gamma Works,,5 May 2017,Simulation",
    "4,Twin,Delta Works,,11 July 2006,Shooter",
    "5,Twin,Epsilon Works,,5 May 2017,Racing",
    "1,Chess,Alpha Works,,2 March 2010,Board Game",
]


@pytest.fixture
def folder(tmp_path):
    source = tmp_path / "tables"
    source.mkdir()
    (source / "Streamer_dataset.csv").write_text(
        "idStreamer,streamer,minutesLive,viewerMean,viewerPeak,spectMean,spectTot\n0,A,1,1,1,1,1\n"
    )
    (source / "Games_dataset_name.csv").write_text(
        "ID_game,game_name\n0,Chess\n1,Harbour\n2,Racer\n3,Twin\n"
    )
    (source / "Streamer-Games_dataset.csv").write_text("ID_streamer,ID_game,minutes\n0,0,30\n")
    (source / "Streamer-Streamer_dataset.csv").write_text(
        "ID_streamer_i,ID_streamer_j,overlap_percentage\n"
    )
    (tmp_path / "steam.csv").write_text("\n".join(TITLES) + "\n")
    return tmp_path


@pytest.fixture
def enrich(folder, call):
    """Enrich with these rows of a review; returns status, output, facts by category, the review's rows."""

    def run(*rows, header=HEADER):
        review = folder / "review.csv"
        if rows:
            review.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        options = ["--steam", folder / "steam.csv", "--review", review, "--out", folder / "out"]
        status, out, err = call("enrich", folder / "tables", *options)
        if status:
            return status, err, {}, []
        frame = pl.read_parquet(folder / "out" / "categories.parquet")
        facts = dict(frame.select("name", "developer").iter_rows())
        with review.open(encoding="utf-8") as file:
            return status, out, facts, list(csv.DictReader(file))

    return run


def test_one_of_several_games_of_a_title_is_not_taken_for_certain(enrich, folder):
    _, out, facts, rows = enrich()
    assert facts == {"Chess": "Alpha Works", "Harbour": None, "Racer": None, "Twin": None}
    assert "1 of 4 categories have a Steam title: 1 exact" in out
    assert "1 wait in" in out
    told = [
        (row["candidate"], row["developer"], row["release_date"], row["app_id"]) for row in rows
    ]
    assert told == [
        ("Twin", "Delta Works", "2006-07-11", "4"),
        ("Twin", "Epsilon Works", "2017-05-05", "5"),
    ]
    with (folder / "out" / "matches.csv").open(encoding="utf-8") as file:
        matches = {row["category"]: row for row in csv.DictReader(file)}
    assert (matches["Chess"]["method"], matches["Chess"]["games"]) == ("exact", "1")
    assert (matches["Twin"]["method"], matches["Twin"]["accepted"]) == ("ambiguous", "False")
    assert matches["Twin"]["games"] == "2"


NAMED = HEADER + ",developer,release_date,app_id"


@pytest.mark.parametrize(
    "said", ["Epsilon Works,2017-05-05,5", "epsilon works,,", ",2017,", ",5 May 2017,", ",,5"]
)
def test_a_person_says_which_game_by_whatever_tells_them_apart(enrich, said):
    other = "Twin,Twin,100,no,,,Delta Works,2006-07-11,4"
    for rows in (
        [f"Twin,Twin,100,yes,me,2026-01-01,{said}"],
        [f"Twin,Twin,100,yes,,,{said}", other],
    ):
        _, out, facts, after = enrich(*rows, header=NAMED)
        assert facts["Twin"] == "Epsilon Works"
        assert "0 wait in" in out
        assert [row["decision"] for row in after] == ["yes", "no"][: len(rows)]


def test_the_choice_made_in_the_file_that_was_written_holds(enrich, folder):
    enrich()
    review = folder / "review.csv"
    header, first, second = review.read_text().splitlines()
    review.write_text("\n".join([header, first, second.replace("100,,", "100,yes,")]) + "\n")
    for _ in range(2):
        _, _, facts, rows = enrich()
        assert facts["Twin"] == "Epsilon Works"
        assert [row["decision"] for row in rows] == ["yes"]


def test_no_to_one_of_several_leaves_the_others_open(enrich):
    _, out, facts, rows = enrich("Twin,Twin,100,no,,,Delta Works,2006-07-11,4", header=NAMED)
    assert facts["Twin"] is None
    assert [(row["decision"], row["app_id"]) for row in rows] == [("no", "4"), ("", "5")]
    assert "1 wait in" in out
    _, out, facts, rows = enrich("Twin,Twin,100,no,,,,,", header=NAMED)
    assert (facts["Twin"], len(rows)) == (None, 1)
    assert "0 wait in" in out


def test_yes_to_a_title_that_is_none_is_refused_and_nothing_is_written(enrich, folder):
    rows = ["Racer,Racer Twoo,82,yes,me,2024-05-02", "Harbour,Harbour Master,80,yes,me,2024-05-02"]
    status, err, _, _ = enrich(*rows)
    assert status == 2
    for said in ("review.csv", "'Racer' in row 2", "'Racer Twoo'", "did you mean Racer Two?"):
        assert said in err
    assert not (folder / "out").exists()
    assert "Twoo" in (folder / "review.csv").read_text()
    status, out, facts, _ = enrich(rows[0].replace("Twoo", "Two"), rows[1])
    assert status == 0
    assert (facts["Racer"], facts["Harbour"]) == ("Beta Works", "Gamma Works")
    assert "3 of 4 categories have a Steam title: 1 exact, 0 alike, 2 reviewed" in out


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["Twin,Twin,100,yes,,,,,"], "title of 2 games: Delta Works, 2006-07-11, 4; Epsilon Works"),
        (["Twin,Twin,100,yes,,,Zeta Works,,"], "one game as candidate for 'Twin' in row 2"),
        (["Twin,Twin,100,yes,,,,,4", "Twin,Twin,100,yes,,,,,5"], "one decision for 'Twin'"),
        (
            ["Twin,Twin,100,yes,,,,,4", "Twin,Twin,100,no,,,,,"],
            "in row 2 and no to 'Twin' in row 3",
        ),
        (["Racer,Racer Two,82,yes,,,,,", "Racer,Racer Two,82,no,,,,,"], "one decision for 'Racer'"),
        (["Racer,Racer Two,82,yes,,,,,", "Racer,Chess,82,yes,,,,,"], "one decision for 'Racer'"),
        (["Racer,Racer Two,82,perhaps,,,,,"], "'perhaps' for 'Racer' in row 2"),
        (["Racer,Racer, Two,82,yes,,,,,"], "9 fields in every row, found more in row 2"),
    ],
)
def test_decisions_that_cannot_be_followed_are_refused_by_their_row(enrich, folder, rows, said):
    status, err, _, _ = enrich(*rows, header=NAMED)
    assert status == 2
    assert said in err
    assert not (folder / "out").exists()


def test_numbers_that_a_table_with_holes_made_fractions_are_read(enrich):
    _, _, facts, rows = enrich(
        "Twin,Twin,100.0,1.0,nan,,nan,nan,5.0", "Racer,Racer Two,82 %,yes,,,,,", header=NAMED
    )
    assert (facts["Twin"], facts["Racer"]) == ("Epsilon Works", "Beta Works")
    assert [row["decision"] for row in rows] == ["yes", "yes"]


@pytest.mark.parametrize("said", ["yes", "y", "Yes", "TRUE", "1"])
def test_yes_and_no_have_usual_spellings(enrich, said):
    assert enrich(f"Racer,Racer Two,82,{said},,")[2]["Racer"] == "Beta Works"
    _, _, facts, rows = enrich("Chess,Chess,100,n,,")
    assert facts["Chess"] is None
    assert rows[0]["decision"] == "no"


def test_decisions_on_other_categories_and_words_of_a_person_are_kept(enrich):
    rows = ["Racerr,Racer Two,82,yes,,,", "Gone,Nothing,82,yes,,,", "Racer,Racer Two,0,,,,ask Anna"]
    _, out, _, after = enrich(*rows, header=f"{HEADER},notes")
    assert "2 reviewed categories are not in these tables and stay in the review: 'Gone'" in out
    assert [row["category"] for row in after][:3] == ["Racerr", "Gone", "Racer"]
    assert after[2]["notes"] == "ask Anna"


def test_a_review_that_a_spreadsheet_saved_is_read(enrich):
    semicolons = "Racer;Racer Two;82;yes;;"
    assert enrich(semicolons, header=HEADER.replace(",", ";"))[2]["Racer"] == "Beta Works"


GAME = SteamGame(title="Twin", developer="Delta", release_date=read_dates(["2006-07-11"]).dates[0])


def test_a_title_that_stands_twice_with_the_same_facts_is_one_game():
    numbers = [replace(GAME, app_id=4), replace(GAME, app_id=5), GAME]
    (game,) = different_games(numbers)
    assert game.app_id is None  # the facts are certain, the number is not
    assert different_games([GAME, replace(GAME, developer="DELTA")]) == (GAME,)
    assert len(different_games([GAME, replace(GAME, release_date=None)])) == 2
    assert len(different_games([GAME, replace(GAME, publisher="Other")])) == 2


@pytest.mark.parametrize("other", ["TWIN", "Twin!", "Twin™"])
def test_games_whose_titles_differ_in_letters_that_nobody_looks_at_are_several(other):
    games = [GAME, replace(GAME, title=other, developer="Epsilon")]
    catalogue = Catalogue.of(games)
    for category in ("Twin", "twin"):
        (match,) = with_candidates(match_titles([category], catalogue.by_title), catalogue)
        assert (match.method, match.accepted, len(match.games)) == ("ambiguous", False, 2)


@pytest.mark.parametrize("edition", ["(2006)", "[1999]", "(Japan)", "(Classic)"])
def test_an_edition_in_brackets_is_another_game_of_that_title(edition):
    games = [GAME, replace(GAME, title=f"TWIN {edition}", developer="Epsilon")]
    catalogue = Catalogue.of(games)
    for category, methods in (("Twin", "ambiguous"), (f"TWIN {edition}", "exact")):
        (match,) = with_candidates(match_titles([category], catalogue.by_title), catalogue)
        assert match.method == methods


@pytest.mark.parametrize("letters", ["bc", ["bb", "b"]])
def test_two_titles_that_are_enough_alike_are_both_asked_for(letters):
    games = [replace(GAME, title=f"Long enough a title {letter}") for letter in letters]
    catalogue = Catalogue.of(games)
    found = match_titles(["Long enough a title a"], catalogue.by_title, least_score=90)
    (match,) = with_candidates(found, catalogue)
    assert (match.method, match.accepted, len(match.games)) == ("fuzzy", False, 2)


def test_where_all_games_of_a_title_are_editions_a_person_says_which():
    games = [
        replace(GAME, title=f"Twin ({year})", developer=f"Studio {year}") for year in (2006, 2017)
    ]
    catalogue = Catalogue.of(games)
    (match,) = with_candidates(match_titles(["Twin"], catalogue.by_title), catalogue)
    assert (match.method, match.accepted) == ("ambiguous", False)
    assert [game.title for game in match.games] == ["Twin (2006)", "Twin (2017)"]
    (one,) = with_candidates(match_titles(["Twin (2017)"], catalogue.by_title), catalogue)
    assert (one.method, one.accepted) == ("exact", True)
