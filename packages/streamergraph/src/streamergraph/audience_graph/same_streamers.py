"""Who is who in two graphs: by ids that last, else by names."""

from __future__ import annotations

import polars as pl


def same_by(left: pl.DataFrame, right: pl.DataFrame) -> str:
    """The column that tells streamers of two graphs apart: ``streamer_id`` or ``name``.

    Both have these columns. Ids last where most names that are in both have the same id; then they
    hold, whatever somebody is called now. Else, as with ranks, names do.

    >>> before = pl.DataFrame({"streamer_id": [0, 1], "name": ["a", "b"]})
    >>> after = pl.DataFrame({"streamer_id": [0, 1], "name": ["b", "c"]})
    >>> same_by(before, after), same_by(before, before)
    ('name', 'streamer_id')
    """
    named = left.unique("name").join(right.unique("name"), on="name")
    lasting = named.filter(pl.col("streamer_id") == pl.col("streamer_id_right"))
    return "streamer_id" if 2 * lasting.height > named.height else "name"
