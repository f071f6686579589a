"""Results are typed, and yet used as the dictionaries and paths that they were."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path

import polars as pl
import pytest
import twostream
from twostream.datasets.clips import Problem
from twostream.events import Made
from twostream.preparation.outcome import Preparation
from twostream.preparation.verification import Finding, Verification
from twostream.verbs.results import Evaluation
from twostream.verbs.written import ListFiles, ReportPage

MEASURES = {"top1": 0.5, "top5": 0.75, "mean_class": 0.25}
RESULTS = {"dataset": "a<b", "protocols": {"one-frame": {"spatial": MEASURES, "fusion": MEASURES}}}


@pytest.fixture(params=[RESULTS, {"mean": RESULTS, "splits": {"1": RESULTS}}])
def evaluation(request: pytest.FixtureRequest, tmp_path: Path) -> Evaluation:
    return Evaluation(request.param, tmp_path, ("few clips <",))


def test_results_are_a_mapping_of_what_results_json_holds(tmp_path: Path) -> None:
    evaluation = Evaluation(RESULTS, tmp_path)
    assert evaluation["protocols"]["one-frame"]["spatial"]["top1"] == 0.5
    assert evaluation == RESULTS
    assert evaluation.get("nothing") is None
    assert json.loads(json.dumps(evaluation.to_dict())) == RESULTS
    with pytest.raises(TypeError):
        evaluation["protocols"] = {}  # type: ignore[index]


def test_a_row_for_each_protocol_and_stream_also_of_means(evaluation: Evaluation) -> None:
    table = evaluation.to_polars()
    assert isinstance(table, pl.DataFrame)
    assert table.columns == ["protocol", "stream", *MEASURES]
    assert table["stream"].to_list() == ["spatial", "fusion"]
    assert table.row(0, named=True) == {"protocol": "one-frame", "stream": "spatial", **MEASURES}


def test_a_notebook_shows_table_notes_and_report(evaluation: Evaluation) -> None:
    assert evaluation.report is None
    (evaluation.run / "report.html").write_text("page")
    assert evaluation.report == evaluation.run / "report.html"
    shown = evaluation._repr_html_()
    assert "<td>0.5</td>" in shown
    assert "few clips &lt;" in shown
    assert "report.html" in shown


def test_a_page_is_used_as_its_path(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("page", encoding="utf-8")
    page = ReportPage(path)
    assert page.read_text(encoding="utf-8") == "page"
    assert Path(page) == path == page
    assert hash(page) == hash(path)
    assert pickle.loads(pickle.dumps(page)) == copy.copy(page) == page
    assert "report.html" in page._repr_html_()
    assert Made(page).to_dict() == {
        "event": "made",
        "kind": "ReportPage",
        "result": {"path": str(path)},
    }


def test_what_was_prepared_and_found_has_tables_that_may_be_empty() -> None:
    problem = Problem("a<b.avi", "decode", "broken")
    ill = Preparation("clips", 2, 0, 9, (problem,), ("note",), folder=Path("data"))
    well = Preparation("clips", 2, 0, 9, (), ())
    assert ill.to_polars().rows() == [("decode", "a<b.avi", "broken")]
    assert well.to_polars().columns == ["stage", "source", "reason"]
    assert "a&lt;b.avi" in ill._repr_html_()
    found = Verification(2, 9, (Finding("a", "missing", "no a.zip"),), Path("videos"), True)
    assert found.to_polars().rows() == [("a", "missing", "no a.zip")]
    assert "no a.zip" in found._repr_html_()
    for result in (ill, well, found):
        assert json.loads(json.dumps(result.to_dict()))


def test_lists_are_a_sequence_of_paths(tmp_path: Path) -> None:
    lists = ListFiles(tmp_path, (tmp_path / "a", tmp_path / "b"), clips=3)
    assert lists == [tmp_path / "a", tmp_path / "b"]
    assert (lists[-1], lists[:1], len(lists)) == (tmp_path / "b", [tmp_path / "a"], 2)


def test_a_verb_called_from_python_is_silent(
    small_data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lists = twostream.lists(small_data, to=tmp_path / "lists")
    twostream.check(small_data, quick=True, workers=1)
    assert capfd.readouterr() == ("", "")
    assert len(lists) == len([path for path in (tmp_path / "lists").rglob("*") if path.is_file()])


def test_progress_is_shown_where_it_is_asked_for(
    small_data: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with twostream.shown():
        twostream.check(small_data, quick=True, workers=1)
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("check 12/12 clips")
