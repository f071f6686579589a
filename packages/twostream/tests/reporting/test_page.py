import json
import shutil
import xml.etree.ElementTree as ElementTree
from html import escape
from html.parser import HTMLParser

import pytest
from twostream.datasets.official_names import OFFICIAL_CLASSES
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
        *("results.svg", "confusion.svg", "per_class.svg", "flow_wheel.svg"),
        "motion_gain.svg",
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
            told = table[at + 1 : at + 7]
            assert told[::2] == [f"{100 * values[m]:.1f}" for m in MEASURES]
            ends = [[f"{100 * end:.1f}" for end in values["intervals"][m]] for m in MEASURES]
            assert told[1::2] == ["–".join(pair) for pair in ends]


def test_the_page_says_how_to_take_the_model_elsewhere(ordinary):
    assert {"twostream serve RUN", "twostream export RUN"} <= set(Page(ordinary[1]).text)


def test_nothing_is_loaded_from_elsewhere(ordinary):
    _, html = ordinary
    page = Page(html)
    beside = ("#", "report/", "analysis/", "analysis.json", "results.json", "results.csv")
    assert all(address.startswith(beside) for address in page.addresses)
    assert "http://" not in html
    assert "https://" not in html
    assert "@import" not in html
    assert html.count("url(#wheel-fade)") == 1
    assert html.count("url(") == 1 + html.count("url(data:image/jpeg;base64,")


def test_local_links_lead_somewhere(ordinary):
    run, html = ordinary
    for address in Page(html).addresses:
        if address.startswith("#"):
            assert f'id="{address[1:]}"' in html
        else:
            assert (run / address).exists()


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


def test_variants_of_fusion_and_all_protocols_are_shown(build):
    protocols = ("one-frame", "25", "25x10", "whole-video")
    variants = ("fusion-weighted", "fusion-svm")
    _, html = build(protocols=protocols, variants=variants, with_clips=False)
    text = Page(html).text
    for name in (*protocols, *variants):
        assert text.count(name) >= 2
    assert text.count("Method of fusion-svm.") == 1
    assert "ten views" in html


def test_the_original_s_own_table_stands_apart(build):
    run, html = build(with_clips=False)
    assert "As the original measured" not in html
    path = run / "results.json"
    results = json.loads(path.read_text(encoding="utf-8"))
    cell = {"top1": 0.39, "top5": 0.716, "instances": 26010, "of": "frames"}
    results["original"] = {
        "comparable": False,
        "note": "not comparable with any other number",
        "defects": ["pictures are stretched"],
        "protocols": {"one-frame": {"spatial": cell}},
    }
    path.write_text(json.dumps(results), encoding="utf-8")
    text = Page(write_report(run).read_text(encoding="utf-8")).text
    assert {"39.0", "71.6", "26010 frames", "Pictures are stretched."} <= set(text)
    assert "Not comparable with any other number." in text


def test_tags_are_shown_where_names_have_them(build):
    names = "film{i}_golf_f_cm_np1_fr_bad_{i}"
    run, html = build(names=names, with_clips=False)
    text = Page(html).text
    assert {"Meta tags", "camera motion", "moving", "full body", "bad"} <= set(text)
    assert (run / "report" / "per_tag.svg").exists()
    _, plain = run, write_report(run)
    assert "Published" not in plain.read_text(encoding="utf-8")


def test_runs_without_tags_have_no_section_of_them(ordinary):
    assert "Meta tags" not in ordinary[1]


def test_published_numbers_stand_beside_hmdb51_only(build, tmp_path):
    classes = OFFICIAL_CLASSES["hmdb51"]
    _, html = build(classes=classes, clips_per_class=1, dataset="hmdb51", with_clips=False)
    text = " ".join(Page(html).text)
    assert "Simonyan and Zisserman" in text
    assert "this run had only 51 of them" in text
    for number in ("39.0", "45.0", "58.0", "59.4", "68.5", "80.7"):
        assert number in text


@pytest.mark.parametrize(
    "options",
    [
        {"dataset": "hmdb51"},
        {"classes": OFFICIAL_CLASSES["hmdb51"]},
        {"dataset": "hmdb51", "classes": OFFICIAL_CLASSES["hmdb51"][1:]},
        {"dataset": "hmdb51", "classes": tuple(map(str, range(51)))},
    ],
)
def test_other_sets_have_no_published_numbers(build, options):
    _, html = build(clips_per_class=1, with_clips=False, **options)
    assert "Simonyan" not in html


def test_scores_that_do_not_give_the_accuracies_are_refused(build):
    run, _ = build(with_clips=False)
    path = run / "results.json"
    results = json.loads(path.read_text(encoding="utf-8"))
    results["protocols"]["one-frame"]["temporal"]["top1"] = 0.123
    path.write_text(json.dumps(results), encoding="utf-8")
    with pytest.raises(TwostreamError, match="another top-1"):
        write_report(run)


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
    frames, flows = (html.count(f'aria-label="{kind} at') for kind in ("frame", "flow"))
    assert frames == flows > 0
    assert "px per step" in html


def test_clips_play_when_asked_and_never_by_themselves(ordinary):
    _, html = ordinary
    shown = html.count('<article class="clip"')
    assert html.count('<input type="checkbox" class="play" id="play-') == shown > 0
    assert "checked" not in html.split("</style>")[1]
    assert html.count("animation:") == 1
    # What moves is hidden until its box is ticked; in print the stills stand.
    assert ".film { display: none;" in html
    assert "@media screen { .play:checked ~ .strip { display: none; }" in html


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


def test_an_svm_is_not_calibrated_and_the_page_says_why(build):
    run, html = build(variants=("fusion-logit", "fusion-svm"), clips_per_class=34, with_clips=False)
    section = (
        html[html.index('<section id="calibration">') :].partition("</section>")[0] + "</section>"
    )
    text = Page(section).text
    assert text.count("fusion-logit") == 1
    assert text.count("fusion-svm") == 1
    assert "nothing makes 0.7 in it a chance of 70 %." in section
    assert "fusion-svm" not in (run / "report" / "calibration.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(("n_test", "shown"), [(99, False), (100, True)])
def test_few_clips_are_not_called_calibrated_or_not(build, n_test, shown):
    run, html = build(clips_per_class=34, n_test=n_test, with_clips=False)
    assert (run / "report" / "calibration.svg").exists() == shown
    assert ("Expected calibration error" in html) == shown
    left_out = "Left out: on 99 test clips, fewer than 100, honest probabilities too may look wrong"
    assert (left_out in html) == (not shown)


def test_what_computed_the_scores_is_told_or_that_it_was_not_recorded(build):
    run, html = build(with_clips=False)
    assert "Scores computed by: openvino 2026.4.1, float32, cpu, 2 threads." in html
    path = run / "results.json"
    results = json.loads(path.read_text(encoding="utf-8"))
    del results["engines"]  # of a version that did not record it
    path.write_text(json.dumps(results), encoding="utf-8")
    assert "Scores computed by: not recorded." in write_report(run).read_text(encoding="utf-8")


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
