"""A few looks at streams, and what a store holds of them."""

from __future__ import annotations

import datetime
from dataclasses import replace

from streamergraph.collecting.looking import blank_look
from streamergraph.observations.looks import SeenStream, digest_of
from streamergraph.observations.schema import OBSERVATIONS, SCHEMAS, STORED

NOON = datetime.datetime(2026, 3, 28, 12, 0, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)
QUARTER = datetime.timedelta(minutes=15)
ODD = (-(2**63), -1, 0, 1, 2**53 + 1, 2**63 - 1)  # what readers of JSON round


def look(number, *streams, language="it"):
    planned = NOON + number * QUARTER
    return replace(
        blank_look(language, planned), status=STORED, problem="", streams=streams,
        time=planned + datetime.timedelta(seconds=2), started=planned, ended=planned,
        digest=digest_of(streams),
    )  # fmt: skip


def stream(number, **more):
    return SeenStream(user_id=number, login=f"c{number}", name=f"C{number}", viewers=number,
                      category_id=7, category="Chess", language="it", **more)  # fmt: skip


LOOKS = [
    look(0, stream(1, members=ODD, authors=(5,)), stream(2, authors=()), stream(3)),
    look(1, stream(1, members=(), authors=ODD), stream(2)),
    look(1, stream(4, members=(4,)), language="de"),
]


def content(store):
    """Everything but how it came there."""
    found = {}
    for day in store.days():
        observed = day.read(OBSERVATIONS, SCHEMAS[OBSERVATIONS])
        names = ("time", "channel_id", "viewers", "category_id", "language", "coverage")
        found[day.name] = sorted(observed.select(names).iter_rows(), key=repr)
        for kind in ("members", "authors"):
            found[day.name, kind] = sorted(day.read(kind, SCHEMAS[kind]).iter_rows())
    return found
