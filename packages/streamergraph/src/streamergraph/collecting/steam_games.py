"""The games that categories may mean, with their facts, as a table that `enrich` reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from streamergraph.collecting.steam_web import SteamWeb
from streamergraph.collecting.web import NoAnswerError
from streamergraph.enrichment.matching import NONE, match_titles
from streamergraph.enrichment.normalizing import normalized, spelling
from streamergraph.progress import Progress

ASKED_SCORE = 90  # a little below what `enrich` takes without a word, so that a person may decide
GAME = "game"


@dataclass
class GameTable:
    """A row a game, those that the store does not know, and those of which no answer came."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    unknown: int = 0
    without_answer: int = 0


def candidates(categories: Sequence[str], titles: Mapping[int, str]) -> list[int]:
    """Numbers of all games whose title a category may mean; titles repeat.

    >>> candidates(["Portal 2", "Chess"], {620: "Portal 2", 7: "PORTAL 2", 8: "Portal"})
    [7, 620]
    """
    numbers: dict[str, set[int]] = defaultdict(set)
    for number, title in titles.items():
        for form in {title, normalized(title), spelling(title)} - {""}:
            numbers[form].add(number)
    found: set[int] = set()
    for match in match_titles(categories, titles.values(), least_score=ASKED_SCORE):
        if match.method == NONE or match.score < ASKED_SCORE:
            continue
        for title in filter(None, (match.steam_title, *match.other_titles)):
            found |= numbers[normalized(title) or title] | numbers[title]
    return sorted(found)


def game_table(steam: SteamWeb, numbers: Sequence[int]) -> GameTable:
    """The facts of these games, one after the other; what does not answer is counted and left out."""
    table = GameTable()
    with Progress("steam", total=len(numbers), unit="game") as progress:
        for number in numbers:
            try:
                game = steam.game(number)
            except NoAnswerError:
                table.without_answer += 1
            else:
                if game is None or game.pop("type") not in (None, GAME):
                    table.unknown += 1
                else:
                    table.rows.append(game)
            progress.advance()
    return table
