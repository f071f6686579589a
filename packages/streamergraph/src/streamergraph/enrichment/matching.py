"""Which Steam title a category is: exact, exact after normalising, or the most alike of a block."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from streamergraph.enrichment.normalizing import normalized, numerals

EXACT, NORMALIZED, FUZZY, REVIEWED, NONE = "exact", "normalized", "fuzzy", "reviewed", "none"
BLOCK_CHARACTERS = 4


@dataclass(frozen=True, kw_only=True)
class TitleMatch:
    """One category and the Steam title it is taken for, or the best candidate.

    `method`: exact, normalized, fuzzy, none; `score` 0 to 100; `accepted` whether the facts of
    `steam_title` are used.
    """

    category: str
    steam_title: str | None
    method: str
    score: int
    accepted: bool


def match_titles(
    categories: Sequence[str], steam_titles: Iterable[str], *, least_score: int = 95
) -> list[TitleMatch]:
    """Match each category; in the order given.

    Candidates of a fuzzy match begin with the same four normalised characters; the score is
    rapidfuzz's ratio (normalised Indel similarity), ties go to the first title in order of the
    alphabet. A fuzzy candidate is accepted from `least_score` on, if both titles have the same
    numerals: `FIFA 21` is not `FIFA 22`. Categories that normalise to one form (such as F1 2021
    and F1® 2021) all get the match.
    """
    from rapidfuzz import fuzz, process

    raw: dict[str, str] = {}
    by_form: dict[str, str] = {}
    for title in steam_titles:
        raw.setdefault(title, title)
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
        else:
            start = form[:BLOCK_CHARACTERS]
            block = [other for other in forms if other.startswith(start)] if start else []
            if not block:
                matches.append(_made(category, None, NONE, 0, False))
                continue
            found, ratio, _ = process.extractOne(form, block, scorer=fuzz.ratio)
            score = round(ratio)
            alike = score >= least_score and numerals(found) == numerals(form)
            matches.append(_made(category, by_form[found], FUZZY, score, alike))
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
        "left": methods[FUZZY] + methods[NONE],
        "without_candidate": methods[NONE],
        "with_candidate": methods[FUZZY],
        "fuzzy_accepted": sum(m.method == FUZZY and m.accepted for m in forms.values()),
    }


def _made(category: str, title: str | None, method: str, score: int, accepted: bool) -> TitleMatch:
    return TitleMatch(
        category=category, steam_title=title, method=method, score=score, accepted=accepted
    )
