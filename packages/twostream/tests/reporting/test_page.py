import json
import shutil
import xml.etree.ElementTree as ElementTree
from html import escape
from html.parser import HTMLParser

import pytest
from twostream.errors import TwostreamError
from twostream.evaluation.bootstrap import MEASURES
from twostream.reporting.page import write_report

VOID = {"meta", "img", "br", "hr", "input", "link"}


class Page(HTMLParser):
    """Collects addresses, text and table cells; refuses tags that do not close in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.addresses, self.tags, self.text = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.addresses += [v for k, v in attributes if k in ("src", "href", "srcset", "action")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.text.append(data.strip())


def test_the_page_and_its_files_are_written(ordinary):
    run, _ = ordinary
    names = {path.name for path in (run / "report").iterdir()}
    assert names == {
        *("results.csv", "per_class.csv", "confusion.csv", "confused_pairs.csv", "clips.csv"),
        *("results.svg", "confusion.svg", "per_class.svg", "flow_wheel.svg"),
        *("curves_spatial.svg", "curves_temporal.svg"),
    }


def test_numbers_are_those_of_the_results(ordinary):
    run, html = ordinary
    results = json.loads((run / "results.json").read_text(encoding="utf-8"))
    cells = [text for text in Page(html).text if text]
    table = cells[cells.index("Mean class, %") + 1 :]
    for protocol, streams in results["protocols"].items():
        at = table.index(protocol)
        for stream, values in streams.items():
            at = table.index(stream, at)
            top1, _, top5, mean_class = table[at + 1 : at + 5]
            assert [top1, top5, mean_class] == [f"{100 * values[m]:.1f}" for m in MEASURES]


def test_nothing_is_loaded_from_elsewhere(ordinary):
    _, html = ordinary
    page = Page(html)
    assert all(a.startswith(("data:image/jpeg;base64,", "#", "report/")) for a in page.addresses)
    assert "http://" not in html
    assert "https://" not in html
    assert "@import" not in html
    assert html.count("url(") == html.count("url(#wheel-fade)") == 1


def test_local_links_lead_somewhere(ordinary):
    run, html = ordinary
    for address in Page(html).addresses:
        if address.startswith("report/"):
            assert (run / address).exists()
        if address.startswith("#"):
            assert f'id="{address[1:]}"' in html


def test_ids_are_unique(ordinary):
    _, html = ordinary
    ids = [part.split('"')[0] for part in html.split(' id="')[1:]]
    assert len(ids) == len(set(ids))


def test_it_adapts_to_dark_to_print_and_to_phones(ordinary):
    _, html = ordinary
    assert "color-scheme: light dark" in html
    assert "prefers-color-scheme: dark" in html
    assert "@media print" in html
    assert 'name="viewport"' in html


def test_what_was_selected_is_quoted(ordinary):
    _, html = ordinary
    assert html.count("The epoch was selected on 12 validation clips") == 2
    assert "weights spatial 0.5, temporal 0.5: equal weights, fixed beforehand" in html


def test_configuration_and_environment_are_told(ordinary):
    _, html = ordinary
    assert "/videos/&lt;here&gt;" in html
    assert "Linux x86_64" in html


def test_awkward_names_are_escaped(build, awkward):
    run, html = build(classes=awkward, with_config=False)
    page = Page(html)
    assert "b" not in page.tags
    for name in awkward:
        assert escape(name) in html
        assert name in page.text
    for path in (run / "report").glob("*.svg"):
        ElementTree.parse(path)


def test_control_characters_are_replaced(build):
    run, html = build(classes=("a\x07", "b"), with_clips=False)
    assert "\x07" not in html
    assert "a\ufffd" in html
    ElementTree.parse(run / "report" / "confusion.svg")


@pytest.mark.parametrize(
    "options",
    [
        {"streams": ("spatial",)},
        {"streams": ("temporal",), "protocols": ("one-frame",)},
        {"classes": ("no", "yes")},
        {"n_test": 1},
        {"n_test": 1, "streams": ("spatial",), "protocols": ("one-frame",)},
        {"history": []},
        {"with_config": False},
        {"classes": tuple(f"class number {i}" for i in range(101)), "clips_per_class": 1},
    ],
    ids=lambda options: "-".join(options),
)
def test_every_kind_of_run_has_a_page(build, options):
    run, html = build(**{"with_clips": False, **options})
    Page(html)
    streams = options.get("streams", ("spatial", "temporal"))
    assert ("Clip by clip" in html) <= (len(streams) == 2)
    for path in (run / "report").glob("*.svg"):
        ElementTree.parse(path)
    assert (run / "report" / f"curves_{streams[0]}.svg").exists() == (options.get("history") != [])


def test_curves_without_validation_and_without_head(build, history):
    _, html = build(with_clips=False, history=history(head=0, validated=False))
    page = Page(html)
    assert "training" in page.text
    assert "validation" not in page.text
    assert "head alone" not in page.text


def test_clips_are_shown_with_frames_and_flow(ordinary):
    _, html = ordinary
    assert html.count('alt="frame at') == html.count('alt="flow at') > 0
    assert "px per step" in html


def test_a_page_with_ordinary_clips_stays_small(build):
    _, html = build(size=(240, 320), clips_per_class=6)
    assert len(html.encode()) < 3_000_000


def test_a_deleted_data_folder_is_told(build, tmp_path):
    run, _ = build()
    shutil.rmtree(tmp_path / "data")
    html = write_report(run).read_text(encoding="utf-8")
    assert "No pictures: the prepared clips are not there." in html
    assert "data:image" not in html
    assert "run/v_" in html


def test_a_moved_run_finds_the_clips_inside_it(build, tmp_path):
    run, _ = build()
    shutil.move(tmp_path / "data", run / "data")
    assert "data:image" in write_report(run.rename(tmp_path / "moved")).read_text(encoding="utf-8")


def test_single_missing_and_damaged_clips_are_told(build, tmp_path):
    run, _ = build()
    for number, path in enumerate(sorted((tmp_path / "data" / "clips").iterdir())):
        if number % 2:
            path.unlink()
        else:
            path.write_bytes(path.read_bytes()[:300])
    html = write_report(run).read_text(encoding="utf-8")
    assert "The clip’s pictures are not there." in html
    assert "data:image" not in html


def test_writing_again_gives_the_same_bytes_and_drops_stale_curves(build):
    run, html = build()
    assert write_report(run).read_text(encoding="utf-8") == html
    (run / "spatial" / "history.csv").unlink()
    write_report(run)
    assert not (run / "report" / "curves_spatial.svg").exists()
    assert (run / "report" / "curves_temporal.svg").exists()


def test_a_run_without_evaluation_is_refused(tmp_path):
    with pytest.raises(TwostreamError, match="run `twostream evaluate` first"):
        write_report(tmp_path)


def test_a_run_without_scores_is_refused(build):
    run, _ = build(with_clips=False)
    (run / "scores" / "whole-video.npz").unlink()
    with pytest.raises(TwostreamError, match="again"):
        write_report(run)


def test_results_of_other_clips_than_the_scores_are_refused(build):
    run, _ = build(with_clips=False)
    path = run / "results.json"
    results = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**results, "n_test": 99}), encoding="utf-8")
    with pytest.raises(TwostreamError, match="scores of other ones"):
        write_report(run)
