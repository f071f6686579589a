"""The tables of a store and their columns."""

from __future__ import annotations

import polars as pl

# Kinds of audience. They are never mixed: whoever writes is a small part of those who are there.
MEMBERS = "members"  # everybody in the chat list
AUTHORS = "authors"  # those who wrote in the time that the observation stands for
KINDS = (MEMBERS, AUTHORS)

# How much of the audience an observation saw. Missing is not empty: an empty list is `full`.
FULL = "full"  # the whole chat list
MISSING = "missing"  # there was no list, or none of it was understood
COVERAGE = {MEMBERS: FULL, AUTHORS: AUTHORS}

# What became of one look at the platform.
STORED, BROKEN, DUPLICATE, CLOCK = "stored", "broken", "duplicate", "clock"
# How the problem begins of a look that is stored, though its list of streams was not read to its end.
PARTIAL = "partial"
# How a reason among the losses begins that is no loss of what was read: what a collector met on its way,
# such as a request that was asked again.
MET = "collecting: "

TIME = pl.Datetime("us", "UTC")
OBSERVATIONS = "observations"
CHANNELS = "channels"
CATEGORIES = "categories"
RUNS = "runs"
LOSSES = "losses"
MINUTES = {MEMBERS: "members-minutes", AUTHORS: "authors-minutes"}
REACH = {MEMBERS: "members-reach", AUTHORS: "authors-reach"}

PRESENCE_SCHEMA: dict[str, pl.DataType] = {
    "time": TIME,
    "channel_id": pl.Int64(),
    "viewer": pl.Int64(),  # a pseudonym: 64 bits, read as signed
}
MINUTES_SCHEMA: dict[str, pl.DataType] = {
    "channel_id": pl.Int64(),
    "viewer": pl.Int64(),
    "minutes": pl.Float64(),
}
REACH_SCHEMA: dict[str, pl.DataType] = {
    "viewer": pl.Int64(),
    "channels": pl.Int32(),  # in how many chats at one moment, at most; those in one are left out
}
SCHEMAS: dict[str, dict[str, pl.DataType]] = {
    # Who was live in what at that moment, and for how many minutes this is known.
    OBSERVATIONS: {
        "time": TIME,
        "channel_id": pl.Int64(),  # the platform's, or a negative number made of the login
        "viewers": pl.Int64(),  # as the platform counts them; null: unknown
        "category_id": pl.Int64(),  # null: none was set
        "language": pl.String(),
        "source": pl.String(),  # the series of looks that this one is of
        "coverage": pl.String(),
        "width_minutes": pl.Float64(),  # null: the time to the next look of its series
    },
    MEMBERS: PRESENCE_SCHEMA,
    AUTHORS: PRESENCE_SCHEMA,
    # Which names an id had, and when it was first and last seen with them.
    CHANNELS: {
        "channel_id": pl.Int64(),
        "login": pl.String(),
        "name": pl.String(),
        "valid_from": TIME,
        "valid_until": TIME,
    },
    CATEGORIES: {
        "category_id": pl.Int64(),
        "name": pl.String(),
        "igdb_id": pl.Int64(),
        "valid_from": TIME,
        "valid_until": TIME,
    },
    # Every look at the platform, those that brought nothing too.
    RUNS: {
        "run_id": pl.String(),
        "source": pl.String(),  # the series
        "file": pl.String(),  # what was read, named from the folder that was imported
        "language": pl.String(),
        "time": TIME,  # the moment that it stands for
        "planned": TIME,
        "started": TIME,
        "ended": TIME,
        "status": pl.String(),
        "streams": pl.Int64(),
        "presences": pl.Int64(),
        "problem": pl.String(),
        "digest": pl.String(),  # of the bytes that were read
        "size_bytes": pl.Int64(),
        "modified_ns": pl.Int64(),
        "recorded": TIME,  # when it was stored: of two words on one run the later one holds
    },
    # What was not understood, by reason; never what it said, which may be somebody's login.
    LOSSES: {
        "run_id": pl.String(),
        "file": pl.String(),
        "reason": pl.String(),
        "count": pl.Int64(),
        "recorded": TIME,
    },
    MINUTES[MEMBERS]: MINUTES_SCHEMA,
    MINUTES[AUTHORS]: MINUTES_SCHEMA,
    REACH[MEMBERS]: REACH_SCHEMA,
    REACH[AUTHORS]: REACH_SCHEMA,
}
