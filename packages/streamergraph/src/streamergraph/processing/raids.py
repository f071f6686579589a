"""Audiences that were carried over: people a raid brought, while they are only passing."""

from __future__ import annotations

from streamergraph.observations.widths import HOLE
from streamergraph.processing.places import Place

RAID_SHARE = 0.3  # of the ended stream's last chatters that turn up elsewhere at once
LEAST_RAIDERS = 5


def find_raids(place: Place, *, minutes: int) -> dict[str, int]:
    """Fill the table `carried` (time, channel_id, viewer, minutes): presences after a raid.

    A raid is seen where a channel ends between two looks, with no hole between them, and at least
    `RAID_SHARE` of its last chatters (and `LEAST_RAIDERS` persons) are new in one other chat at the
    second look. They do not count there for `minutes` from then on. Returns the number of raids and of
    presences left out.
    """
    if minutes == 0:
        place.make("carried", "SELECT time, channel_id, viewer, minutes FROM present WHERE false")
        return {"raids": 0, "presences": 0}
    place.connection.execute(
        f"""
        CREATE TABLE ended AS
        SELECT DISTINCT o.channel_id AS origin, o.time AS last, l.next AS time
        FROM observed o JOIN looks l ON l.source = o.source AND l.time = o.time
        ANTI JOIN observed n ON n.channel_id = o.channel_id AND n.time = l.next
        WHERE epoch_us(l.next) - epoch_us(l.time) < {HOLE} * l.width * 60e6
        """
    )
    place.bring("ended")
    place.make(
        "raiders",
        f"""
        WITH people AS (
            SELECT e.origin, e.last, e.time, p.viewer,
                   count(*) OVER (PARTITION BY e.origin, e.time) AS total
            FROM ended e JOIN present p ON p.time = e.last AND p.channel_id = e.origin
            ANTI JOIN bots b ON b.viewer = p.viewer
        ),
        moved AS (
            SELECT p.origin, p.time, p.total, t.channel_id AS target, p.viewer
            FROM people p JOIN present t ON t.time = p.time AND t.viewer = p.viewer
            ANTI JOIN present b
              ON b.time = p.last AND b.channel_id = t.channel_id AND b.viewer = p.viewer
            WHERE p.total >= {LEAST_RAIDERS}
        ),
        counted_moves AS (
            SELECT *, count(*) OVER (PARTITION BY origin, time, target) AS arrived FROM moved
        )
        SELECT * FROM counted_moves WHERE arrived >= greatest({LEAST_RAIDERS}, {RAID_SHARE} * total)
        """,
    )
    place.make(
        "carried",
        f"""
        SELECT DISTINCT p.time, p.channel_id, p.viewer, p.minutes
        FROM raiders r JOIN present p ON p.channel_id = r.target AND p.viewer = r.viewer
         AND p.time >= r.time AND unix_micros(p.time) < unix_micros(r.time) + {minutes * 60_000_000}
        """,
    )
    raids = "SELECT DISTINCT origin, time, target FROM raiders"
    return {
        "raids": place.rows(f"SELECT count(*) FROM ({raids}) raids")[0][0],
        "presences": place.rows("SELECT count(*) FROM carried")[0][0],
    }
