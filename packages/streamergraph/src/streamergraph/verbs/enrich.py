"""The verb `enrich`: facts about categories from Steam titles."""

from __future__ import annotations

from pathlib import Path

from streamergraph.paths import path_or_none
from streamergraph.verbs.paths import AnyPath, InPlacePath, InputPath, checks_paths


@checks_paths
def enrich(
    tables: InputPath,
    *,
    steam: InputPath,
    out: InPlacePath | None = None,
    review: AnyPath | None = None,
    least_score: int = 95,
) -> dict[str, int]:
    """Match categories with Steam titles and add developer, publisher, release date and tags.

    How each match was made and how good it is stands in categories.parquet and matches.csv.

    Parameters
    ----------
    tables
        Folder of tables, ours or the original's.
    steam
        CSV with columns title, developer, publisher, release_date, categories.
    out
        Folder of the enriched tables. Default: TABLES itself.
    review
        CSV of decisions; what a person wrote into it holds on every run. Default: OUT/review.csv.
    least_score
        From which likeness (0 to 100) a fuzzy match is taken without a person's word.
    """
    from dataclasses import replace

    from streamergraph.atomic import write_csv
    from streamergraph.enrichment.enriching import enriched_categories
    from streamergraph.enrichment.matching import match_titles, matching_counts
    from streamergraph.enrichment.review import apply_review, read_review, write_review
    from streamergraph.enrichment.steam import read_steam
    from streamergraph.errors import StreamergraphError
    from streamergraph.tables.reading import read_tables
    from streamergraph.tables.writing import write_tables
    from streamergraph.verbs.printing import say

    tables, steam = Path(tables), Path(steam)
    out, review = path_or_none(out), path_or_none(review)
    if not 0 <= least_score <= 100:
        raise StreamergraphError(
            "--least-score", expected="0 to 100", found=str(least_score), remedy="try 95"
        )
    target = out or tables
    review_path = review or target / "review.csv"
    read = read_tables(tables)
    games = read_steam(steam)
    decisions = read_review(review_path)
    found = match_titles(
        read.categories["name"].to_list(), [game.title for game in games], least_score=least_score
    )
    matches = apply_review(found, decisions)
    categories = enriched_categories(read.categories, matches, games)
    write_tables(target, replace(read, categories=categories))
    write_csv(
        target / "matches.csv",
        ["category", "steam_title", "method", "score", "accepted"],
        [[m.category, m.steam_title, m.method, m.score, m.accepted] for m in matches],
    )
    waiting = write_review(review_path, found, decisions)
    counts = {
        **matching_counts(found),
        "reviewed": sum(bool(decision.decision) for decision in decisions.values()),
        "with_steam_facts": categories["steam_title"].drop_nulls().len(),
    }
    say(
        f"{counts['with_steam_facts']} of {counts['categories']} categories have a Steam title: "
        f"{counts['exact_after_normalizing']} exact, {counts['fuzzy_accepted']} alike, "
        f"{counts['reviewed']} reviewed; {waiting} wait in {review_path}"
    )
    return counts
