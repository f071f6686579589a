"""What a person's decisions do to the matches: yes takes the game that the row names, no takes none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from streamergraph.enrichment.candidates import Catalogue
from streamergraph.enrichment.matching import REVIEWED, TitleMatch
from streamergraph.enrichment.review import NO, YES, Decision
from streamergraph.enrichment.steam import SteamGame
from streamergraph.errors import StreamergraphError
from streamergraph.suggestions import nearest


def apply_review(
    path: Path, matches: Sequence[TitleMatch], decisions: Sequence[Decision], catalogue: Catalogue
) -> list[TitleMatch]:
    """Matches with what was decided in the file at `path`.

    Raises StreamergraphError for decisions that contradict each other, and for a yes to a title that is
    not in the table of titles, or that several of its games have.
    """
    by_category: dict[str, list[Decision]] = {}
    for row in decisions:
        if row.decision:
            by_category.setdefault(row.category, []).append(row)
    return [
        _applied(path, match, by_category.get(match.category, []), catalogue) for match in matches
    ]


def unknown_categories(matches: Sequence[TitleMatch], decisions: Sequence[Decision]) -> str | None:
    """A line about decisions on categories that the tables do not have; None where there are none."""
    known = [match.category for match in matches]
    others = {row.category for row in decisions if row.decision} - set(known)
    if not others:
        return None
    first = min(others)
    near = nearest(first, known)
    return (
        f"{len(others)} reviewed categories are not in these tables and stay in the review: {first!r}"
        + (f" (did you mean {near}?)" if near else "")
        + (", …" if len(others) > 1 else "")
    )


def _applied(
    path: Path, match: TitleMatch, rows: list[Decision], catalogue: Catalogue
) -> TitleMatch:
    taken = [row for row in rows if row.decision == YES]
    refused = [row for row in rows if row.decision == NO]
    for row in taken:
        game = _chosen(path, row, catalogue)
        other = next(
            (one for one in (*taken, *refused) if _contradicts(row, one, game, catalogue, path)),
            None,
        )
        if other is not None:
            raise StreamergraphError(
                path,
                expected=f"one decision for {match.category!r}",
                found=f"{row.decision} to {row.candidate!r} in row {row.row} and {other.decision} to "
                f"{other.candidate!r} in row {other.row}",
                remedy="remove or mend one of them",
            )
        return replace(
            match, steam_title=game.title, method=REVIEWED, score=100, accepted=True, games=(game,)
        )
    if not refused:
        return match
    left = tuple(game for game in match.games if not any(row.fits(game) for row in refused))
    if left and len(left) < len(match.games):
        return replace(match, games=left)  # no to one of several says nothing of the others
    return replace(match, method=REVIEWED, accepted=False)


def _contradicts(
    row: Decision, other: Decision, game: SteamGame, catalogue: Catalogue, path: Path
) -> bool:
    if other is row:
        return False
    if other.decision == NO:
        return other.fits(game)
    return _chosen(path, other, catalogue) != game


def _chosen(path: Path, row: Decision, catalogue: Catalogue) -> SteamGame:
    """The one game that a row with yes names."""
    games = catalogue.by_title.get(row.candidate)
    where = f"{row.category!r} in row {row.row}"
    if games is None:
        raise StreamergraphError(
            path,
            expected=f"a title of the table of titles as candidate for {where}",
            found=f"{row.candidate!r}, which is none",
            remedy=_nearest_title(row.candidate, catalogue),
        )
    fitting = [game for game in games if row.fits(game)]
    if len(fitting) != 1:
        raise StreamergraphError(
            path,
            expected=f"one game as candidate for {where}",
            found=f"{row.candidate!r}, the title of {len(games)} games: "
            + "; ".join(_said(game) for game in games),
            remedy="fill in developer, release_date (or the year) or app_id of the one that is meant",
        )
    return fitting[0]


def _nearest_title(title: str, catalogue: Catalogue) -> str:
    from rapidfuzz import fuzz, process

    found = process.extractOne(title, list(catalogue.by_title), scorer=fuzz.ratio, score_cutoff=60)
    return f"did you mean {found[0]}?" if found else "write the title as it stands there"


def _said(game: SteamGame) -> str:
    facts = [game.developer, game.release_date, game.app_id]
    return ", ".join(str(fact) for fact in facts if fact is not None) or "nothing known"
