"""Which Steam title a category is: exact, after normalising, by spelling, or the most alike of a block."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from streamergraph.enrichment.normalizing import normalized, numerals, spelling
from streamergraph.enrichment.steam import SteamGame

EXACT, NORMALIZED, FUZZY, REVIEWED, NONE = "exact", "normalized", "fuzzy", "reviewed", "none"
SPELLING = "spelling"  # equal but for marks, apostrophes, accents, spaces, Roman numerals
AMBIGUOUS = "ambiguous"  # several games have the title
BLOCK_CHARACTERS = 4


@dataclass(frozen=True, kw_only=True)
class TitleMatch:
    """One category and the Steam title it is taken for, or the best candidate.

    `method`: exact, normalized, spelling, fuzzy, ambiguous, reviewed, none; `score` 0 to 100; `accepted`
    whether the facts of `steam_title` are used. `other_titles` may be meant as well; `games` are
    all that may be meant, or the one that a person chose.
    """

    category: str
    steam_title: str | None
    method: str
    score: int
    accepted: bool
    other_titles: tuple[str, ...] = ()
    games: tuple[SteamGame, ...] = ()


def match_titles(
    categories: Sequence[str],
    steam_titles: Iterable[str],
    *,
    least_score: int = 95,
    spellings: bool = True,
) -> list[TitleMatch]:
    """Match each category; in the order given.

    Candidates of a fuzzy match begin with the same four normalised characters; the score is
    rapidfuzz's ratio (normalised Indel similarity). A fuzzy candidate is accepted from
    `least_score` on, if both titles have the same numerals (`FIFA 21` is not `FIFA 22`) and no
    other title would be accepted or is as much alike; of equals the first in order of the
    alphabet is named.
    What differs in its spelling alone (`spelling`) is matched before that; without `spellings`, and
    with a person's word on the fuzzy ones, it is the published procedure.
    Categories that normalise to one form (such as F1 2021 and F1® 2021) all get the match.
    """
    from rapidfuzz import fuzz, process

    raw: dict[str, str] = {}
    by_form: dict[str, str] = {}
    by_spelling: dict[str, str] = {}
    for title in steam_titles:
        raw.setdefault(title, title)
        if spellings:
            by_spelling.setdefault(spelling(title), title)
        form = normalized(title)
        if form:
            by_form.setdefault(form, title)
    forms = sorted(by_form)
    matches = []
    for category in categories:
        form = normalized(category)
        if category in raw:
            matches.append(_made(category, category, EXACT, 100, True))
        elif form in by_form:
            matches.append(_made(category, by_form[form], NORMALIZED, 100, True))
        elif spellings and (spelt := spelling(category)) and spelt in by_spelling:
            matches.append(_made(category, by_spelling[spelt], SPELLING, 100, True))
        else:
            start = form[:BLOCK_CHARACTERS]
            block = [other for other in forms if other.startswith(start)] if start else []
            if not block:
                matches.append(_made(category, None, NONE, 0, False))
                continue
            scored = process.extract(form, block, scorer=fuzz.ratio, limit=None)
            found, ratio, _ = scored[0]
            alike = [
                other
                for other, score, _ in scored
                if round(score) >= least_score and numerals(other) == numerals(form)
            ]
            rivals = {other for other, score, _ in scored if score == ratio or other in alike}
            is_accepted = alike == [found] and rivals == {found}
            match = _made(category, by_form[found], FUZZY, round(ratio), is_accepted)
            others = tuple(by_form[other] for other in sorted(rivals - {found}))
            matches.append(replace(match, other_titles=others))
    return matches


def matching_counts(matches: Sequence[TitleMatch]) -> dict[str, int]:
    """Numbers of each step, over distinct normalised titles from `exact_after_normalizing` on."""
    forms: dict[str, TitleMatch] = {}
    for match in matches:
        forms.setdefault(normalized(match.category), match)
    methods = Counter(match.method for match in forms.values())
    return {
        "categories": len(matches),
        "raw_exact": sum(match.method == EXACT for match in matches),
        "exact_after_normalizing": methods[EXACT] + methods[NORMALIZED],
        "by_spelling": methods[SPELLING],
        "left": methods[FUZZY] + methods[NONE],
        "without_candidate": methods[NONE],
        "with_candidate": methods[FUZZY],
        "fuzzy_accepted": sum(m.method == FUZZY and m.accepted for m in forms.values()),
    }


def _made(category: str, title: str | None, method: str, score: int, accepted: bool) -> TitleMatch:
    return TitleMatch(
        category=category, steam_title=title, method=method, score=score, accepted=accepted
    )
