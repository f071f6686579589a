"""The recipes: each loads, and runs end to end on a small scale."""

from __future__ import annotations

import json
import re
from pathlib import Path

import keras
import pytest
import twostream
import yaml
from twostream.cli.main import run_command
from twostream.errors import TwostreamError
from twostream.verbs.flags import with_flags
from twostream.verbs.options import RunOptions
from twostream.verbs.paths import parameter_names
from twostream.verbs.recipes import FOLDER, recipe_flags

RECIPES = sorted(FOLDER.glob("*.yaml"))


@pytest.fixture(scope="module")
def backbone_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny network in the place of the ResNet-50 that would be downloaded."""
    image = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(8, 5, strides=4, use_bias=False)(image)
    x = keras.layers.ReLU()(keras.layers.BatchNormalization()(x))
    y = keras.layers.BatchNormalization()(keras.layers.Conv2D(8, 3, padding="same")(x))
    x = keras.layers.ReLU()(keras.layers.Add()([x, y]))
    path = tmp_path_factory.mktemp("backbone") / "resnet_tiny.keras"
    keras.Model(image, x, name="resnet_tiny").save(path)
    return path


def test_the_recipes_are_there() -> None:
    assert [path.stem for path in RECIPES] == [
        "few-clips",
        "generated-motion",
        "hmdb51-original",
        "hmdb51-resnet50",
        "own-videos",
        "ucf101-resnet50",
    ]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_names_flags_only(recipe: Path) -> None:
    settings = yaml.safe_load(recipe.read_text(encoding="utf-8"))
    assert set(settings) <= set(parameter_names(twostream.run))


def test_a_recipe_is_called_by_name_and_gives_way_to_flags(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen: list[RunOptions] = []
    monkeypatch.setattr("twostream.verbs.run.check_job", lambda job: seen.append(job.options))
    monkeypatch.setattr("twostream.verbs.run.plan_run", lambda job, replace: {})
    videos, run = tmp_path / "videos", tmp_path / "run"
    videos.mkdir()
    words = ["run", str(videos), "--out", str(run), "--dry-run"]
    (tmp_path / "own.yaml").write_text("mixup: 0.4\n")
    assert run_command([*words, "--recipe", "few-clips", "--epochs", "7"]) == 0
    twostream.run(videos, out=run, dry_run=True, recipe="few-clips", epochs=7)
    assert seen[0] == seen[1]
    assert (seen[0].spatial.epochs, seen[0].temporal.epochs) == (7, 7)
    assert seen[0].evaluate.protocols == "one-frame,25,25x10,whole-video"
    own = ["--config", str(tmp_path / "own.yaml")]
    assert run_command([*words, "--recipe", "few-clips", *own]) == 0
    assert (seen[-1].spatial.mixup, seen[-1].spatial.epochs) == (0.4, 0)


def test_a_recipe_that_is_none_names_the_near_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(TwostreamError, match="did you mean own-videos"):
        recipe_flags("own-video", twostream.run)
    assert run_command(["run", "videos", "--config", "recipes/few-clips.yaml"]) == 2
    assert "the recipe is called --recipe few-clips" in capsys.readouterr().err


def test_the_page_about_ones_own_videos_says_what_their_recipe_chooses() -> None:
    page = (Path(__file__).resolve().parents[4] / "docs" / "your-own-videos.md").read_text()
    told = page[page.index("--recipe own-videos") : page.index("## Which clips belong together")]
    settings = yaml.safe_load((FOLDER / "own-videos.yaml").read_text(encoding="utf-8"))
    named = dict(re.findall(r"`--([a-z-]+) ([^`]+)`", told))
    assert set(named) == {"flow", "class-weights", "validation-fraction"}
    assert all(str(settings[flag]) == value for flag, value in named.items())
    tested = ", ".join(f"`{one}`" for one in settings["protocols"].split(","))
    assert tested.replace(", `whole", " and `whole") in " ".join(told.split())


def test_every_recipe_has_values_that_are_allowed() -> None:
    for path in RECIPES:
        assert with_flags(RunOptions(), recipe_flags(path.stem, twostream.run)) != RunOptions()


@pytest.mark.usefixtures("short_heads")
@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_runs_end_to_end(
    recipe: Path, small_videos: Path, backbone_file: Path, tmp_path: Path
) -> None:
    settings = yaml.safe_load(recipe.read_text(encoding="utf-8"))
    words = ["run", str(small_videos), "--config", str(recipe), "--out", str(tmp_path / "run")]
    words += ["--backbone", str(backbone_file), "--flow", "dis", "--size", "64"]
    words += ["--stack-length", "4", "--engine", "keras"]
    if "test-size" in settings:
        words += ["--test-size", "72"]
    if settings.get("epochs", 10):
        words += ["--epochs", "1"]
    else:
        words += ["--temporal-backbone", "cnn-s"]
    # A file of its own has its own weights; only the name of a class of networks is told which.
    settings["weights"] = None
    quick = tmp_path / "quick.yaml"
    quick.write_text(yaml.safe_dump(settings), encoding="utf-8")
    words[words.index(str(recipe))] = str(quick)
    words += ["--temporal-epochs", "1"]
    assert run_command(words) == 0
    results = json.loads((tmp_path / "run" / "results.json").read_text())
    asked = set(settings["protocols"].split(","))
    assert set(results["protocols"]) == asked - {"original"}
    assert ("original" in results) == ("original" in asked)
    assert (tmp_path / "run" / "report.html").is_file()
