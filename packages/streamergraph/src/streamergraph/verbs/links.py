"""The verb `links`: social links of streamers, from Twitch or from a table."""

from __future__ import annotations

from pathlib import Path

from streamergraph.paths import path_or_none
from streamergraph.verbs.paths import AnyPath, InPlacePath, InputPath, checks_paths
from streamergraph.verbs.shared_options import AUTH_URL, HELIX_URL, TWITCH, helped_by

# Names of columns as `column_key` gives them, the surest first.
WHO = (
    "streamer",
    "login",
    "user_login",
    "username",
    "user_name",
    "name",
    "channel",
    "display_name",
)
WHAT = ("links", "link", "social_links", "social_link", "socials", "urls", "url")


@helped_by(TWITCH)
@checks_paths
def links(
    tables: InputPath,
    *,
    out: InPlacePath | None = None,
    table: InputPath | None = None,
    credentials: InputPath | None = None,
    tokens: AnyPath | None = None,
    helix_url: str = HELIX_URL,
    auth_url: str = AUTH_URL,
) -> int:
    """Write the links of streamers into their table; returns how many streamers have new ones.

    They are what streamers say themselves in the description of their channel, or what a table says. Links
    that the tables have stay, but where new ones of the same streamer are found.

    Parameters
    ----------
    tables
        Folder of tables.
    out
        Folder of the tables with links. Default: TABLES itself.
    table
        CSV with the columns streamer (a name or login) and links, in place of Twitch.
    """
    from dataclasses import replace

    import polars as pl

    from streamergraph.collecting.clock import SystemClock
    from streamergraph.collecting.connecting import connected
    from streamergraph.collecting.facts import descriptions
    from streamergraph.collecting.social import SEPARATOR, links_in
    from streamergraph.events import say
    from streamergraph.observations.identity import folded
    from streamergraph.tables.keeping import write_keeping
    from streamergraph.tables.reading import read_tables

    tables, out, table = Path(tables), path_or_none(out), path_or_none(table)
    read = read_tables(tables)
    streamers = read.streamers
    names = streamers["name"].to_list()
    # The login, where it is known; a display name in Latin letters is the login but for its case.
    logins = [
        login or name
        for login, name in zip(
            streamers["login"].to_list() if "login" in streamers.columns else [None] * len(names),
            names,
            strict=True,
        )
    ]
    if table is not None:
        texts = _read_table(table)
        there = {folded(one) for one in (*logins, *names)}
        _require_some(table, texts, there)
        for line in _left_out(table, texts, there):
            say(line)
    else:
        with connected(
            SystemClock(),
            credentials=path_or_none(credentials),
            tokens=path_or_none(tokens),
            helix_url=helix_url,
            auth_url=auth_url,
        ) as helix:
            texts = descriptions(helix, filter(_is_login, map(folded, logins)))
    found = {who: SEPARATOR.join(links) for who, text in texts.items() if (links := links_in(text))}
    before = (
        streamers["social_links"].to_list()
        if "social_links" in streamers.columns
        else [None] * len(names)
    )
    now = [
        found.get(folded(login)) or found.get(folded(name)) or old
        for login, name, old in zip(logins, names, before, strict=True)
    ]
    new: int = sum(one != old for one, old in zip(now, before, strict=True))
    streamers = streamers.with_columns(pl.Series("social_links", now, dtype=pl.String))
    for line in write_keeping(out or tables, replace(read, streamers=streamers)).told():
        say(line)
    having = streamers["social_links"].drop_nulls().len()
    known = sum(folded(login) in texts or folded(name) in texts
                for login, name in zip(logins, names, strict=True))  # fmt: skip
    say(
        f"{out or tables}: {having} of {len(names)} streamers have links, {new} of them new; "
        f"{len(names) - known} are not known there"
    )
    return new


def _is_login(text: str) -> bool:
    """Whether Twitch can be asked for it: one name that is none would have all hundred refused."""
    return text.isascii() and text.replace("_", "a").isalnum() and len(text) <= 25


def _require_some(table: Path, texts: dict[str, str], there: set[str]) -> None:
    from streamergraph.errors import StreamergraphError

    if not texts.keys() & there:
        raise StreamergraphError(
            table,
            expected="links of streamers of the tables",
            found=f"{len(texts)} streamers, none of them there",
            remedy="name them as the tables do, or by their logins",
        )


def _left_out(table: Path, texts: dict[str, str], there: set[str]) -> list[str]:
    """Lines on what a table of links says that is of no use: of nobody in the tables, or no link."""
    from streamergraph.collecting.social import links_in

    nobody = sorted(texts.keys() - there)
    without = sorted(
        who for who in texts.keys() & there if texts[who].strip() and not links_in(texts[who])
    )
    return [
        f"{table.name}: {len(found)} streamers {what}: {found[0]!r}"
        + (", …" if len(found) > 1 else "")
        for found, what in (
            (nobody, "of it are not in the tables"),
            (without, "have a text in which no link is understood"),
        )
        if found
    ]


def _read_table(path: Path) -> dict[str, str]:
    """A table of streamers and their links, by folded name, in any encoding and with any delimiter.

    The links of several rows on one streamer are together. Raises StreamergraphError for another table.
    """
    from streamergraph.errors import StreamergraphError
    from streamergraph.observations.identity import folded
    from streamergraph.processing.login_names import login_in
    from streamergraph.text_files import column_key, delimiter_of, read_text, split_rows

    expected = "a CSV with the columns streamer and links"
    text = read_text(path, expected=expected)
    rows = [row for row in split_rows(text, delimiter_of(text) or ",") if any(row)]
    header = [column_key(name) for name in rows[0]] if rows else []
    who, what = (
        next((header.index(name) for name in names if name in header), None)
        for names in (WHO, WHAT)
    )
    if who is None or what is None:
        raise StreamergraphError(
            path,
            expected=expected,
            found=", ".join(rows[0]) if rows else "none",
            remedy="name them so",
        )
    texts: dict[str, str] = {}
    for row in rows[1:]:
        if len(row) > max(who, what) and row[who].strip():
            key = folded(login_in(row[who]) or row[who].strip().lstrip("@"))
            # A separator, for links that touch would be one.
            texts[key] = f"{texts[key]} {row[what]}" if key in texts else row[what]
    return texts
