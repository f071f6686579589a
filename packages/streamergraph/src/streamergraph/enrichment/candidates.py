"""Which games a title may mean: titles repeat, for remakes and for works of several studios."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace

from streamergraph.enrichment.matching import AMBIGUOUS, EXACT, SPELLING, TitleMatch
from streamergraph.enrichment.normalizing import normalized, spelling
from streamergraph.enrichment.steam import SteamGame

# A year, a region, or an older work: another game of that title.
EDITION = re.compile(
    r"(.+?)\s*[(\[](?:(?:19|20)\d\d|classic|original|legacy|old|[a-z]{2}|japan|europe|usa|asia|china|korea)"
    r"(?: version| edition)?[)\]]",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Different games by title, by its letters and digits, its normalised form and its spelling.

    `by_base`: those whose title has an edition behind it, such as ``Prey (2006)``, by the title before it.
    """

    by_title: dict[str, tuple[SteamGame, ...]]
    by_letters: dict[str, tuple[SteamGame, ...]]
    by_form: dict[str, tuple[SteamGame, ...]]
    by_spelling: dict[str, tuple[SteamGame, ...]]
    by_base: dict[str, tuple[SteamGame, ...]]

    @classmethod
    def of(cls, games: Sequence[SteamGame]) -> Catalogue:
        """Of a table of games, in which one may stand twice."""
        return cls(
            by_title=_grouped(games, lambda game: game.title),
            by_letters=_grouped(games, lambda game: _letters(game.title)),
            by_form=_grouped(games, lambda game: normalized(game.title)),
            by_spelling=_grouped(games, lambda game: spelling(game.title)),
            by_base=_grouped(games, lambda game: spelling(_base(game.title))),
        )

    def candidates(self, match: TitleMatch) -> tuple[SteamGame, ...]:
        """The games that the title of `match` may mean, and those that are as likely."""
        found: list[SteamGame] = []
        for title in (match.steam_title, *match.other_titles):
            if title is None:
                continue
            form = normalized(title)
            # Another spelling of an equal title is the same title; the normalised form says less.
            if match.method == SPELLING:
                found += self.by_spelling[spelling(title)]
            elif match.method == EXACT or not form:
                found += self.by_letters.get(_letters(title)) or self.by_title[title]
            else:
                found += self.by_form[form]
        if match.accepted and match.steam_title is not None:
            others = self.by_base.get(spelling(match.category), ())
            found += [game for game in others if game not in found]
        return tuple(found)


def with_candidates(matches: Sequence[TitleMatch], catalogue: Catalogue) -> list[TitleMatch]:
    """`matches` with their games; where there are several, none is taken without a person's word."""
    found = []
    for match in matches:
        games = catalogue.candidates(match)
        editions = catalogue.by_base.get(spelling(match.category), ())
        if editions and not match.accepted:
            # Nothing bears the bare title: Prey is one of Prey (2006) and Prey (2017).
            match = replace(match, method=AMBIGUOUS, steam_title=editions[0].title, score=100)
            games = (*editions, *(game for game in games if game not in editions))
        if match.accepted and len(games) > 1:
            match = replace(match, method=AMBIGUOUS, accepted=False)
        found.append(replace(match, games=games))
    return found


def different_games(games: Iterable[SteamGame]) -> tuple[SteamGame, ...]:
    """`games` of one title, each once: what has the same studio, publisher and day is one game.

    Where the studio or the day is not known, all facts must agree. A game that stands there under several
    numbers has none, and the tags of all its rows.

    >>> one = SteamGame(title="Racer", developer="Beta", app_id=7)
    >>> [game.app_id for game in different_games([one, one])]
    [7]
    >>> len(different_games([one, replace(one, developer="Gamma")]))
    2
    """
    same: dict[Hashable, list[SteamGame]] = {}
    for game in games:
        facts = (_letters(game.developer or ""), _letters(game.publisher or ""), game.release_date)
        certain = game.developer and game.release_date
        same.setdefault(facts if certain else (*facts, game.tags), []).append(game)
    return tuple(_together(rows) for rows in same.values())


def _together(rows: Sequence[SteamGame]) -> SteamGame:
    app_ids = {game.app_id for game in rows if game.app_id is not None}
    tags = dict.fromkeys(tag.strip() for game in rows for tag in (game.tags or "").split(";"))
    return replace(
        rows[0],
        app_id=app_ids.pop() if len(app_ids) == 1 else None,
        tags=rows[0].tags if len(rows) == 1 else "; ".join(filter(None, tags)) or None,
    )


def _grouped(
    games: Sequence[SteamGame], key: Callable[[SteamGame], str]
) -> dict[str, tuple[SteamGame, ...]]:
    groups: dict[str, list[SteamGame]] = {}
    for game in games:
        groups.setdefault(key(game), []).append(game)
    return {name: different_games(group) for name, group in groups.items() if name}


def _base(title: str) -> str:
    """The title before an edition in brackets; empty where there is none.

    >>> _base("Prey (2006)"), _base("Prey")
    ('Prey', '')
    """
    found = EDITION.fullmatch(title)
    return found[1] if found else ""


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
