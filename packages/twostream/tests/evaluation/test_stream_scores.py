"""What the samples of a stream scored: kept for the engine and the model that gave it, told with it."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from twostream.errors import TwostreamWarning
from twostream.evaluation import sample_scores
from twostream.evaluation.run import evaluate_run
from twostream.evaluation.scores import load_scores
from twostream.lab.as_original.run import evaluate_original
from twostream.verbs.evaluate import evaluate


def test_the_results_say_what_computed_the_scores(run: Path) -> None:
    asked: Any = {
        "protocols": ("one-frame", "25"),
        "original": evaluate_original,
        "engine": "keras",
    }
    results = evaluate_run(run, **asked)
    for told in (results["engines"], results["original"]["engines"]):
        assert list(told) == ["spatial", "temporal"]
        for (one,) in told.values():
            assert (one["engine"], one["precision"]) == ("keras", "float32")
            assert one["library"].startswith("keras ")
            assert {"device", "threads"} <= one.keys()
    assert evaluate_run(run, **asked)["engines"] == results["engines"]  # from what was kept


@pytest.fixture
def scored(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the clips that are scored rather than taken from what was kept."""
    ids: list[str] = []
    score = sample_scores.clip_scores

    def counted(row: Any, **rest: Any) -> Any:
        ids.append(row.clip_id)
        return score(row, **rest)

    monkeypatch.setattr(sample_scores, "clip_scores", counted)
    return ids


def test_scores_of_one_engine_do_not_pass_for_those_of_another(
    run: Path, scored: list[str]
) -> None:
    pytest.importorskip("openvino")
    ask = partial(evaluate_run, run, protocols=("one-frame",), streams=("temporal",))
    for engine in ("keras", "torch", "openvino"):
        scored.clear()
        told = [ask(engine=engine)["engines"]["temporal"] for _ in range(2)]
        assert len(scored) == 3
        assert [one["engine"] for found in told for one in found] == [engine, engine]


@pytest.mark.usefixtures("shown")
def test_scores_in_another_precision_are_others_and_told_beside_float32(
    run: Path, scored: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    # The verb also chooses the run's threshold, once, on the validation clips of both streams.
    exact = dict(evaluate(run, protocols="one-frame", streams="temporal", engine="torch"))
    assert "rounding" not in exact
    kept = {}
    for precision in ("float32", "bf16", "bf16", "mixed"):
        scored.clear()
        results = evaluate(
            run, protocols="one-frame", streams="temporal", engine="torch", precision=precision
        )
        kept[precision] = load_scores(run / "scores" / "one-frame.npz")["temporal"].values
        already = precision != "bf16" or "rounding" in exact
        assert len(scored) == (0 if already else 3)
        if precision != "float32":
            exact["rounding"] = results["rounding"]
    (told,) = results["rounding"].values()
    assert told["samples"] == 3
    assert 0 < told["largest_difference"] < 0.1
    assert np.abs(kept["bf16"] - kept["float32"]).max() < 0.1
    assert not np.array_equal(kept["bf16"], kept["float32"])
    assert {one["precision"] for one in results["engines"]["temporal"]} == {"bfloat16"}
    assert "scores in bfloat16 differ from float32 by up to" in capsys.readouterr().out


def test_scores_of_a_stand_in_are_not_kept_for_who_names_an_engine(
    run: Path, scored: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    openvino = pytest.importorskip("openvino")
    monkeypatch.setattr("twostream.models.inference._openvino_suits", lambda _: True)
    ask = partial(evaluate_run, run, protocols=("one-frame",), streams=("temporal",))
    with monkeypatch.context() as patched:
        patched.setattr(openvino, "convert_model", None)
        with pytest.warns(TwostreamWarning, match="OpenVINO cannot run"):
            assert ask()["engines"]["temporal"][0]["engine"] == "torch"
        ask()  # nobody asked for OpenVINO: what PyTorch computed in its place is kept
    assert len(scored) == 3
    assert ask(engine="openvino")["engines"]["temporal"][0]["engine"] == "openvino"
    assert len(scored) == 6


def test_scores_are_kept_for_the_content_of_the_model_and_its_preprocessing(
    run: Path, scored: list[str]
) -> None:
    ask = partial(evaluate_run, run, protocols=("25",), streams=("spatial",), engine="keras")
    ask()
    folder = run / "spatial"
    record = json.loads((folder / "training.json").read_text())
    (folder / "training.json").write_text(json.dumps({**record, "duration_seconds": 1.0}))
    ask()
    assert len(scored) == 3
    told = json.loads((folder / "preprocessing.json").read_text())
    (folder / "preprocessing.json").write_text(json.dumps({**told, "evaluation_scale": 0.8}))
    ask()
    assert len(scored) == 6
    from twostream.models.files import load_model_file

    model = load_model_file(folder / "model.keras")
    model.set_weights([weight + 0.01 for weight in model.get_weights()])
    model.save(folder / "model.keras")
    ask()
    assert len(scored) == 9


def test_a_run_of_the_version_before_is_scored_anew(run: Path, scored: list[str]) -> None:
    ask = partial(evaluate_run, run, protocols=("25",), streams=("spatial",), engine="keras")
    results = ask()
    path = run / "spatial" / "even_scores.npz"
    with np.load(path) as stored:
        kept = {name: stored[name] for name in stored.files if name != "computations"}
    np.savez(
        path, **{**kept, "scores": kept["scores"][:, ::-1]}
    )  # bfloat16 or worse: it does not say
    assert ask() == results
    assert len(scored) == 6


def test_scores_that_two_machines_computed_name_both(run: Path, scored: list[str]) -> None:
    ask = partial(evaluate_run, run, protocols=("25",), streams=("spatial",), engine="keras")
    whole = ask()
    path = run / "spatial" / "even_scores.npz"
    with np.load(path) as stored:
        kept = {name: stored[name] for name in stored.files}
    (told,) = json.loads(str(kept["computations"]))
    counts = kept["counts"][:2]
    np.savez(
        path,
        **{
            **kept,
            "ids": kept["ids"][:2],
            "counts": counts,
            "scores": kept["scores"][: counts.sum()],
            "computations": json.dumps([{**told, "threads": 64}]),
        },
    )
    again = ask()
    assert len(scored) == 4
    assert again["protocols"] == whole["protocols"]
    assert [one["threads"] for one in again["engines"]["spatial"]] == [64, told["threads"]]
