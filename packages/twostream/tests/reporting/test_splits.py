import json

import pytest
from twostream.reporting.page import write_report
from twostream.reporting.splits import headline, read_split_results, split_rows


@pytest.fixture
def several(build, tmp_path):
    """A run of two splits, as `run --splits` leaves it."""
    run = tmp_path / "several"
    splits = {}
    for number, skills in ((1, (1.0, 2.0)), (2, (2.0, 1.0))):
        one, _ = build(skills=skills, with_clips=False)
        one.rename(run / f"split{number}") if run.exists() else (
            run.mkdir(),
            one.rename(run / f"split{number}"),
        )
        splits[str(number)] = json.loads((run / f"split{number}" / "results.json").read_text())
    first, second = (one["protocols"] for one in splits.values())
    mean = {
        protocol: {
            stream: {
                **{
                    m: (values[m] + second[protocol][stream][m]) / 2
                    for m in values
                    if m != "intervals"
                },
                "intervals": values["intervals"],
            }
            for stream, values in streams.items()
        }
        for protocol, streams in first.items()
    }
    shared = {"dataset": "figures", "classes": splits["1"]["classes"]}
    (run / "results.csv").write_text("")
    (run / "results.json").write_text(
        json.dumps({**shared, "splits": splits, "mean": {**shared, "protocols": mean}})
    )
    return run


def test_the_mean_and_every_split_are_shown(several):
    results = read_split_results(several)
    rows = split_rows(results)
    assert len(rows) == 6
    for row in rows:
        shares = list(row.top1.values())
        assert list(row.top1) == ["1", "2"]
        assert row.mean == pytest.approx(sum(shares) / 2)
    html = write_report(several).read_text(encoding="utf-8")
    for row in rows:
        for share in (row.mean, *row.top1.values()):
            assert f"{100 * share:.1f}" in html
    assert "mean of 2 splits" in html
    assert (several / "report" / "results.svg").exists()


def test_the_gain_of_fusion_is_shown_where_it_is_told(several):
    assert "Does fusion help?" not in write_report(several).read_text(encoding="utf-8")
    path = several / "results.json"
    results = json.loads(path.read_text())
    told = {"difference": 0.123, "interval": [-0.045, 0.2], "share_not_above": 0.01}
    gain = {"first": "fusion", "second": "temporal", "top1": told}
    results["mean"]["fusion_minus_best_stream"] = {"whole-video": [gain], "25": []}
    path.write_text(json.dumps(results))
    html = write_report(several).read_text(encoding="utf-8")
    assert "Does fusion help?" in html
    assert "+12.3" in html
    assert "−4.5 to +20.0" in html


def test_what_computed_the_scores_is_told_once_or_split_by_split(several):
    alike = "Scores computed by: openvino 2026.4.1, float32, cpu, 2 threads."
    assert alike in write_report(several).read_text(encoding="utf-8")
    path = several / "results.json"
    results = json.loads(path.read_text())
    del results["splits"]["2"]["engines"]
    path.write_text(json.dumps(results))
    html = write_report(several).read_text(encoding="utf-8")
    assert "split 1: openvino 2026.4.1, float32, cpu, 2 threads; split 2: not recorded." in html


def test_a_single_split_is_no_plural(several):
    results = read_split_results(several)
    del results["splits"]["2"]
    assert "the mean of 1 split (" in headline(results, split_rows(results))


def test_pages_of_the_splits_are_linked_where_they_are(several):
    (several / "split2" / "report.html").unlink()
    html = write_report(several).read_text(encoding="utf-8")
    assert 'href="split1/report.html"' in html
    assert "split2/report.html" not in html


def test_a_stream_that_one_split_lacks_has_an_empty_cell(several):
    path = several / "results.json"
    results = json.loads(path.read_text())
    del results["splits"]["2"]["protocols"]["one-frame"]
    path.write_text(json.dumps(results))
    row = split_rows(read_split_results(several))[0]
    assert row.top1["2"] is None
    assert row.spread is None
    assert "–" in write_report(several).read_text(encoding="utf-8")


def test_a_run_of_one_split_is_no_run_of_several(ordinary):
    assert read_split_results(ordinary[0]) is None
    assert read_split_results(ordinary[0] / "nowhere") is None
