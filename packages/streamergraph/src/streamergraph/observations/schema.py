"""What one observation is."""

from __future__ import annotations

import polars as pl

# How much of the audience an observation saw. Missing is not empty: a missing audience is null.
FULL = "full"  # the whole chat list
AUTHORS = "authors"  # only those who wrote in the window
MISSING = "missing"  # the list could not be had
COVERAGES = (FULL, AUTHORS, MISSING)

OBSERVATION_SCHEMA: dict[str, pl.DataType] = {
    "time": pl.Datetime("us", "UTC"),
    "streamer_key": pl.String(),  # identity: platform id where known, else the name in lower case
    "name": pl.String(),  # display name at that time
    "category": pl.String(),  # null: none was set
    "viewers": pl.Int64(),  # as the platform counts them; null: unknown
    "chatters": pl.List(pl.UInt64()),  # pseudonyms; null: missing
    "coverage": pl.String(),
}

# Every file that was looked at: what became of it, and the moment it stands for.
STORED, BROKEN, DUPLICATE, CLOCK = "stored", "broken", "duplicate", "clock"
SNAPSHOT_SCHEMA: dict[str, pl.DataType] = {
    "time": pl.Datetime("us", "UTC"),
    "source": pl.String(),
    "status": pl.String(),
    "streams": pl.Int64(),
    "presences": pl.Int64(),
    "problem": pl.String(),
}
