"""Questions with names: the original's three, and those its report says the graph can answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class NamedQuery:
    """One question: what it asks, its Cypher, the parameters it needs."""

    says: str
    cypher: str
    parameters: tuple[str, ...] = ()


NO_ID = -(2**62)  # ids that are made of a login have 52 bits


def streamer_id(text: str) -> int:
    """The id that `text` may mean, or one that no streamer has.

    >>> streamer_id("1234567890"), streamer_id("-4503599627370495"), streamer_id("Ann") == NO_ID
    (1234567890, -4503599627370495, True)
    """
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 18:
        return NO_ID
    return int(text)


QUERIES = {
    "paths": NamedQuery(
        says="25 relationships of any kind (the original's first query)",
        cypher="MATCH (a)-[r]->(b) RETURN a.Name AS one, label(r) AS relationship, "
        "b.Name AS other LIMIT 25",
    ),
    "overlap": NamedQuery(
        says="streamers that share more than --percent of an audience with --streamer "
        "(the original's second query)",
        cypher="MATCH (a:Streamer)-[r:HAS_VIEWERSHIP_OVERLAPPED_WITH]-(b:Streamer) "
        "WHERE (a.idStreamer = $id OR a.Name = $name) AND r.overlapPercentage > $percent "
        "RETURN b.Name AS streamer, r.overlapPercentage AS percent ORDER BY percent DESC, streamer",
        parameters=("id", "name", "percent"),
    ),
    "minutes-of-tag": NamedQuery(
        says="total minutes of games whose tags contain --tag (the original's third query)",
        cypher="MATCH (:Streamer)-[p:PLAYED]->(g:Game) WHERE g.categories CONTAINS $tag "
        "RETURN coalesce(sum(p.minutesPlayed), 0) AS minutes",
        parameters=("tag",),
    ),
    "minutes-of-category": NamedQuery(
        says="how long the category --category was streamed, and by how many",
        cypher="MATCH (s:Streamer)-[p:PLAYED]->(g:Game) WHERE g.Name = $category "
        "RETURN g.Name AS category, sum(p.minutesPlayed) AS minutes, count(s) AS streamers",
        parameters=("category",),
    ),
    "categories": NamedQuery(
        says="the --limit categories streamed longest",
        cypher="MATCH (s:Streamer)-[p:PLAYED]->(g:Game) RETURN g.Name AS category, "
        "sum(p.minutesPlayed) AS minutes, count(s) AS streamers "
        "ORDER BY minutes DESC, category LIMIT $limit",
        parameters=("limit",),
    ),
    "compare-tags": NamedQuery(
        says="streamers and minutes of --tag beside --other-tag, such as Simulation and Strategy",
        cypher="UNWIND [$tag, $other] AS tag MATCH (s:Streamer)-[p:PLAYED]->(g:Game) "
        "WHERE g.categories CONTAINS tag RETURN tag, count(DISTINCT s.idStreamer) AS streamers, "
        "sum(p.minutesPlayed) AS minutes ORDER BY streamers DESC",
        parameters=("tag", "other"),
    ),
    "new-releases": NamedQuery(
        says="streamers by minutes of games released on or after --since (YYYY-MM-DD)",
        cypher="MATCH (s:Streamer)-[p:PLAYED]->(g:Game) WHERE g.releaseDate >= $since "
        "RETURN s.Name AS streamer, count(g) AS games, sum(p.minutesPlayed) AS minutes "
        "ORDER BY minutes DESC, streamer LIMIT $limit",
        parameters=("since", "limit"),
    ),
    "streamer": NamedQuery(
        says="what --streamer played, longest first",
        cypher="MATCH (s:Streamer)-[p:PLAYED]->(g:Game) WHERE s.idStreamer = $id OR s.Name = $name "
        "RETURN g.Name AS category, p.minutesPlayed AS minutes ORDER BY minutes DESC, category",
        parameters=("id", "name"),
    ),
    "count": NamedQuery(
        says="nodes by label and relationships",
        cypher="MATCH (n) RETURN label(n) AS label, count(n) AS nodes ORDER BY label",
    ),
}
