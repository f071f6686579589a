from __future__ import annotations

import json
from dataclasses import replace

import pytest
from streamergraph.errors import StreamergraphError
from streamergraph.tables.facts import TableFacts, how_made, read_facts, write_facts
from streamergraph.tables.reading import read_tables
from streamergraph.tables.tables import top_streamers
from streamergraph.tables.writing import write_tables

FACTS = TableFacts(
    measure="jaccard",
    threshold=5,
    significance=0.05,
    audience="authors",
    least_common_viewers=5,
    hidden_relations=12,
    min_live_minutes=60,
    first="2024-05-01T12:00:00+00:00",
    left_out=("Ann", "Bob 😀"),
)


def test_facts_are_read_as_they_were_written(tmp_path):
    write_facts(tmp_path, FACTS)
    assert read_facts(tmp_path, counted=True) == FACTS


def test_tables_of_a_later_version_are_read_as_far_as_they_are_understood(tmp_path):
    (tmp_path / "tables.json").write_text('{"format": 1, "measure": "cosine", "colour": "blue"}')
    assert read_facts(tmp_path, counted=True) == TableFacts(measure="cosine")


def test_tables_of_earlier_versions_tell_their_settings_in_process_json(tmp_path):
    summary = {
        "settings": {
            "measure": "count",
            "threshold": 3.0,
            "min_live_minutes": 30,
            "raid_minutes": 0,
        },
        "window": {"first": "2022-05-05T00:00:00+00:00", "last": "2022-05-06T00:00:00+00:00"},
        "streamers": {"kept": 7},
    }
    (tmp_path / "process.json").write_text(json.dumps(summary))
    facts = read_facts(tmp_path, counted=True)
    assert (facts.measure, facts.threshold, facts.min_live_minutes) == ("count", 3.0, 30)
    assert facts.first == "2022-05-05T00:00:00+00:00"
    assert "No floor" in how_made(facts)


def test_tables_without_either_have_the_facts_of_the_published_ones(tmp_path):
    assert read_facts(tmp_path, counted=False) == TableFacts()
    assert "so the floor cannot be applied" in how_made(TableFacts())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "tables.json"),
        ("[]", "list"),
        ('{"measure": "magic"}', "measure = 'magic'"),
        ('{"threshold": "ten"}', "threshold = 'ten'"),
        ('{"least_common_viewers": true}', "least_common_viewers = True"),
        ('{"left_out": "ann"}', "left_out = 'ann'"),
        ('{"format": 2}', "format 2"),
    ],
)
def test_what_is_no_table_json_is_refused(tmp_path, text, said):
    (tmp_path / "tables.json").write_text(text)
    with pytest.raises(StreamergraphError) as error:
        read_facts(tmp_path, counted=True)
    assert said in str(error.value)


def test_facts_stay_with_the_tables_wherever_they_go(simulated, tmp_path):
    tables = replace(read_tables(simulated.tables), facts=FACTS)
    write_tables(tmp_path, top_streamers(tables, 10))
    assert read_tables(tmp_path).facts == FACTS


def test_process_says_how_it_made_its_tables(simulated):
    facts = read_tables(simulated.tables).facts
    assert (facts.measure, facts.threshold, facts.min_mean_viewers) == ("overlap", 10.0, 10.0)
    assert facts.first
    assert facts.last
