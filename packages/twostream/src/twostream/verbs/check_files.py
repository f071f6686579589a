"""What `check` writes."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from twostream.atomic import write_json, write_text
from twostream.datasets.names import readable
from twostream.preparation.verification import Verification


def outcome_line(found: Verification) -> str:
    """The findings by kind, in words.

    >>> from twostream.preparation.verification import Finding, Verification
    >>> outcome_line(Verification(3, 9, (Finding("a/b", "missing", "no a/b.zip"),), None, True))
    '1 missing'
    """
    return ", ".join(f"{number} {kind}" for kind, number in found.counts().items() if number)


def write_check(data: Path, found: Verification) -> None:
    """Write ``check.csv``, a line a finding, and ``check.json``, the counts."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["subject", "kind", "detail"])
    for item in found.findings:
        writer.writerow(
            [readable(item.subject), item.kind, " ".join(readable(item.detail).split())]
        )
    write_text(data / "check.csv", text.getvalue())
    summary = {
        "clips": found.clips,
        "frames": found.frames,
        "whole": not found.findings,
        "images_decoded": found.decoded,
        "videos_compared": found.source is not None,
        "findings": found.counts(),
    }
    write_json(data / "check.json", summary)
