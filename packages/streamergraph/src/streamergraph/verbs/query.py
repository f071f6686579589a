"""The verb `query`: ask a graph database."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from streamergraph.paths import path_or_none
from streamergraph.verbs.paths import GraphOrAddress, OutputFile, checks_paths
from streamergraph.verbs.shared_options import SERVER, helped_by

Ask = Callable[[str, dict[str, Any]], tuple[list[str], list[Any]]]


@helped_by(SERVER)
@checks_paths
def query(
    graph: GraphOrAddress,
    name: str | None = None,
    *,
    cypher: str | None = None,
    write: bool = False,
    streamer: str = "",
    percent: float = 50.0,
    tag: str = "Open World",
    other_tag: str = "Strategy",
    category: str = "Just Chatting",
    since: str = "2022-05-05",
    limit: int = 20,
    out: OutputFile | None = None,
    database: str | None = None,
    timeout_seconds: float = 30.0,
) -> tuple[list[str], list[Any]]:
    """Answer a question with a name (without NAME: list them), or run a Cypher text.

    Parameters
    ----------
    graph
        A Ladybug database made by `model`, or the address of a Bolt server.
    name
        paths, overlap, minutes-of-tag, minutes-of-category, categories, compare-tags, new-releases,
        streamer or count.
    cypher
        A query of your own, in place of NAME, as the database understands it.
    write
        Let the query of --cypher change the database. Without it, queries read only.
    streamer
        Name or id of a streamer; ids may be negative.
    percent
        Least overlap in `overlap`.
    tag
        Tag in `minutes-of-tag` and `compare-tags`.
    other_tag
        The tag beside it in `compare-tags`.
    category
        Category in `minutes-of-category`.
    since
        First day of release in `new-releases`: YYYY-MM-DD, YYYY-MM or YYYY.
    limit
        Most rows of `categories` and `new-releases`.
    out
        Also write the answer as CSV.
    """
    from streamergraph.atomic import write_csv
    from streamergraph.errors import StreamergraphError
    from streamergraph.events import say, say_table
    from streamergraph.graphs import bolt
    from streamergraph.graphs.bolt import for_servers, is_bolt, query_bolt
    from streamergraph.graphs.ladybug import made_of, query_ladybug
    from streamergraph.graphs.queries import QUERIES, streamer_id

    graph, out = os.fspath(graph), path_or_none(out)
    if name is None and cypher is None:
        rows: list[Any] = [[key, one.says] for key, one in QUERIES.items()]
        say_table("questions", ["name", "answers"], rows)
        return ["name", "answers"], rows
    _check(name, cypher, write=write, streamer=streamer, since=since, limit=limit)

    def ask(text: str, given: dict[str, Any]) -> tuple[list[str], list[Any]]:
        if is_bolt(graph):
            text = text if cypher is not None else for_servers(text)
            return query_bolt(
                graph, text, given, timeout_seconds=timeout_seconds, database=database, write=write
            )
        if database is not None:
            raise StreamergraphError(
                "--database",
                expected="a server, which has several databases",
                found=f"the file {graph}",
                remedy="leave it out",
            )
        return query_ladybug(Path(graph), text, given, write=write)

    if cypher is not None:
        columns, answer = ask(cypher, {})
    else:
        values = {
            "id": streamer_id(streamer),
            "name": streamer,
            "percent": percent,
            "tag": tag,
            "other": other_tag,
            "category": category,
            "since": since,
            "limit": limit,
        }
        question = QUERIES[str(name)]
        for subject in question.subjects:
            _require_there(ask, subject, values)
        columns, answer = ask(question.cypher, {key: values[key] for key in question.parameters})
        answer = sorted(answer) if question.in_any_order else answer
    say_table(name or "answer", columns, [[_shown(value) for value in row] for row in answer])
    if cypher is None:
        made = (
            bolt.made_of(graph, timeout_seconds=timeout_seconds, database=database)
            if is_bolt(graph)
            else made_of(Path(graph))
        )
        if made:
            say(made)
    if out is not None:
        write_csv(out, columns, answer)
    return columns, answer


def _is_date(text: str) -> bool:
    """Whether a text is a day, a month or a year that there is."""
    if not re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", text):
        return False
    try:
        datetime.date.fromisoformat(text + "0001-01-01"[len(text) :])
    except ValueError:
        return False
    return True


def _check(
    name: str | None, cypher: str | None, *, write: bool, streamer: str, since: str, limit: int
) -> None:
    """Raise StreamergraphError for what cannot be asked, before a database is opened."""
    from streamergraph.errors import StreamergraphError
    from streamergraph.graphs.queries import QUERIES
    from streamergraph.suggestions import did_you_mean

    if cypher is not None:
        if name is not None:
            raise StreamergraphError(
                "--cypher", expected="either NAME or --cypher", found="both", remedy="leave one out"
            )
        return
    if write:
        raise StreamergraphError(
            "--write",
            expected="a query of your own to write with",
            found="a question, which reads",
            remedy="leave it out, or give --cypher",
        )
    if name not in QUERIES:
        raise StreamergraphError(
            "NAME",
            expected=" or ".join(QUERIES),
            found=str(name),
            remedy=did_you_mean(str(name), QUERIES, otherwise="choose one of them"),
        )
    if "streamer" in QUERIES[name].subjects and not streamer:
        raise StreamergraphError(
            "--streamer", expected="a name or an id", found="none", remedy="name one"
        )
    if "since" in QUERIES[name].parameters and not _is_date(since):
        raise StreamergraphError(
            "--since", expected="YYYY-MM-DD, YYYY-MM or YYYY", found=since, remedy="write it so"
        )
    if "limit" in QUERIES[name].parameters and limit < 1:
        raise StreamergraphError(
            "--limit", expected="at least 1", found=str(limit), remedy="raise it"
        )


def _require_there(ask: Ask, name: str, values: dict[str, Any]) -> None:
    """Raise StreamergraphError, with near names, where the graph has nothing that was named."""
    from streamergraph.errors import StreamergraphError
    from streamergraph.graphs.queries import SUBJECTS
    from streamergraph.suggestions import near_names

    subject = SUBJECTS[name]
    _, rows = ask(subject.count, {key: values[key] for key in subject.parameters})
    if rows and rows[0][0]:
        return
    _, rows = ask(subject.names, {})
    texts = [str(row[0]) for row in rows if row[0]]
    known = {
        part.strip() for text in texts for part in (text.split(";") if subject.several else [text])
    }
    found = str(values[subject.parameters[-1]])
    near = near_names(found, sorted(known))
    remedy = f"did you mean {' or '.join(near)}?" if near else "there is none like it"
    if known and name == "since":
        remedy = f"the latest release is of {max(known)}"
    if not known:
        remedy = f"the graph has none at all; {subject.facts} come from `enrich`"
    raise StreamergraphError(subject.flag, expected=subject.says, found=found, remedy=remedy)


def _shown(value: Any) -> Any:
    """Six digits of a fraction: `--out` has them all."""
    return f"{value:.6g}" if isinstance(value, float) and abs(value) < 1e6 else value
