from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from datetime import date

import pytest
from streamergraph.reporting import exploration, quality
from streamergraph.reporting.charts import bars, scatter
from streamergraph.reporting.page import ReportTable, Section, write_report
from streamergraph.tables.reading import read_tables


@pytest.fixture(scope="module")
def tables(published):
    return read_tables(published)


def test_published_descriptions(tables):
    live = exploration.summary_of(tables.streamers["minutes_live"])
    chatters = exploration.summary_of(tables.streamers["distinct_chatters"])
    assert list(live.values()) == [2977, 1466.68, 1735.81, 15, 345, 960, 2010, 19125]
    assert list(chatters.values()) == [2977, 1656.02, 7450.44, 10, 82, 231, 801, 157718]


def test_published_relations_by_threshold(tables):
    assert list(exploration.relations_by_threshold(tables).values()) == [
        47222, 15701, 7520, 3964, 2138, 1097, 471, 167, 26,
    ]  # fmt: skip


def test_published_games(tables):
    years = exploration.games_by_year(tables)
    assert [years[y] for y in range(2018, 2023)] == [45, 31, 41, 78, 46]
    assert exploration.oldest_and_newest(tables) == [
        ("The Curse of Monkey Island", date(1997, 10, 31)),
        ("Card Shark", date(2022, 6, 2)),
    ]
    released = exploration.released_between(tables, date(2022, 5, 5), date(2022, 5, 19))
    assert released.height == 11
    assert {"V Rising", "Arma Reforger", "Citizen Sleeper"} <= set(released["name"])


def test_published_developers_and_their_forms(tables):
    rows = {name: (together, alone) for name, together, alone in exploration.top_developers(tables)}
    assert rows["CAPCOM Co., Ltd."] == (20, 14)
    # The specification counts seven for Ubisoft Montreal: one of them with four sister studios.
    assert [rows[name][1] for name in ("Square Enix", "Valve", "Ubisoft Montreal")] == [12, 8, 6]


def test_published_tags_and_minutes(tables):
    tags = exploration.tag_counts(tables)
    assert len(tags) == 274
    assert [tags[t] for t in ("Multiplayer", "Action", "Adventure", "Open World")] == [
        171,
        165,
        95,
        81,
    ]
    minutes = exploration.minutes_by_category(tables)["minutes"].head(8).to_list()
    assert minutes == [706170, 364245, 302235, 243270, 221895, 162675, 153240, 120030]


def test_published_quality(tables):
    complete = {f"{c.table}.{c.column}": c.percent for c in quality.completeness(tables)}
    # The specification says 35.9 for 410 of 1,144, which is 35.84.
    expected = {"steam_title": 41.9, "developer": 41.8, "publisher": 20.5, "release_date": 35.8}
    assert {k: complete[f"categories.{k}"] for k in expected} == expected
    # Two rows of the original hold the text `nan`: 41.7 % without them.
    assert complete["categories.tags"] == 41.7
    # They do not say so themselves: what their authors state.
    assert quality.short_of_thresholds(tables) == {}
    stated = replace(tables.facts, min_live_minutes=60, min_mean_viewers=10, min_mean_chatters=10)
    assert quality.short_of_thresholds(replace(tables, facts=stated)) == {
        "under 60 minutes live": 42,
        "under 10 viewers on average": 0,
        "under 10 chatters on average": 775,
        "streamers that pass all of them": 2173,
    }
    # Three streamers stand twice, in other case: keyed by display name, a rename split them.
    broken = {f.rule: f.broken for f in quality.all_findings(tables) if f.broken}
    assert broken == {"names are unique, whatever their case": 6}
    (first,) = [f.example for f in quality.all_findings(tables) if f.broken]
    assert first.startswith("streamer_id 1350, name nicolagiustinelli, minutes_live 870, ")
    many = quality.viewer_chatter_agreement(tables)["streamers with more chatters than viewers"]
    assert str(many) == "32"  # a number of streamers, no 32.0


def test_no_name_in_the_scatter_lies_over_another():
    # Five streamers at nearly one place, and one far away.
    points = [(10 + k, 100.0, 5.0, f"streamer{k}") for k in range(5)] + [(900, 900, 5.0, "far")]
    text = str(scatter(points, label="x", x_title="a", y_title="b", named=6))
    named = re.findall(r'class="strong"[^>]*>([^<]+)<', text)
    assert named == ["streamer0", "streamer1", "streamer2", "far"]  # beside, above, below
    assert text.count("<title>streamer") == 5


def test_numbers_have_thousands_apart_and_long_texts_leave_room(tmp_path):
    rows = [
        [
            "streamers",
            2977,
            1234.5,
            "a text that is much longer than what stands beside it in its row",
        ]
    ]
    table = ReportTable(header=["table", "rows", "mean", "first"], rows=rows, numbers=(1, 2))
    write_report(tmp_path / "r.html", "Report", "", [Section(title="Rows", table=table)])
    text = (tmp_path / "r.html").read_text()
    assert '<td class="n">2,977</td><td class="n">1,234.5</td>' in text
    assert '<td><div class="long">a text that is much' in text


def test_names_are_escaped(tmp_path):
    bad = "<script>x</script>&"
    table = ReportTable(header=[bad], rows=[[bad]])
    chart = bars({bad: 1.0}, label=bad, x_title=bad, y_title=bad)
    write_report(tmp_path / "r.html", bad, bad, [Section(title=bad, chart=chart, table=table)])
    assert "<script>" not in (tmp_path / "r.html").read_text()


def test_reports_hold_everything(simulated, tmp_path, call):
    explore, checked = tmp_path / "explore.html", tmp_path / "quality.html"
    assert call("explore", simulated.tables, "--out", explore)[0] == 0
    options = ["--store", simulated.store, "--previous", simulated.tables]
    assert call("quality", simulated.tables, "--out", checked, *options)[0] == 0
    for page in (explore, checked):
        assert "</html>" in page.read_text(encoding="utf-8")
    facts = json.loads((tmp_path / "quality.json").read_text())
    assert facts["ids"]["streamers with another id"] == 0
    assert facts["sources"]["looks"]["broken"] >= 1
    assert any(hole["minutes"] >= 120 for hole in facts["sources"]["holes"])
    assert facts["processing"]["bots_removed"]["list"]["accounts"] == 6
    # What was left out is counted; when it was observed is no count.
    rows = quality.left_out(quality.processing_summary(simulated.tables))
    assert {"sampled", "bots removed", "pairs"} <= {step for step, _, _ in rows}
    assert not {"settings", "window"} & {step for step, _, _ in rows}
    assert all(isinstance(count, int | float) for _, _, count in rows)
    assert set(facts["processing"]["window"]) == {"first", "last"}


def test_years_without_a_game_have_their_place_in_the_chart(simulated, tmp_path, call):
    tables = tmp_path / "tables"
    shutil.copytree(simulated.tables, tables)
    (tmp_path / "steam.csv").write_text(
        "title,release_date\nTerraria,2001-05-16\nStardew Valley,2011-02-26\n"
    )
    assert call("enrich", tables, "--steam", tmp_path / "steam.csv")[0] == 0
    assert call("explore", tables, "--out", tmp_path / "explore.html")[0] == 0
    page = (tmp_path / "explore.html").read_text()
    chart = page.partition("Games by year of release")[2].partition("</svg>")[0]
    place = {
        year: float(re.search(rf'x="([\d.]+)"[^>]*>{year}<', chart)[1])
        for year in (2001, 2005, 2009)
    }
    assert place[2005] - place[2001] == pytest.approx(place[2009] - place[2005], abs=0.2)
    assert chart.count("<rect") == 2


def test_every_verb_counts_relations_alike(simulated, tmp_path, call):
    tables = read_tables(simulated.tables)
    assert call("explore", simulated.tables, "--out", tmp_path / "explore.html")[0] == 0
    between, played = tables.overlaps.height, tables.played.height
    told = f"{between:,} relations of shared audience, {played:,} of streamers and what they play"
    assert told in (tmp_path / "explore.html").read_text()
    words = ["process", simulated.store, "--out", tmp_path / "tables", "--key", simulated.key]
    again = call(*words)[1]
    after = read_tables(tmp_path / "tables")
    assert f"{after.overlaps.height:,} relations of shared audience" in again


def test_what_nothing_is_known_of_is_a_sentence_and_no_chart_of_naughts(simulated, tmp_path, call):
    assert call("quality", simulated.tables, "--out", tmp_path / "quality.html")[0] == 0
    page = (tmp_path / "quality.html").read_text()
    section = page.partition("<h2>Completeness of attributes</h2>")[2].partition("</section>")[0]
    assert "Nothing is known yet of streamers.social_links" in section
    assert "<svg" not in section


def test_a_chart_keeps_its_size_on_a_telephone_and_is_moved_aside(tmp_path):
    chart = bars({"a": 1.0}, label="of a", x_title="x", y_title="y")
    write_report(tmp_path / "r.html", "A report", "", [Section(title="A", chart=chart)])
    page = (tmp_path / "r.html").read_text()
    assert '<div class="scroll"><svg class="chart"' in page
    assert "max-width: 640px) { .chart { width: 640px; }" in page


def test_quality_reports_what_other_verbs_refuse(simulated, tmp_path, call, refusal):
    tables = tmp_path / "tables"
    tables.mkdir()
    for path in simulated.tables.glob("*.csv"):
        (tables / path.name).write_bytes(path.read_bytes())
    edges = tables / "Streamer-Streamer_dataset.csv"
    edges.write_text(edges.read_text() + "0,9999,12.0\n")
    refusal("model", tables, "--out", tmp_path / "graph")
    status, out, _ = call("quality", tables, "--out", tmp_path / "quality.html")
    assert status == 0
    assert "1 of" in out
    rules = json.loads((tmp_path / "quality.json").read_text())["rules"]
    assert rules["overlaps: streamers are known"] == 1


def test_games_released_in_the_window_need_a_window(published, simulated, tmp_path, call, refusal):
    explored = tmp_path / "explore.json"
    assert call("explore", published, "--out", tmp_path / "explore.html")[0] == 0
    assert json.loads(explored.read_text())["released_in_window"] is None
    log = published / "Twitch_stream_collection_CLEAN.log"
    for options in (["--first-day", "2022-05-05", "--last-day", "2022-05-19"], ["--log", log]):
        assert call("explore", published, "--out", tmp_path / "explore.html", *options)[0] == 0
        assert len(json.loads(explored.read_text())["released_in_window"]) == 11
    assert call("explore", simulated.tables, "--out", tmp_path / "explore.html")[0] == 0
    assert json.loads(explored.read_text())["released_in_window"] == []
    assert "--last-day" in refusal("explore", published, "--out", explored, "--first-day", "x")


def test_names_that_changed_under_one_id_are_counted(tmp_path):
    from streamergraph.observations.store import Store
    from streamergraph.reporting.sources import renamed
    from streamergraph.verbs.import_observations import import_observations

    (tmp_path / "source").mkdir()
    for minute, name in ((10, "Old"), (15, "OLD"), (20, "New")):
        (tmp_path / "source" / f"2022-05-05_15-{minute}.json").write_text(
            json.dumps({name: {"spect": [], "user_id": "7"}, "Other": {"spect": []}})
        )
    import_observations(tmp_path / "source", out=tmp_path / "store", key=tmp_path / "key")
    assert renamed(Store.open(tmp_path / "store").channels()) == 1
