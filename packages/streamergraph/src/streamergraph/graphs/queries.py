"""Questions with names: the published three, and what else the graph can answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class NamedQuery:
    """One question: what it asks, its Cypher, the parameters it needs, and of what it speaks.

    `subjects` are names in `SUBJECTS` of what must be in the graph for an answer to mean anything.
    Rows that come `in_any_order` are to be sorted.
    """

    says: str
    cypher: str
    parameters: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    in_any_order: bool = False


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a question speaks of: the flag that names it, how to count and to list what there is.

    `names` gives one text a row, in which there may be `several`, parted by semicolons. `facts` is what
    is missing where there are none.
    """

    flag: str
    says: str
    count: str
    parameters: tuple[str, ...]
    names: str
    several: bool = False
    facts: str = "tags"


TAGS = "MATCH (g:Game) WHERE g.categories IS NOT NULL RETURN DISTINCT g.categories"
SUBJECTS = {
    "streamer": Subject(
        flag="--streamer",
        says="a streamer of the graph (name or id)",
        count="MATCH (s:Streamer) WHERE s.idStreamer = $id OR s.Name = $name RETURN count(s)",
        parameters=("id", "name"),
        names="MATCH (s:Streamer) RETURN s.Name",
    ),
    "category": Subject(
        flag="--category",
        says="a category of the graph",
        count="MATCH (g:Game) WHERE g.Name = $category RETURN count(g)",
        parameters=("category",),
        names="MATCH (g:Game) RETURN g.Name",
    ),
    "tag": Subject(
        flag="--tag",
        says="a tag that some category has",
        count="MATCH (g:Game) WHERE g.categories CONTAINS $tag RETURN count(g)",
        parameters=("tag",),
        names=TAGS,
        several=True,
    ),
    "since": Subject(
        flag="--since",
        says="a category released then or later",
        count="MATCH (g:Game) WHERE g.releaseDate >= $since RETURN count(g)",
        parameters=("since",),
        names="MATCH (g:Game) WHERE g.releaseDate IS NOT NULL RETURN DISTINCT g.releaseDate",
        facts="dates of release",
    ),
    "other": Subject(
        flag="--other-tag",
        says="a tag that some category has",
        count="MATCH (g:Game) WHERE g.categories CONTAINS $other RETURN count(g)",
        parameters=("other",),
        names=TAGS,
        several=True,
    ),
}


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
        says="25 relationships of any kind",
        cypher="MATCH (a)-[r]->(b) RETURN a.Name AS one, label(r) AS relationship, "
        "b.Name AS other LIMIT 25",
    ),
    "overlap": NamedQuery(
        says="streamers that share more than --percent of an audience with --streamer",
        cypher="MATCH (a:Streamer)-[r:HAS_VIEWERSHIP_OVERLAPPED_WITH]-(b:Streamer) "
        "WHERE (a.idStreamer = $id OR a.Name = $name) AND r.overlapPercentage > $percent "
        "RETURN b.Name AS streamer, r.overlapPercentage AS percent ORDER BY percent DESC, streamer",
        parameters=("id", "name", "percent"),
        subjects=("streamer",),
    ),
    "minutes-of-tag": NamedQuery(
        says="total minutes of games whose tags contain --tag",
        cypher="MATCH (:Streamer)-[p:PLAYED]->(g:Game) WHERE g.categories CONTAINS $tag "
        "RETURN coalesce(sum(p.minutesPlayed), 0) AS minutes",
        parameters=("tag",),
        subjects=("tag",),
    ),
    "minutes-of-category": NamedQuery(
        says="how long the category --category was streamed, and by how many",
        cypher="MATCH (s:Streamer)-[p:PLAYED]->(g:Game) WHERE g.Name = $category "
        "RETURN g.Name AS category, sum(p.minutesPlayed) AS minutes, count(s) AS streamers",
        parameters=("category",),
        subjects=("category",),
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
        subjects=("tag", "other"),
    ),
    "new-releases": NamedQuery(
        says="streamers by minutes of games released on or after --since (YYYY-MM-DD)",
        cypher="MATCH (s:Streamer)-[p:PLAYED]->(g:Game) WHERE g.releaseDate >= $since "
        "RETURN s.Name AS streamer, count(g) AS games, sum(p.minutesPlayed) AS minutes "
        "ORDER BY minutes DESC, streamer LIMIT $limit",
        parameters=("since", "limit"),
        subjects=("since",),
    ),
    "streamer": NamedQuery(
        says="what --streamer played, longest first",
        cypher="MATCH (s:Streamer)-[p:PLAYED]->(g:Game) WHERE s.idStreamer = $id OR s.Name = $name "
        "RETURN g.Name AS category, p.minutesPlayed AS minutes ORDER BY minutes DESC, category",
        parameters=("id", "name"),
        subjects=("streamer",),
    ),
    "count": NamedQuery(
        says="nodes by label, and relationships by type",
        cypher="MATCH (n) RETURN 'nodes' AS of, label(n) AS name, count(n) AS number UNION ALL "
        "MATCH ()-[r]->() RETURN 'relationships' AS of, label(r) AS name, count(r) AS number",
        in_any_order=True,
    ),
}
