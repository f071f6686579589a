"""Pictures use communities and places of the same graph, and never write over what a person made."""

from __future__ import annotations

import csv
import json
import math

import pytest

STREAMERS = 24


def write_csv(path, *rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)


def write_day(folder, stem, group, *, streamers=STREAMERS, names=None):
    """Tables of two communities; ids are ranks."""
    pairs = [(a, b) for a in range(streamers) for b in range(a + 1, streamers)]
    weights = [(a, b, 30.0 if group(a) == group(b) else 10.5) for a, b in pairs]
    related = [row for row in weights if row[2] > 20 or row[0] in (0, 1)]
    write_csv(
        folder / "Streamer_dataset.csv",
        ["idStreamer", "streamer", "minutesLive", "viewerMean", "viewerPeak", "spectMean", "spectTot"],
        *([k, names[k] if names else f"{stem}{k}", 600, 1000 - 40 * k, 2000, 300, 900]
          for k in range(streamers)),
    )  # fmt: skip
    write_csv(folder / "Games_dataset.csv", ["idGame", "gameName"], [0, "Chess"], [1, "Racer"])
    write_csv(
        folder / "Streamer-Games_dataset.csv",
        ["ID_streamer", "ID_game", "minutes"],
        *([k, group(k), 120] for k in range(streamers)),
    )
    header = ["ID_streamer_i", "ID_streamer_j", "overlap_percentage"]
    write_csv(folder / "Streamer-Streamer_dataset.csv", header, *related)
    return folder


@pytest.fixture
def days(tmp_path):
    return (
        write_day(tmp_path / "day_1", "first", lambda k: k // 12),
        write_day(tmp_path / "day_2", "second", lambda k: k % 2),
    )


@pytest.fixture
def view(call, monkeypatch):
    """`view` without the PNG, which takes most of its time."""
    monkeypatch.setattr("streamergraph.view.png.write_png", lambda path, picture: None)

    def run(tables, out, *options):
        status, said, err = call("view", tables, "--out", out, *options)
        assert status == 0, err
        return said

    return run


def places(folder, stem="layout"):
    with (folder / f"{stem}.csv").open(newline="") as file:
        return {row["name"]: (float(row["x"]), float(row["y"])) for row in csv.DictReader(file)}


def labels(folder, stem="communities"):
    with (folder / f"{stem}.csv").open(newline="") as file:
        return [int(row["community"]) for row in csv.DictReader(file)]


def facts(folder, stem):
    return json.loads((folder / f"{stem}.json").read_text())


def test_another_days_streamers_are_not_drawn_at_the_first_days_places(days, view, tmp_path):
    view(days[0], tmp_path / "view")
    said = view(days[1], tmp_path / "view")
    view(days[1], tmp_path / "fresh")
    assert "layout.csv was made from another graph" in " ".join(said.split())
    for name in ("communities.csv", "layout.csv", "graph.gexf"):
        fresh = (tmp_path / "fresh" / name).read_bytes()
        assert (tmp_path / "view" / name).read_bytes() == fresh, name
    found = labels(tmp_path / "view")
    assert {tuple(found[0::2]), tuple(found[1::2])} == {(0,) * 12, (1,) * 12}


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows[:-1],  # a relation less
        lambda rows: [*rows[:-1], [*rows[-1][:2], 77.5]],  # another weight
    ],
)
def test_other_relations_of_the_same_streamers_give_other_results(days, view, tmp_path, change):
    view(days[0], tmp_path / "view")
    before = facts(tmp_path / "view", "layout")["graph"]
    path = days[0] / "Streamer-Streamer_dataset.csv"
    with path.open(newline="") as file:
        header, *rows = csv.reader(file)
    write_csv(path, header, *change(rows))
    view(days[0], tmp_path / "view")
    for stem in ("layout", "communities"):
        assert facts(tmp_path / "view", stem)["graph"] != before


def test_the_same_graph_keeps_what_there_is_and_another_seed_does_not(days, view, tmp_path):
    view(days[0], tmp_path / "view")
    before = {p.name: p.read_bytes() for p in (tmp_path / "view").iterdir()}
    assert "note" not in view(days[0], tmp_path / "view")
    after = {p.name: p.read_bytes() for p in (tmp_path / "view").iterdir()}
    assert after == before
    view(days[0], tmp_path / "view", "--seed", 2)
    view(days[0], tmp_path / "fresh", "--seed", 2)
    assert places(tmp_path / "view") == places(tmp_path / "fresh")
    assert places(tmp_path / "view") != before["layout.csv"]


def test_the_next_day_begins_at_the_places_of_the_same_streamers(tmp_path, view):
    """Ids are ranks and turned round; a name tells who is who."""
    names = [f"same{k}" for k in range(STREAMERS)]
    one = write_day(tmp_path / "one", "", lambda k: k // 12, names=names)
    turned = write_day(
        tmp_path / "two", "", lambda k: k // 12, names=names[::-1][:20], streamers=20
    )
    view(one, tmp_path / "view", "--seed", 5)
    before = places(tmp_path / "view")
    view(turned, tmp_path / "view", "--seed", 5)
    view(turned, tmp_path / "fresh", "--seed", 5)

    def moved(after):
        both = [name for name in after if name in before]
        assert len(both) == 20
        return sum(math.dist(before[name], after[name]) for name in both) / len(both)

    assert moved(places(tmp_path / "view")) < 0.6 * moved(places(tmp_path / "fresh"))


@pytest.mark.parametrize("options", [("--top", 12), ("--weight", "overlap_percent")])
def test_what_a_person_asked_for_is_not_written_over(days, view, call, tmp_path, options):
    folder = tmp_path / "view"
    asked = ("--resolution", 3, "--min-size", 2, "--seeds", 1)
    if options[0] == "--weight":
        asked = (*asked, "--top", 20)
    assert call("communities", days[0], "--out", folder, *asked)[0] == 0
    layout = ("--scaling", 9, "--iterations", 20)
    layout = (*layout, "--top", 20) if options[0] == "--weight" else layout
    assert call("layout", days[0], "--out", folder, *layout)[0] == 0
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    said = " ".join(view(days[0], folder, *options).split())
    for stem in ("communities", "layout"):
        assert f"{stem}.csv is of another graph; somebody asked for it" in said
        for suffix in (".csv", ".json"):
            name = f"{stem}{suffix}"
            assert (folder / name).read_bytes() == before[name]
        mine = facts(folder, f"{stem}.view")
        assert mine["graph"] != facts(folder, stem)["graph"]
    # With the settings that were asked for, and kept for the next call.
    assert facts(folder, "communities.view")["resolution"] == 3
    assert facts(folder, "layout.view")["scaling"] == 9
    kept = (folder / "layout.view.csv").read_bytes()
    view(days[0], folder, *options)
    assert (folder / "layout.view.csv").read_bytes() == kept


def test_what_a_person_asked_for_is_drawn_where_it_fits(days, view, call, tmp_path):
    assert call("communities", days[0], "--out", tmp_path / "v", "--min-size", 20)[0] == 0
    assert call("layout", days[0], "--out", tmp_path / "v", "--scaling", 9)[0] == 0
    said = view(days[0], tmp_path / "v")
    assert "note" not in said
    assert not list((tmp_path / "v").glob("*.view.*"))
    assert set(labels(tmp_path / "v")) == {-1}


def test_places_and_communities_that_somebody_changed_are_drawn_and_never_lost(
    days, view, call, tmp_path
):
    folder = tmp_path / "view"
    view(days[0], folder)
    for name, old, new in (
        ("communities.csv", "0,first0,0", "0,first0,1"),
        ("layout.csv", None, None),
    ):
        text = (folder / name).read_text()
        lines = text.splitlines()
        if old is None:
            row = lines[1].split(",")
            lines[1] = ",".join([row[0], "123.5", "-7.5", *row[3:]])
        else:
            lines[lines.index(old)] = new
        (folder / name).write_text("\n".join(lines) + "\n")
    edited = {name: (folder / name).read_bytes() for name in ("communities.csv", "layout.csv")}
    assert "note" not in view(days[0], folder)
    assert 'x="123.5" y="-7.5"' in (folder / "graph.gexf").read_text()
    view(days[1], folder)
    assert {name: (folder / name).read_bytes() for name in edited} == edited
    # A verb that is asked to write there puts them aside.
    assert call("communities", days[0], "--out", folder)[0] == 0
    assert call("layout", days[0], "--out", folder)[0] == 0
    aside = {
        path.name.split(".")[0] + ".csv": path.read_bytes() for path in folder.glob("*.edited-*")
    }
    assert aside == edited


def test_results_of_earlier_versions_are_made_anew_or_left_alone(days, view, tmp_path):
    """They say neither graph nor verb: usual settings are had again, others were asked for."""
    view(days[0], tmp_path / "v")
    for stem in ("communities", "layout"):
        path = tmp_path / "v" / f"{stem}.json"
        old = json.loads(path.read_text())
        for name in ("graph", "made_by", "digest"):
            del old[name]
        if stem == "layout":
            old["scaling"] = 9.0
        path.write_text(json.dumps(old))
    before = (tmp_path / "v" / "layout.csv").read_bytes()
    view(days[1], tmp_path / "v")
    assert facts(tmp_path / "v", "communities")["made_by"] == "view"
    assert (tmp_path / "v" / "layout.csv").read_bytes() == before
    assert facts(tmp_path / "v", "layout.view")["scaling"] == 9


def test_model_takes_communities_of_the_same_streamers_only(days, call, tmp_path, refusal):
    assert call("communities", days[0], "--out", tmp_path / "c", "--top", 12)[0] == 0
    out = ("--out", tmp_path / "g.jsonl", "--communities", tmp_path / "c")
    status, said, _ = call("model", days[0], *out)
    assert status == 0
    assert "12 of 24 streamers are in both" in " ".join(said.split())
    nodes = [json.loads(line) for line in (tmp_path / "g.jsonl").read_text().splitlines()]
    assert sum("community" in node.get("properties", {}) for node in nodes) == 12
    # The same ids, other people.
    assert "communities of these streamers" in refusal("model", days[1], *out)
