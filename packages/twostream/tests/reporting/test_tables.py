import csv

import numpy as np
import pytest
from twostream.evaluation.metrics import confusion_matrix
from twostream.reporting.facts import read_facts
from twostream.reporting.tables import class_rows, result_rows


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_results_csv_has_the_accuracies(ordinary):
    run, _ = ordinary
    accuracies = read_facts(run).results["protocols"]
    for row in rows_of(run / "report" / "results.csv"):
        values = accuracies[row["protocol"]][row["stream"]]
        assert float(row["top1"]) == pytest.approx(values["top1"], abs=1e-6)
        assert float(row["top1_low_95"]) <= values["top1"] <= float(row["top1_high_95"])
        assert row["clips"] == "12"


def test_the_best_of_each_protocol_is_marked(ordinary):
    rows = result_rows(read_facts(ordinary[0]))
    for protocol in ("one-frame", "whole-video"):
        of_protocol = [row for row in rows if row.protocol == protocol]
        highest = max(row.values["top1"] for row in of_protocol)
        marked = [row.values["top1"] for row in of_protocol if "top1" in row.best]
        assert set(marked) == {highest}


def test_a_lone_stream_is_not_called_the_best(build):
    run, html = build(streams=("spatial",), with_clips=False)
    assert all(not row.best for row in result_rows(read_facts(run)))
    assert 'class="best"' not in html


def test_confusion_csv_is_the_matrix_of_the_fusion(ordinary):
    run, _ = ordinary
    fused = read_facts(run).scores["whole-video"]["fusion"]
    with (run / "report" / "confusion.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert tuple(header[1:]) == fused.classes
    assert tuple(row[0] for row in rows) == fused.classes
    counts = np.array([[int(cell) for cell in row[1:]] for row in rows])
    np.testing.assert_array_equal(counts, confusion_matrix(fused.values, fused.labels))


def test_confused_pairs_are_the_errors(ordinary):
    run, _ = ordinary
    fused = read_facts(run).scores["whole-video"]["fusion"]
    wrong = int((fused.values.argmax(axis=1) != fused.labels).sum())
    pairs = rows_of(run / "report" / "confused_pairs.csv")
    counts = [int(row["clips"]) for row in pairs]
    assert sum(counts) == wrong
    assert counts == sorted(counts, reverse=True)


def test_clips_csv_has_every_clip_protocol_and_stream(ordinary):
    run, _ = ordinary
    facts = read_facts(run)
    rows = rows_of(run / "report" / "clips.csv")
    assert len(rows) == 12 * 2 * 3
    for row in rows:
        scores = facts.scores[row["protocol"]][row["stream"]]
        values = scores.values[scores.ids.index(row["clip_id"])]
        assert row["prediction"] == scores.classes[int(values.argmax())]
        assert float(row["probability"]) == pytest.approx(values.max(), abs=1e-6)
        of_truth = values[scores.classes.index(row["truth"])]
        assert float(row["probability_of_truth"]) == pytest.approx(of_truth, abs=1e-6)
        assert (row["right"] == "yes") == (row["rank_of_truth"] == "1")


def test_classes_are_sorted_by_the_gain_of_motion(ordinary):
    gains = [row.gain for row in class_rows(read_facts(ordinary[0]))]
    assert gains == sorted(gains, reverse=True)


def test_classes_of_a_lone_stream_have_no_gain(build):
    run, html = build(streams=("spatial",), with_clips=False)
    rows = class_rows(read_facts(run))
    assert [row.gain for row in rows] == [None] * 3
    shares = [row.accuracies["spatial"] for row in rows]
    assert shares == sorted(shares, reverse=True)
    assert "Temporal − spatial" not in html


def test_classes_without_test_clips_are_left_out(build):
    run, _ = build(n_test=5, with_clips=False)
    assert {row.name for row in class_rows(read_facts(run))} == {"jump", "run"}
