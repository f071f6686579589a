import csv
import json
import re

import av
import cv2
import numpy as np
import odd_videos
import pytest
from twostream.cli.tables.benchmarks import print_benchmark
from twostream.errors import TwostreamError
from twostream.events import Said, listening
from twostream.flow import decode_flow, dis, read_flo, tvl1, write_flo
from twostream.flow.folder import pair_files, write_pair
from twostream.flow.scenes import layered_scene
from twostream.lab.benchmarks.bench_flow import bench_flow
from twostream.verbs.flow import flow
from twostream.verbs.flow_eval import flow_eval


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    frame0, frame1, truth = layered_scene(1, height=60, width=80, speed=0.3)
    paths = folder / "frame0.png", folder / "frame1.png"
    for path, frame in zip(paths, (frame0, frame1), strict=True):
        cv2.imwrite(str(path), frame)
    return *paths, frame0, frame1, truth


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    """Four frames of 51x40, an odd width, moving to the right by 2 px."""
    path = tmp_path_factory.mktemp("video") / "moving.avi"
    wide = cv2.GaussianBlur(
        np.random.default_rng(0).integers(0, 256, (40, 80), dtype=np.uint8), (0, 0), 2
    )
    wide = cv2.normalize(wide, None, 0, 255, cv2.NORM_MINMAX)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=10)
        stream.width, stream.height, stream.pix_fmt = 51, 40, "gray"
        for k in range(4):
            frame = np.ascontiguousarray(wide[:, 20 - 2 * k : 71 - 2 * k])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="gray")))
        container.mux(stream.encode(None))
    return path


def test_two_pictures_give_one_flow(pictures, tmp_path):
    path0, path1, frame0, frame1, _ = pictures
    written = flow(path0, path1, out=tmp_path / "out.flo")
    np.testing.assert_array_equal(read_flo(written), tvl1(frame0, frame1))
    flow(path0, path1, out=tmp_path / "dis.npy", algorithm="dis")  # by its earlier name
    np.testing.assert_array_equal(np.load(tmp_path / "dis.npy"), dis(frame0, frame1))
    flow(path0, path1, out=tmp_path / "out.png")
    assert cv2.imread(str(tmp_path / "out.png")).shape == (60, 80, 3)


def test_a_video_gives_codes_by_default(video, tmp_path):
    flow(video, out=tmp_path / "codes", bound=10)
    names = sorted(path.name for path in (tmp_path / "codes").iterdir())
    assert names == ["flow.json", *(f"flow_{c}_{k:05d}.jpg" for c in "xy" for k in (1, 2, 3))]
    codes = cv2.imread(str(tmp_path / "codes" / "flow_x_00002.jpg"), cv2.IMREAD_GRAYSCALE)
    motion = decode_flow(codes, bound_px=10)[10:-10, 10:-10]
    assert np.median(motion) == pytest.approx(2, abs=0.2)


@pytest.mark.parametrize("kind", ["flo", "npy", "png"])
def test_a_video_gives_one_file_a_pair(video, tmp_path, kind):
    flow(video, out=tmp_path / "flows", format=kind, flow_preset="fast")
    names = sorted(path.name for path in (tmp_path / "flows").iterdir())
    assert names == ["flow.json", *(f"flow_{k:05d}.{kind}" for k in (1, 2, 3))]


def test_a_video_gives_a_video_in_colours(video, tmp_path):
    written = flow(video, out=tmp_path / "out.mp4", flow="farneback", full_color=3)
    with av.open(str(written)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        assert container.streams.video[0].average_rate == 10
    assert len(frames) == 3
    assert frames[0].shape == (40, 52, 3)
    red, green, _ = np.median(frames[1][10:-10, 10:-10], axis=(0, 1))
    assert red > green + 50  # to the right is red


@pytest.mark.parametrize(
    ("out", "kind", "message"),
    [
        ("out", None, "no suffix"),
        ("out.txt", None, "suffix '.txt'"),
        ("out.png", "flo", "ends in .flo"),
    ],
)
def test_two_pictures_need_a_file_name(pictures, tmp_path, out, kind, message):
    with pytest.raises(TwostreamError, match=re.escape(message)):
        flow(*pictures[:2], out=tmp_path / out, format=kind)


@pytest.mark.parametrize(("out", "kind"), [("m.csv", None), ("m.mp4", None), ("m.flo", "csv")])
def test_a_table_and_a_film_are_of_one_video(video, tmp_path, out, kind):
    with pytest.raises(TwostreamError, match=r"one video alone .* run it once for each video"):
        flow(video, video, out=tmp_path / out, format=kind)


def test_a_preset_that_the_flow_has_not_is_refused(video, tmp_path):
    with pytest.raises(TwostreamError, match=r"--flow-preset: expected exact with --flow dis"):
        flow(video, out=tmp_path / "flows", flow="dis", flow_preset="deep")


@pytest.mark.parametrize(
    ("out", "kind", "message"),
    [
        ("out.mp4", "jpg", "a folder"),
        ("out", "mp4", "ends in .mp4"),
        ("taken", None, "a folder"),
        ("out.flo", None, "FRAME0 FRAME1 -o out.flo"),
        ("out.avi", "npy", "ends in .mp4"),
    ],
)
def test_a_video_needs_a_folder_or_an_mp4(video, tmp_path, out, kind, message):
    (tmp_path / "taken").touch()
    with pytest.raises(TwostreamError, match=re.escape(message)):
        flow(video, out=tmp_path / out, format=kind)


def test_colours_suit_the_motion_of_the_video_unless_told(video, tmp_path):
    folder = tmp_path / "flows"
    flow(video, out=folder, format="png", flow="dis")
    record = json.loads((folder / "flow.json").read_text())
    assert (
        1.5 < record["full_color_px"] < 4
    )  # it moves by 2 px: the bound of 20 px left it nearly white
    with pytest.raises(TwostreamError, match="another full_color_px"):
        flow(video, out=folder, format="png", flow="dis", full_color=9)


def test_a_table_says_how_much_moves_and_whither(video, tmp_path):
    heard = []
    with listening(heard.append):
        table = flow(video, out=tmp_path / "motion.csv", flow_preset="fast")
    assert Said(f"{table}: written") in heard
    rows = list(csv.DictReader(table.open()))
    assert [row["frame"] for row in rows] == ["1", "2", "3"]
    assert [float(row["seconds"]) for row in rows] == pytest.approx([0, 0.1, 0.2])
    for row in rows:
        assert float(row["mean_speed_px"]) == pytest.approx(2, abs=0.3)
        direction = float(row["direction_degrees"])
        assert min(direction, 360 - direction) < 15  # to the right
        assert float(row["moving_share"]) > 0.9


@pytest.mark.parametrize("name", ["out.tsv", "out.gif", "flows.v"])
def test_an_unknown_suffix_is_refused(video, tmp_path, name):
    with pytest.raises(TwostreamError, match=r"a folder, or a file that ends in \.mp4 or \.csv"):
        flow(video, out=tmp_path / name)


def test_pictures_of_different_sizes_are_named(pictures, tmp_path):
    small = tmp_path / "small.png"
    cv2.imwrite(str(small), np.zeros((5, 7), np.uint8))
    with pytest.raises(TwostreamError, match=r"small\.png: expected 80x60.*found 7x5"):
        flow(pictures[0], small, out=tmp_path / "out.flo")


def test_a_missing_video_is_named(tmp_path):
    with pytest.raises(TwostreamError, match=r"missing\.avi"):
        flow(tmp_path / "missing.avi", out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_single_frame_has_no_flow(pictures, tmp_path):
    with pytest.raises(TwostreamError, match="two frames or more"):
        flow(pictures[0], out=tmp_path / "out")


@pytest.mark.parametrize("bound", [0, -3, np.nan, np.inf])
def test_an_impossible_bound_is_refused(video, tmp_path, bound):
    with pytest.raises(TwostreamError, match="--bound"):
        flow(video, out=tmp_path / "out", bound=bound)


@pytest.mark.parametrize("threads", [0, -1])
def test_an_impossible_number_of_threads_is_refused(video, tmp_path, threads):
    with pytest.raises(TwostreamError, match="--threads"):
        flow(video, out=tmp_path / "out", threads=threads)


@pytest.mark.parametrize("name", ["out.flo", "out.mp4"])
def test_a_folder_where_a_file_should_be_is_named(pictures, video, tmp_path, name):
    (tmp_path / name).mkdir()
    sources = [video] if name == "out.mp4" else pictures[:2]
    with pytest.raises(TwostreamError, match="expected a file, found a folder"):
        flow(*sources, out=tmp_path / name, flow="dis")


def test_the_source_is_never_written_over(pictures, video, tmp_path):
    film = tmp_path / "film.mp4"
    film.write_bytes(video.read_bytes())
    frames = [tmp_path / "0.png", tmp_path / "1.png"]
    for frame, path in zip(frames, pictures[:2], strict=True):
        frame.write_bytes(path.read_bytes())
    for sources, out in (([film], film), (frames, frames[0]), (frames, frames[1])):
        before = out.read_bytes()
        with pytest.raises(TwostreamError, match=r"found (SOURCE|FRAME1) itself"):
            flow(*sources, out=out, flow="dis")
        assert out.read_bytes() == before


@pytest.mark.parametrize("kind", ["jpg", "flo"])
def test_an_interrupted_folder_goes_on_where_it_was(video, tmp_path, kind, monkeypatch):
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    flow(video, out=whole, format=kind, flow="farneback")

    def interrupted(folder, kind, index, *args, **options):
        if index == 3:
            raise KeyboardInterrupt
        write_pair(folder, kind, index, *args, **options)

    monkeypatch.setattr("twostream.flow.folder.write_pair", interrupted)
    with pytest.raises(KeyboardInterrupt):
        flow(video, out=stopped, format=kind, flow="farneback")
    monkeypatch.undo()
    first = pair_files(stopped, kind, 1)[0]
    kept = first.stat().st_mtime_ns
    for _ in range(2):  # the second time there is nothing left to do
        flow(video, out=stopped, format=kind, flow="farneback")
        assert first.stat().st_mtime_ns == kept
        found = {path.name: path.read_bytes() for path in stopped.iterdir()}
        assert found == {path.name: path.read_bytes() for path in whole.iterdir()}


@pytest.mark.usefixtures("shown")
def test_a_video_that_was_cut_off_is_said_to_be(video, tmp_path, capsys):
    content = video.read_bytes()
    cut = tmp_path / "cut.avi"
    third_frame = [match.start() for match in re.finditer(b"00dc", content)][3]  # after the header
    cut.write_bytes(content[: third_frame + 100])
    flow(cut, out=tmp_path / "out", flow="farneback")
    assert "decodable frames are used" in capsys.readouterr().err


def test_flows_of_something_else_are_not_mixed(video, tmp_path):
    out = tmp_path / "out"
    flow(video, out=out, flow="farneback")
    other = tmp_path / "other.avi"
    other.write_bytes(video.read_bytes() + b"0")
    for source, options, message in (
        (video, {"algorithm": "farneback", "bound": 5}, "another bound_px"),
        (video, {"algorithm": "dis"}, "another algorithm"),
        (video, {"algorithm": "farneback", "format": "npy"}, "another format"),
        (other, {"algorithm": "farneback"}, "another source_sha256"),
    ):
        with pytest.raises(TwostreamError, match=message):
            flow(source, out=out, **options)
    (out / "flow.json").unlink()
    with pytest.raises(TwostreamError, match=r"no flow\.json"):
        flow(video, out=out, flow="farneback")


@pytest.mark.usefixtures("shown")
def test_eval_measures_and_prints(pictures, tmp_path, capsys):
    path0, path1, _, _, truth = pictures
    flow(path0, path1, out=tmp_path / "out.flo")
    np.save(tmp_path / "truth.npy", truth)
    measures = flow_eval(tmp_path / "out.flo", tmp_path / "truth.npy")
    assert 0 < measures["epe_mean"] < 0.5
    assert "mean end-point error" in capsys.readouterr().out


def test_eval_names_the_file_that_does_not_fit(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((4, 4, 2), np.float32))
    np.save(tmp_path / "b.npy", np.zeros((4, 5, 2), np.float32))
    with pytest.raises(TwostreamError, match=r"a\.npy.*\(4, 5, 2\)"):
        flow_eval(tmp_path / "a.npy", tmp_path / "b.npy")


def test_bench_measures_pictures_and_videos(pictures, video, tmp_path, capsys):
    folder = tmp_path / "pairs"
    folder.mkdir()
    for k in (0, 1):
        (folder / f"scene-img{k}.png").write_bytes(pictures[k].read_bytes())
    (folder / "moving.avi").write_bytes(video.read_bytes())
    results = bench_flow(pairs=folder, out=tmp_path / "bench.json", per_video=1, rounds=1)
    assert json.loads((tmp_path / "bench.json").read_text()) == results
    assert {row["pair"] for row in results["pairs"]} == {"scene.png", "moving.avi, frame 1"}
    exact = next(row for row in results["summary"] if row["algorithm"] == "tvl1 exact")
    assert exact["ratio"] > 0  # docs/optical-flow.md has figures; a test does not judge times
    assert exact["epe_to_opencv"] < 0.05
    print_benchmark("flow", results)
    assert "OpenCV" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("make", "remedy"),
    [
        (lambda path: path.mkdir(), "leave --pairs out"),
        (lambda path: path.touch(), "leave --pairs out"),
        (lambda path: None, "check --pairs"),
    ],
)
def test_bench_without_pairs_is_refused(tmp_path, make, remedy):
    make(tmp_path / "pairs")
    with pytest.raises(TwostreamError, match=remedy):
        bench_flow(pairs=tmp_path / "pairs")


@pytest.mark.parametrize("flag", ["rounds", "per_video"])
def test_bench_refuses_numbers_below_one(flag):
    with pytest.raises(TwostreamError, match=flag.replace("_", "-")):
        bench_flow(**{flag: 0})


@pytest.mark.parametrize("odd", ["scene-img1.png", "scene-gt.flo"])
def test_bench_names_what_does_not_fit(pictures, tmp_path, odd):
    for k in (0, 1):
        (tmp_path / f"scene-img{k}.png").write_bytes(pictures[k].read_bytes())
    if odd.endswith(".flo"):
        write_flo(tmp_path / odd, np.zeros((5, 7, 2), np.float32))
    else:
        cv2.imwrite(str(tmp_path / odd), np.zeros((5, 7), np.uint8))
    with pytest.raises(TwostreamError, match=rf"{odd}: expected 80x60.*found 7x5"):
        bench_flow(pairs=tmp_path)


def test_bench_refuses_a_folder_for_its_figures_before_it_measures(tmp_path):
    with pytest.raises(
        TwostreamError, match="expected a file, found a folder; choose another --out"
    ):
        bench_flow(out=tmp_path)


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_a_video_of_flow_lasts_as_long_as_its_frames(tmp_path, suffix):
    ms = [*(40 * k for k in range(10)), *(400 + 100 * k for k in range(5))]
    source = odd_videos.write(
        tmp_path / f"a{suffix}", odd_videos.moving_ramp(15), codec="mpeg4", times_ms=ms
    )
    flow(source, out=tmp_path / "flow.mp4", flow="dis")
    with av.open(str(tmp_path / "flow.mp4")) as video:
        assert video.duration / av.time_base == pytest.approx(0.8, abs=0.01)
        times = [float(frame.time) for frame in video.decode(video=0)]
    assert times == pytest.approx([time / 1000 for time in ms[:-1]], abs=0.001)


def test_pictures_of_16_bits_that_use_little_of_their_range_are_refused_by_name(tmp_path):
    levels = np.tile(np.linspace(29000, 29240, 64).astype(np.uint16), (48, 1))
    path = tmp_path / "thermal.png"
    cv2.imwrite(str(path), levels)
    with pytest.raises(TwostreamError, match=r"thermal\.png.*29000 to 29240"):
        flow(path, path, out=tmp_path / "a.flo", flow="dis")
    cv2.imwrite(str(path), np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (48, 1)))
    flow(path, path, out=tmp_path / "a.flo", flow="dis")
