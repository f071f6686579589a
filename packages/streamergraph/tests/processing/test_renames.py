from __future__ import annotations

import csv
import json

import pytest
from streamergraph.errors import StreamergraphError
from streamergraph.processing.renames import read_renames
from streamergraph.tables.reading import read_tables


@pytest.fixture
def read(tmp_path):
    def make(content, encoding="utf-8"):
        path = tmp_path / "renames.csv"
        path.write_bytes(content.encode(encoding))
        return read_renames(path)

    return make


@pytest.mark.parametrize(
    "content",
    ["old,new\nAnna,Bert\n", "Old name;New name;since\nAnna;Bert;2024\n", "id\tfrom\tto\n7\t anna \tBERT\n",
     "new,old\nbert,anna\n", "old,new\nhttps://www.twitch.tv/Anna?x=1,@Bert\n"],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_old_and_new_names_are_read_from_tables_of_all_kinds(read, content, encoding):
    assert read(content, encoding).names == {"anna": "bert"}


def test_rows_that_say_nothing_are_counted_and_the_rest_is_read(read):
    renames = read("old,new\nanna,bert\nclea,\n,dora\nemil,Emil\nanna,bert\n")
    assert renames.names == {"anna": "bert"}
    assert renames.not_understood == {
        "lack the old or the new name": 2,
        "have the same name twice": 1,
    }
    assert renames.told([], ["bert"]).startswith(
        "--renames renames.csv: 1 renames read; 1 of the new names were never seen: 'bert'"
    )
    line = renames.told(["anna"])
    assert "1 renames read; 1 of the old names were never seen: 'anna'; 2 rows lack" in line


def test_a_chain_of_names_is_no_circle(read):
    assert read("old,new\na,b\nb,c\n").names == {"a": "b", "b": "c"}


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "nothing"), ("old,other\na,b\n", "columns old, other"), ("old,new\n", "no rename"),
     ("old,new\na,\n", "1 rows lack"), ("old,new\na,b\nA,c\n", "'b', and 'c' in row 3"),
     ("old,new\na,b\nb,a\n", "circle")],
)  # fmt: skip
def test_what_leads_nowhere_is_refused(read, content, said):
    with pytest.raises(StreamergraphError, match=said):
        read(content)


def test_process_tells_which_old_names_it_never_saw(simulated, tmp_path, call):
    known = read_tables(simulated.tables).streamers["name"][0]
    with (tmp_path / "renames.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["old", "new"], [known, "Somebody"], ["Nobody_77", "Somebody"]])
    options = ["--out", tmp_path / "tables", "--renames", tmp_path / "renames.csv"]
    status, out, err = call("process", simulated.store, *options)
    assert status == 0, err
    assert (
        "--renames renames.csv: 2 renames read; 1 of the old names were never seen: 'nobody_77'"
        in out
    )
    summary = json.loads((tmp_path / "tables" / "process.json").read_text())
    assert summary["renames"]["never_seen"] == ["nobody_77"]
