"""Runs on the Hub: what is uploaded, and that what is loaded is what was published."""

from __future__ import annotations

import importlib
import json
import logging
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import twostream
from stand_in_hub import COMMIT, Hub, standing_in
from twostream.cli.main import run_command
from twostream.downloads.hub import HubAddress, download_run, explained, hub_address
from twostream.errors import TwostreamError
from twostream.exporting.publishing import staged
from twostream.training.bundle import read_bundle, write_bundle
from twostream.training.two_streams import read_two_streams

pytest.importorskip("huggingface_hub")
NAMES = {
    *("README.md", "bundle.json", "twostream.json"),
    *(f"{stream}/{name}" for stream in ("spatial", "temporal") for name in ("bundle.json", "model.keras")),
}  # fmt: skip


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A Hub of our own, a login to it, and an empty cache."""
    with standing_in(Hub()) as hub:
        constants = importlib.import_module("huggingface_hub.constants")
        monkeypatch.setenv("HF_TOKEN", hub.token)
        monkeypatch.setattr(constants, "ENDPOINT", hub.address)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)  # a protocol of the Hub's own
        monkeypatch.setattr(
            constants,
            "HUGGINGFACE_CO_URL_TEMPLATE",
            hub.address + "/{repo_id}/resolve/{revision}/{filename}",
        )
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        yield hub


def test_what_is_published_is_what_a_dry_run_lists_and_what_is_loaded(
    trained_run: Path, small_videos: Path, hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    planned = twostream.publish(trained_run, "ada/waving", dry_run=True)
    assert (planned.url, hub.asked) == (None, [])
    assert {one.name for one in planned.files} == NAMES
    assert run_command(["publish", str(trained_run), "ada/waving"]) == 0
    told = "".join(capsys.readouterr())
    assert f"{hub.address}/ada/waving/commit/{COMMIT}" in told
    assert hub.token not in told
    assert hub.private == {"ada/waving": True}
    uploaded = hub.files["ada/waving"]
    assert {name: len(content) for name, content in uploaded.items()} == {
        one.name: one.size_bytes for one in planned.files
    }
    assert uploaded["README.md"].startswith(b"---\nlibrary_name: twostream\n")

    video = next((small_videos / "left").iterdir())
    for address in ("hf://ada/waving", f"hf://ada/waving@{COMMIT}"):
        loaded = twostream.load(address, engine="torch").predict(video)
        expected = twostream.load(trained_run, engine="torch").predict(video)
        for stream, scores in expected.scores.items():
            np.testing.assert_array_equal(loaded.scores[stream], scores)
    fetched = [one for one in hub.asked if one.startswith("GET") and "/resolve/" in one]
    assert len(fetched) == len(NAMES) - 1  # once, and not the card


def test_a_download_that_breaks_goes_on_and_one_that_is_damaged_is_refused(
    trained_run: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    twostream.publish(trained_run, "ada/waving")
    files = hub.files["ada/waving"]
    good = files["spatial/model.keras"]
    files["spatial/model.keras"] = good[:-1] + bytes([good[-1] ^ 1])
    with pytest.raises(TwostreamError, match=r"spatial/model\.keras: expected SHA-256"):
        download_run(hub_address("hf://ada/waving"))
    files["spatial/model.keras"] = good
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 1000)
    hub.drops, hub.drops_after = 1, 5000
    folder = download_run(hub_address("hf://ada/waving"))
    assert (folder / "spatial" / "model.keras").read_bytes() == good
    assert any(one.endswith("model.keras from 5000") for one in hub.ranges)


def test_what_cannot_be_had_is_said_in_a_line(
    trained_run: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.files["ada/other"] = {"README.md": b""}
    for address, found in (
        ("hf://ada/nothing", "no such repository, or none that you may see"),
        ("hf://ada/other", "no twostream.json in it"),
        ("hf://ada/other@v2", "no such revision"),
    ):
        with pytest.raises(TwostreamError, match=found):
            twostream.load(address)
    for wrong in ("hf://waving", "hf://ada/waving@", "hf://ada/../waving"):
        with pytest.raises(TwostreamError, match="a repository on the Hub"):
            twostream.load(wrong)
    monkeypatch.setenv("HF_TOKEN", "hf_another")
    with pytest.raises(TwostreamError, match="the answer 401; log in") as error:
        twostream.publish(trained_run, "ada/waving")
    assert "hf_another" not in str(error.value)


@pytest.mark.parametrize(
    "files",
    [
        {"../bundle.json": "0" * 64},
        {"/etc/passwd": "0" * 64},
        {"bundle.json": "none"},
        {},
    ],
)
def test_a_list_that_names_other_places_is_refused(hub: Hub, files: dict[str, str]) -> None:
    hub.files["eve/waving"] = {"twostream.json": json.dumps({"files": files}).encode()}
    with pytest.raises(TwostreamError, match="the list of files"):
        download_run(hub_address("hf://eve/waving"))


def retried_in_vain() -> None:
    logging.getLogger("huggingface_hub.utils").warning("Retrying in 1s [Retry 1/5].")
    raise ConnectionError


def test_nothing_but_our_line_is_told_of_a_network_that_is_not_there(
    capfd: pytest.CaptureFixture[str],
) -> None:
    its_own = logging.getLogger("huggingface_hub")
    before = its_own.level
    refused = pytest.raises(TwostreamError, match="no way to it; check the network")
    with refused, explained(HubAddress("ada/waving")):
        retried_in_vain()
    assert "".join(capfd.readouterr()) == ""
    assert its_own.level == before


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("hf://nobody", "nobody"),
        ("hf://a/b/c", "a/b/c"),
        ("hf://", "nothing"),
        ("hf://a/b@", "an @"),
    ],
)
def test_an_address_that_is_none_is_told_as_it_was_written(text: str, found: str) -> None:
    with pytest.raises(TwostreamError) as refused:
        hub_address(text)
    assert refused.value.found.startswith(found)


def test_no_path_of_this_machine_is_published(trained_run: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(trained_run, tmp_path / "run"))
    for stream in ("spatial", "temporal"):
        bundle = read_bundle(run / stream)
        training = replace(bundle.training, backbone="/home/ada/nets/mine.keras")
        write_bundle(replace(bundle, training=training))
    with staged(read_two_streams(run), HubAddress("ada/waving")) as (folder, _):
        told = "".join(path.read_text() for path in folder.rglob("*.*") if path.suffix != ".keras")
        assert "mine.keras" in told
        assert "/home/ada" not in told
        assert str(tmp_path) not in told
