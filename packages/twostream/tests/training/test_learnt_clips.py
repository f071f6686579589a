"""Which clips a stream has learnt from is known, or said to be unknown, but never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest
from twostream.errors import TwostreamError
from twostream.training.learnt_clips import CLIPS_NAME, own_parts, read_parts

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
