"""What a person decided about uncertain matches: a CSV that survives every run."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from streamergraph.atomic import write_csv
from streamergraph.enrichment.matching import AMBIGUOUS, FUZZY, TitleMatch
from streamergraph.enrichment.release_dates import read_dates
from streamergraph.enrichment.steam import SteamGame
from streamergraph.errors import StreamergraphError
from streamergraph.text_files import column_key, delimiter_of, read_text, split_rows

NEEDED = ("category", "candidate", "decision")
# The last three tell games of one title apart.
HEADER = (
    "category", "candidate", "score", "decision", "reviewed_by", "reviewed_at",
    "developer", "release_date", "app_id",
)  # fmt: skip
YES, NO = "yes", "no"
SPELLINGS = {
    "": "", "yes": YES, "y": YES, "true": YES, "1": YES, "1.0": YES,
    "no": NO, "n": NO, "false": NO, "0": NO, "0.0": NO,
}  # fmt: skip
LEAST_REVIEWED = 79
WHOLE = re.compile(r"[.,]0+$")  # 5.0 is the 5 of a table with holes


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One row: `decision` is yes, no or empty (not looked at); the candidate may be corrected.

    Of several games with the candidate's title the row means those that `developer`, `release_date`
    (ISO, or a year) and `app_id` fit; what is empty fits all. `others` are columns of a person's own.
    """

    category: str
    candidate: str
    score: int
    decision: str = ""
    reviewed_by: str = ""
    reviewed_at: str = ""
    developer: str = ""
    release_date: str = ""
    app_id: str = ""
    row: int = 0
    others: dict[str, str] = field(default_factory=dict)

    @property
    def game(self) -> tuple[str, str, str, str]:
        """What names the game that is meant."""
        return (self.candidate, self.developer, self.release_date, self.app_id)

    def fits(self, game: SteamGame) -> bool:
        """Whether `game` is what the row names, as far as the row says and the table knows."""
        if self.candidate != game.title:
            return False
        if self.app_id and game.app_id is not None and self.app_id != str(game.app_id):
            return False
        if self.developer and self.developer.casefold() != (game.developer or "").casefold():
            return False
        if not self.release_date:
            return True
        day = game.release_date
        if len(self.release_date) == 4:
            return day is not None and str(day.year) == self.release_date
        return day is not None and day == read_dates([self.release_date]).dates[0]


def decision_for(match: TitleMatch, game: SteamGame) -> Decision:
    """The row that asks whether `game` is what the category of `match` means."""
    return Decision(
        category=match.category,
        candidate=game.title,
        score=match.score,
        developer=game.developer or "",
        release_date=game.release_date.isoformat() if game.release_date else "",
        app_id="" if game.app_id is None else str(game.app_id),
    )


def read_review(path: Path) -> list[Decision]:
    """The rows of a review; none where there is no file yet.

    Decisions may be written as yes, y, true, 1, no, n, false or 0. Raises StreamergraphError for a
    file with other columns or decisions.
    """
    if not path.exists():
        return []
    try:
        text = read_text(path, expected=f"a CSV with columns {', '.join(HEADER)}")
        header, *rows = split_rows(text, delimiter_of(text) or ",") or [[]]
        names = [column_key(name) for name in header]
        if not set(NEEDED) <= set(names):
            raise ValueError("other columns")
        wide = next((k for k, row in enumerate(rows, 2) if len(row) > len(header)), None)
        if wide is not None:
            raise StreamergraphError(
                path,
                expected=f"{len(header)} fields in every row",
                found=f"more in row {wide}",
                remedy="put what holds a comma into quotes",
            )
        decisions = [
            _decision(path, number, dict(zip(header, row, strict=False)))
            for number, row in enumerate(rows, 2)
            if any(cell.strip() for cell in row)
        ]
    except (ValueError, csv.Error):
        raise StreamergraphError(
            path,
            expected=f"a CSV with columns {', '.join(HEADER)}",
            found="something else",
            remedy="mend it, or move it away to start anew",
        ) from None
    return decisions


def _decision(path: Path, number: int, written: dict[str, str]) -> Decision:
    values = {column_key(name): _said(text) for name, text in written.items()}
    texts = {name: values.get(name, "") for name in HEADER}
    said = texts["decision"].lower()
    if said not in SPELLINGS:
        raise StreamergraphError(
            path,
            expected="yes, no or nothing as decision",
            found=f"{said!r} for {texts['category']!r} in row {number}",
            remedy="mend that row",
        )
    return Decision(
        **{
            name: text
            for name, text in texts.items()
            if name not in ("score", "decision", "app_id")
        },
        app_id=WHOLE.sub("", texts["app_id"]),
        score=_score(texts["score"]),
        decision=SPELLINGS[said],
        row=number,
        others={name: v for name, v in written.items() if name and column_key(name) not in HEADER},
    )


def _said(text: str) -> str:
    """A cell, empty where a table of Python's has written its hole."""
    text = text.strip()
    return "" if text.lower() in ("nan", "none", "<na>") else text


def _score(text: str) -> int:
    """The score as it was written; it decides nothing, and 0 stands for one that is not read."""
    try:
        score = float(text.rstrip("% ").replace(",", ".") or 0)
    except ValueError:
        return 0
    return round(score) if 0 <= score <= 100 else 0


def write_review(path: Path, matches: Sequence[TitleMatch], decisions: Iterable[Decision]) -> int:
    """Write all decisions made, then what is open; returns how many categories are.

    Open are fuzzy matches (score 79 and more) and titles of several games, a row for each game.
    Rows that a person wrote something into stay as they are.
    """
    kept = [
        row
        for row in decisions
        if row.decision or row.reviewed_by or row.reviewed_at or any(row.others.values())
    ]
    there = {(row.category, row.game) for row in kept}
    waiting: list[Decision] = []
    open_categories = set()
    for match in matches:
        is_open = match.method == AMBIGUOUS or (
            match.method == FUZZY and match.score >= LEAST_REVIEWED
        )
        if not is_open:
            continue
        open_categories.add(match.category)
        rows = [decision_for(match, game) for game in match.games]
        waiting += [row for row in rows if (row.category, row.game) not in there]
    waiting.sort(key=lambda row: (-row.score, row.category))
    others = list(dict.fromkeys(name for row in kept for name in row.others))
    write_csv(
        path,
        [*HEADER, *others],
        [
            [
                *(getattr(row, name) for name in HEADER),
                *(row.others.get(name, "") for name in others),
            ]
            for row in [*kept, *waiting]
        ],
    )
    return len(open_categories)
