"""Which clips a stream has learnt from is known, or said to be unknown, but never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest
from twostream.datasets.manifest import Manifest, ManifestRow
from twostream.errors import TwostreamError
from twostream.training.learnt_clips import (
    CLIPS_NAME,
    check_unseen,
    has_learnt_from,
    own_parts,
    read_learnt,
    read_parts,
)

WHOLE = "clip_id,part\na/1,training\na/2,validation\nb/1,earlier\n"


def test_own_clips_and_those_of_an_earlier_run(tmp_path: Path) -> None:
    (tmp_path / CLIPS_NAME).write_text(WHOLE)
    assert read_parts(tmp_path) == {"a/1": "training", "a/2": "validation", "b/1": "earlier"}
    assert own_parts(tmp_path) == {"a/1": "training", "a/2": "validation"}


def test_runs_from_before_there_was_such_a_table_say_nothing(tmp_path: Path) -> None:
    assert read_parts(tmp_path) == {}


def test_a_spreadsheet_s_mark_at_the_beginning_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / CLIPS_NAME).write_text(WHOLE, encoding="utf-8-sig")
    assert len(read_parts(tmp_path)) == 3


@pytest.mark.parametrize(
    "content",
    [b"", b"clip_id,part\n", b"clip,part\na/1,training\n", b"clip_id,part\na/1\n", b"\xff\xfe"],
    ids=["nothing", "no clips", "other columns", "half a row", "no UTF-8"],
)
def test_a_damaged_table_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / CLIPS_NAME).write_bytes(content)
    with pytest.raises(TwostreamError, match="train the stream again"):
        read_parts(tmp_path)


LEARNT = "clip_id,part,source\nrun/a__1-2,training,day 1/a.mp4\nrun/b__1-2,earlier,day 1/b.mp4\n"


def rows(*told: tuple[str, str, str]) -> Manifest:
    """A manifest of clips: name, video, side."""
    found = [
        ManifestRow(
            clip_id=clip_id, class_name="run", label=0, path="", source=source, frames=9, fps=25.0,
            width=8, height=8, duration_seconds=1.0, group=source, splits=(side,),
        )
        for clip_id, source, side in told
    ]  # fmt: skip
    return Manifest(Path("data"), ("run",), tuple(found))


def test_the_videos_that_were_learnt_from_are_known_by_any_path_to_them(tmp_path: Path) -> None:
    (tmp_path / CLIPS_NAME).write_text(LEARNT)
    assert read_parts(tmp_path) == {"run/a__1-2": "training", "run/b__1-2": "earlier"}
    assert has_learnt_from(tmp_path, tmp_path / "day 1" / "a.mp4")
    assert not has_learnt_from(tmp_path, tmp_path / "day 2" / "a.mp4")
    (tmp_path / CLIPS_NAME).write_text(WHOLE)  # an earlier version did not tell
    assert not has_learnt_from(tmp_path, tmp_path / "day 1" / "a.mp4")


def test_a_corrected_label_is_of_the_video_that_was_learnt_from_though_its_clip_is_another(
    tmp_path: Path,
) -> None:
    (tmp_path / CLIPS_NAME).write_text(LEARNT)
    learnt = read_learnt(tmp_path)
    corrected = rows(("run/a__1.2-2", "day 1/a.mp4", "test"), ("run/c", "c.mp4", "train"))
    with pytest.raises(TwostreamError, match=r"run/a__1\.2-2; another way"):
        check_unseen(tmp_path, learnt, corrected, split=1, remedy="another way")
    check_unseen(tmp_path, learnt, rows(("run/c", "c.mp4", "test")), split=1, remedy="")
    # Who gives both sides clips of one video means it.
    both = rows(("run/a__5-6", "day 1/a.mp4", "train"), ("run/a__1.2-2", "day 1/a.mp4", "test"))
    check_unseen(tmp_path, learnt, both, split=1, remedy="")
