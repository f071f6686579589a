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
        Folder of tables, ours or the published ones.
    steam
        CSV or JSON with columns or keys title (or name), developer, publisher, release_date, tags (or
        genres, categories), appid.
    out
        Folder of the enriched tables. Default: TABLES itself.
    review
        CSV of decisions; what a person wrote into it holds on every run. Default: OUT/review.csv.
    least_score
        From which likeness (0 to 100) a fuzzy match is taken without a person's word.
    """
    from collections import Counter
    from dataclasses import replace

    from streamergraph.atomic import write_csv
    from streamergraph.enrichment.candidates import Catalogue, with_candidates
    from streamergraph.enrichment.deciding import apply_review, unknown_categories
    from streamergraph.enrichment.enriching import enriched_categories
    from streamergraph.enrichment.matching import (
        EXACT,
        FUZZY,
        NORMALIZED,
        REVIEWED,
        SPELLING,
        match_titles,
        matching_counts,
    )
    from streamergraph.enrichment.review import read_review, write_review
    from streamergraph.enrichment.steam import read_steam
    from streamergraph.errors import StreamergraphError
    from streamergraph.events import say
    from streamergraph.tables.keeping import write_keeping
    from streamergraph.tables.reading import read_tables

    tables, steam = Path(tables), Path(steam)
    out, review = path_or_none(out), path_or_none(review)
    if not 0 <= least_score <= 100:
        raise StreamergraphError(
            "--least-score", expected="0 to 100", found=str(least_score), remedy="try 95"
        )
    target = out or tables
    review_path = review or target / "review.csv"
    read = read_tables(tables)
    titles = read_steam(steam)
    is_new = review is not None and not review.exists()
    decisions = read_review(review_path)
    catalogue = Catalogue.of(titles.games)
    found = match_titles(
        read.categories["name"].to_list(), catalogue.by_title, least_score=least_score
    )
    matches = apply_review(review_path, with_candidates(found, catalogue), decisions, catalogue)
    categories = enriched_categories(read.categories, matches)
    kept = write_keeping(target, replace(read, categories=categories))
    write_csv(
        target / "matches.csv",
        ["category", "steam_title", "method", "score", "accepted", "games"],
        [[m.category, m.steam_title, m.method, m.score, m.accepted, len(m.games)] for m in matches],
    )
    waiting = write_review(review_path, matches, decisions)
    with_facts = categories["steam_title"].is_not_null()
    lost = int((read.categories["steam_title"].is_not_null() & ~with_facts).sum())
    counts = {
        **matching_counts(found),
        "reviewed": sum(match.method == REVIEWED for match in matches),
        "with_steam_facts": int(with_facts.sum()),
        "with_release_date": categories["release_date"].drop_nulls().len(),
        "waiting": waiting,
        "release_dates_not_read": titles.dates.n_unread,
    }
    lines = [*titles.told(), unknown_categories(matches, decisions), *kept.told()]
    if is_new:
        lines.append(f"{review_path} is new: no decisions were read")
    if lost:
        lines.append(f"{lost} categories had facts before and have none in this table")
    for line in filter(None, lines):
        say(line)
    by = Counter(match.method for match in matches if match.accepted)
    spelt = f"{by[SPELLING]} in another spelling, " if by[SPELLING] else ""
    say(
        f"{counts['with_steam_facts']} of {counts['categories']} categories have a Steam title: "
        f"{by[EXACT] + by[NORMALIZED]} exact, {spelt}"
        f"{by[FUZZY]} alike, {by[REVIEWED]} reviewed; "
        f"{counts['with_release_date']} have a release date; "
        f"{waiting} wait in {review_path}"
    )
    return counts
