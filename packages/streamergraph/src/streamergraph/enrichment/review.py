"""What a person decided about uncertain matches: a CSV that survives every run."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from streamergraph.atomic import write_csv
from streamergraph.enrichment.matching import FUZZY, REVIEWED, TitleMatch
from streamergraph.errors import StreamergraphError

HEADER = ["category", "candidate", "score", "decision", "reviewed_by", "reviewed_at"]
YES, NO = "yes", "no"
LEAST_REVIEWED = 79


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One row: `decision` is yes, no or empty (not looked at); the candidate may be corrected."""

    category: str
    candidate: str
    score: int
    decision: str = ""
    reviewed_by: str = ""
    reviewed_at: str = ""


def read_review(path: Path) -> dict[str, Decision]:
    """Decisions by category; empty where there is no file yet.

    Raises StreamergraphError for a file with other columns or decisions.
    """
    if not path.exists():
        return {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        decisions = {
            row["category"]: Decision(
                category=row["category"],
                candidate=row["candidate"] or "",
                score=int(row["score"] or 0),
                decision=(row["decision"] or "").strip().lower(),
                reviewed_by=row["reviewed_by"] or "",
                reviewed_at=row["reviewed_at"] or "",
            )
            for row in rows
        }
    except (OSError, KeyError, TypeError, ValueError, csv.Error):
        raise StreamergraphError(
            path,
            expected=f"a CSV with columns {', '.join(HEADER)}",
            found="something else",
            remedy="mend it, or move it away to start anew",
        ) from None
    for decision in decisions.values():
        if decision.decision not in ("", YES, NO):
            raise StreamergraphError(
                path,
                expected="yes, no or nothing as decision",
                found=f"{decision.decision!r} for {decision.category!r}",
                remedy="mend that row",
            )
    return decisions


def apply_review(matches: Sequence[TitleMatch], decisions: dict[str, Decision]) -> list[TitleMatch]:
    """Matches with what was decided: yes takes the candidate in the file, no takes none."""
    applied = []
    for match in matches:
        decision = decisions.get(match.category)
        if decision is not None and decision.decision == YES:
            match = replace(
                match, steam_title=decision.candidate, method=REVIEWED, score=100, accepted=True
            )
        elif decision is not None and decision.decision == NO:
            match = replace(match, method=REVIEWED, accepted=False)
        applied.append(match)
    return applied


def write_review(path: Path, matches: Sequence[TitleMatch], decisions: dict[str, Decision]) -> int:
    """Write all decisions made, then what is open (score 79 and more); returns how many are open."""
    kept = [decision for decision in decisions.values() if decision.decision]
    decided = {decision.category for decision in kept}
    waiting = [
        Decision(category=match.category, candidate=match.steam_title or "", score=match.score)
        for match in matches
        if match.method == FUZZY and match.score >= LEAST_REVIEWED and match.category not in decided
    ]
    waiting.sort(key=lambda decision: (-decision.score, decision.category))
    write_csv(
        path,
        HEADER,
        [
            [d.category, d.candidate, d.score, d.decision, d.reviewed_by, d.reviewed_at]
            for d in [*kept, *waiting]
        ],
    )
    return len(waiting)
