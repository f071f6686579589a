"""Warnings on the command line."""

from __future__ import annotations

import warnings

import pytest
from twostream.cli.warnings import tell_warnings_in_a_line
from twostream.errors import TwostreamWarning


def test_ours_are_one_line_and_others_keep_their_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warnings, "formatwarning", warnings.formatwarning)
    tell_warnings_in_a_line()

    def shown(kind: type[Warning]) -> str:
        return warnings.formatwarning("look out", kind, "file.py", 7)

    assert shown(TwostreamWarning) == "note: look out\n"
    assert shown(DeprecationWarning).startswith("file.py:7: DeprecationWarning: look out")
