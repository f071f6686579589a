import json

import pytest
from twostream.reporting.facts import read_facts
from twostream.reporting.page import write_report
from twostream.reporting.tables import class_rows, marks_sentence, pairings, result_rows


def test_numbers_and_intervals_are_those_of_the_results(ordinary):
    protocols = read_facts(ordinary[0]).results["protocols"]
    rows = result_rows(protocols)
    assert len(rows) == 6
    for row in rows:
        told = protocols[row.protocol][row.stream]
        for measure, (low, high) in row.intervals.items():
            assert [low, high] == told["intervals"][measure]
            assert low <= row.values[measure] == told[measure] <= high


def test_intervals_that_an_old_evaluation_lacks_are_drawn(build):
    run, html = build(with_clips=False)
    path = run / "results.json"
    results = json.loads(path.read_text(encoding="utf-8"))
    for streams in results["protocols"].values():
        for values in streams.values():
            del values["intervals"]
    path.write_text(json.dumps(results), encoding="utf-8")
    assert write_report(run).read_text(encoding="utf-8") == html


def test_the_best_of_each_protocol_is_marked(ordinary):
    rows = result_rows(read_facts(ordinary[0]).results["protocols"])
    for protocol in ("one-frame", "whole-video"):
        of_protocol = [row for row in rows if row.protocol == protocol]
        shares = {row.values["top1"] for row in of_protocol}
        marked = {row.values["top1"] for row in of_protocol if "top1" in row.best}
        assert marked == ({max(shares)} if len(shares) > 1 else set())


def row_values(**top1):
    return {
        stream: {"top1": share, "intervals": {"top1": [share - 0.1, share + 0.1]}}
        for stream, share in top1.items()
    }


@pytest.mark.parametrize(
    ("top1", "best", "told"),
    [
        (
            {"spatial": 0.2, "temporal": 0.5, "fusion": 0.8},
            {"fusion"},
            "▸ marks the highest of a protocol.",
        ),
        (
            {"spatial": 0.2, "temporal": 0.8, "fusion": 0.8},
            {"temporal", "fusion"},
            "▸ marks the highest of a protocol, all of them where several are equal.",
        ),
        (
            {"spatial": 0.7, "temporal": 0.4, "fusion": 0.8},
            {"fusion"},
            "▸ marks the highest of a protocol; in 1 of 1 such columns its interval overlaps with that "
            "of a lower one, so that other videos may put that one first.",
        ),
        ({"spatial": 0.8, "temporal": 0.8, "fusion": 0.8}, set(), ""),
    ],
)
def test_ties_and_intervals_that_overlap_are_told(top1, best, told):
    rows = result_rows({"25": row_values(**top1)}, measures=("top1",))
    assert {row.stream for row in rows if row.best} == best
    assert marks_sentence(rows) == told


def test_nothing_is_marked_where_all_are_equal():
    protocols = {
        "25": row_values(spatial=0.3, temporal=0.8),
        "25x10": row_values(spatial=0.1 + 0.2, temporal=0.3),
    }
    rows = result_rows(protocols, measures=("top1",))
    assert {(row.protocol, row.stream) for row in rows if row.best} == {("25", "temporal")}
    assert (
        marks_sentence(rows)
        == "▸ marks the highest of a protocol, and nothing where all are equal."
    )


def test_a_lone_stream_is_not_called_the_best(build):
    run, html = build(streams=("spatial",), with_clips=False)
    assert all(not row.best for row in result_rows(read_facts(run).results["protocols"]))
    assert 'class="best"' not in html


def test_every_fusion_is_compared_in_every_protocol(build):
    run, _ = build(variants=("fusion-logit", "fusion-svm"), with_clips=False)
    found = pairings(read_facts(run))
    assert list(found) == ["one-frame", "whole-video"]
    for rows in found.values():
        assert [row.first for row in rows] == ["fusion", "fusion-logit", "fusion-svm"]


def test_classes_are_sorted_by_the_gain_of_motion(ordinary):
    gains = [row.gain["temporal"] for row in class_rows(read_facts(ordinary[0]))]
    assert gains == sorted(gains, reverse=True)


def test_classes_of_a_lone_stream_have_no_gain(build):
    run, html = build(streams=("spatial",), with_clips=False)
    rows = class_rows(read_facts(run))
    assert [row.gain for row in rows] == [{}] * 3
    shares = [row.top1["spatial"] for row in rows]
    assert shares == sorted(shares, reverse=True)
    assert "What motion adds" not in html


def test_classes_without_test_clips_are_left_out(build):
    run, _ = build(n_test=5, with_clips=False)
    assert {row.name for row in class_rows(read_facts(run))} == {"jump", "run"}
