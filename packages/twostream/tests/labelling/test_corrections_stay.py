"""What people wrote, corrected or added in a file is never lost when predictions are written into it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from label_files import segments
from twostream.errors import TwostreamError
from twostream.labelling.reading import read_labels
from twostream.labelling.writers.written import WrittenSegment, WrittenVideo
from twostream.labelling.writing import write_labels

KITCHEN = WrittenVideo("kitchen.mp4", 25.0, 500, 20.0, 320, 240)
WAVE, WALK = WrittenSegment("wave", 1.0, 2.0, 0.9), WrittenSegment("walk", 3.0, 4.0, 0.8)


def region(first: int, last: int, label: str) -> dict[str, object]:
    value = {"ranges": [{"start": first, "end": last}], "timelinelabels": [label]}
    return {"type": "timelinelabels", "from_name": "t", "to_name": "v", "value": value}


def task(*regions: dict[str, object], **data: object) -> dict[str, object]:
    return {
        "data": {"video": "kitchen.mp4", **data},
        "annotations": [{"id": 1, "result": list(regions)}],
    }


def predict(path: Path, to: str, *found: WrittenSegment) -> tuple[str, ...]:
    return write_labels(path, list(found), to, KITCHEN)  # type: ignore[arg-type]


class TestLabelStudio:
    def test_one_task_alone_keeps_its_annotations(self, tmp_path: Path) -> None:
        path = tmp_path / "t.json"
        path.write_text(json.dumps(task(region(26, 50, "sit"), fps=25)))
        predict(path, "label-studio", WAVE)
        assert segments(read_labels(path)) == [("kitchen.mp4", "sit", 1.0, 2.0, "")]

    @pytest.mark.parametrize(
        "content",
        [
            json.dumps([{"annotation_id": 1, "annotator": 1, "video": "kitchen.mp4"}]),
            json.dumps({"id": 1, "result": [], "task": {"data": {"video": "kitchen.mp4"}}}),
            "annotation_id,annotator,video,actions\n1,1,kitchen.mp4,[]\n",
        ],
    )
    def test_exports_that_cannot_hold_predictions_are_refused(
        self, tmp_path: Path, content: str
    ) -> None:
        path = tmp_path / "t.json"
        path.write_text(content)
        with pytest.raises(TwostreamError, match="export as JSON"):
            predict(path, "label-studio", WAVE)
        assert path.read_text() == content

    def test_labels_whose_rate_is_not_said_count_as_before(self, tmp_path: Path) -> None:
        """To write the video's rate into the task would move the labels of a person, too."""
        path = tmp_path / "t.json"
        path.write_text(json.dumps([task(region(25, 48, "sit"))]))
        before = segments(read_labels(path))
        notes = predict(path, "label-studio", WAVE)
        assert segments(read_labels(path)) == before == [("kitchen.mp4", "sit", 1.0, 2.0, "")]
        (written,) = json.loads(path.read_text())
        (found,) = written["predictions"][0]["result"]
        assert found["value"]["ranges"] == [{"start": 25, "end": 48}]  # 1 to 2 s at 24 a second
        assert any("Label Studio's default" in note for note in notes)

    @pytest.mark.parametrize("data", [{"framerate": 10}, {"FPS": "10/1"}, {"fps": 0.1}])
    def test_the_rate_is_that_by_which_the_task_is_read(
        self, tmp_path: Path, data: dict[str, object]
    ) -> None:
        path = tmp_path / "t.json"
        path.write_text(json.dumps([task(**data)]))
        predict(path, "label-studio", WAVE)
        (written,) = json.loads(path.read_text())
        assert written["data"] == {"video": "kitchen.mp4", **data}
        (found,) = written["predictions"][0]["result"]
        assert found["value"]["ranges"] == [{"start": 11, "end": 20}]


def test_what_a_person_hung_below_a_tier_of_ours_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "k.eaf"
    predict(path, "elan", WAVE)
    name = 'TIER_ID="predicted all"'
    note = (
        '<TIER TIER_ID="remarks" PARENT_REF="predicted all" LINGUISTIC_TYPE_REF="note"><ANNOTATION>'
        '<REF_ANNOTATION ANNOTATION_ID="a99" ANNOTATION_REF="a1"><ANNOTATION_VALUE>sure?'
        "</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION></TIER>"
    )
    text = path.read_text()
    assert name in text
    path.write_text(text.replace("<LINGUISTIC_TYPE", f"{note}<LINGUISTIC_TYPE", 1))
    notes = predict(path, "elan", WALK)
    root = ElementTree.parse(path).getroot()
    assert [one.get("TIER_ID") for one in root.findall("TIER")] == [
        "predicted all",
        "remarks",
        "predicted all 2",
    ]
    assert any("kept: predicted all" in one for one in notes)


def test_what_a_person_added_to_a_segment_of_ours_keeps_it(tmp_path: Path) -> None:
    """More is said of it in VIA, a note is written in X-AnyLabeling, a variable is set in BORIS."""
    via = tmp_path / "via.json"
    predict(via, "via", WAVE)
    project = json.loads(via.read_text())
    (value,) = project["metadata"].values()
    value["av"]["9"] = "Ann"
    via.write_text(json.dumps(project))
    predict(via, "via", WALK)
    assert [one.label for one in read_labels(via).segments] == ["wave", "walk"]

    sidecar = tmp_path / "kitchen.json"
    predict(sidecar, "x-anylabeling", WAVE, WALK)
    document = json.loads(sidecar.read_text())
    document["segments"][0]["description"] = "the left one"
    sidecar.write_text(json.dumps(document))
    predict(sidecar, "x-anylabeling")
    (kept,) = json.loads(sidecar.read_text())["segments"]
    assert (kept["label"], kept["description"]) == ("wave", "the left one")

    boris = tmp_path / "k.boris"
    predict(boris, "boris", WAVE)
    project = json.loads(boris.read_text())
    (observation,) = project["observations"].values()
    observation["independent_variables"] = {"weather": "rain"}
    boris.write_text(json.dumps(project))
    predict(boris, "boris", WALK)
    assert list(json.loads(boris.read_text())["observations"]) == [
        "kitchen predicted",
        "kitchen predicted 2",
    ]


def test_results_of_a_video_that_we_did_not_write_are_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    predict(path, "activitynet", WAVE)
    predict(path, "activitynet", WALK)  # ours, as we wrote them
    document = json.loads(path.read_text())
    assert [one["label"] for one in document["results"]["kitchen"]] == ["walk"]
    document["results"]["kitchen"][0]["segment"] = [3.5, 4.0]
    path.write_text(json.dumps(document))
    before = path.read_text()
    with pytest.raises(TwostreamError, match="corrected"):
        predict(path, "activitynet", WAVE)
    assert path.read_text() == before
    others = {"version": "VERSION 1.3", "results": {"kitchen": []}, "external_data": {}}
    path.write_text(json.dumps(others))
    with pytest.raises(TwostreamError, match="those that we wrote"):
        predict(path, "activitynet", WAVE)


@pytest.mark.parametrize("to", ["cvat", "x-anylabeling", "elan"])
def test_a_file_about_another_video_is_refused(tmp_path: Path, to: str) -> None:
    path = tmp_path / "labels"
    predict(path, to, WAVE)
    before = path.read_text()
    with pytest.raises(TwostreamError, match=r"garden\.mp4"):
        write_labels(path, [WAVE], to, replace(KITCHEN, name="garden.mp4"))  # type: ignore[arg-type]
    assert path.read_text() == before


def test_a_project_of_several_tasks_of_cvat_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.xml"
    predict(path, "cvat", WAVE)
    text = path.read_text()
    path.write_text(text.replace("<meta>", "<meta><task><id>7</id></task>"))
    with pytest.raises(TwostreamError, match="several tasks"):
        predict(path, "cvat", WAVE)
