"""The verb `bots`: accounts that are no audience, as a list for `process`."""

from __future__ import annotations

from pathlib import Path

from streamergraph.paths import path_or_none
from streamergraph.processing.cluster import CLUSTER_HELP
from streamergraph.verbs.paths import AnyPath, InputPath, OutputFile, checks_paths
from streamergraph.verbs.process import BOT_CHANNELS
from streamergraph.verbs.shared_options import STORE_KEY, WINDOW, WORK, helped_by


@helped_by(STORE_KEY, WINDOW, WORK, {"cluster": CLUSTER_HELP})
@checks_paths
def bots(
    store: InputPath,
    *,
    out: OutputFile,
    listed: list[InputPath] | None = None,
    allow: InputPath | None = None,
    bot_channels: int = BOT_CHANNELS,
    from_: str | None = None,
    until: str | None = None,
    audience: str | None = None,
    key: AnyPath | None = None,
    memory_gib: float = 3.0,
    spill: InputPath | None = None,
    cluster: str | None = None,
) -> dict[str, int]:
    """Find bots by published lists and by behaviour, and write them for `process --bots`.

    The list has pseudonyms under the key of the store, each with its rule, the chats it was in and its
    minutes there; no login. Returns how many were found, by rule.

    Parameters
    ----------
    store
        A store made by `import` or `collect`.
    out
        The list, such as bots.json.
    listed
        File of logins that are bots, as it was published: text, CSV or JSON; repeatable.
    allow
        File of logins that are none, whatever else says so.
    bot_channels
        Whoever is in more chats than this at one moment is a bot; 0 switches the rule off.
    audience
        members (everybody in the chat) or authors (those who wrote). Default: see `process`.
    """
    from streamergraph.errors import StreamergraphError
    from streamergraph.events import say
    from streamergraph.observations.store import Store
    from streamergraph.privacy import load_pseudonyms
    from streamergraph.processing.bot_lists import bots_of_store, write_bots
    from streamergraph.processing.cluster import check_cluster, engine_at
    from streamergraph.processing.logins import read_logins
    from streamergraph.processing.slices import Slice, moment_of
    from streamergraph.tables.keeping import require_no_tables

    files = [Path(path) for path in ([listed] if isinstance(listed, str) else listed or ())]
    if bot_channels < 0 or (not files and not bot_channels):
        raise StreamergraphError(
            "--bot-channels",
            expected="a number of chats from 1 on, or 0 and a list (--listed)",
            found=str(bot_channels),
            remedy=f"try {BOT_CHANNELS}",
        )
    slice_ = Slice(
        first=None if from_ is None else moment_of(from_, flag="--from"),
        last=None if until is None else moment_of(until, flag="--until", end=True),
        audience=audience,
    )
    slice_.check()
    check_cluster(cluster)
    if Path(out).is_dir():
        raise StreamergraphError(
            out,
            expected="a name for the list, such as bots.json",
            found="a folder",
            remedy="name a file in it",
        )
    require_no_tables(Path(store))
    opened = Store.open(Path(store))
    pseudonyms = load_pseudonyms(path_or_none(key), create=False)
    opened.require_key(pseudonyms)
    lists = [read_logins(path, pseudonyms) for path in files]
    allowed = read_logins(Path(allow), pseudonyms, of_bots=False) if allow is not None else None
    viewers = frozenset().union(*(one.viewers for one in lists))
    free = allowed.viewers if allowed is not None else frozenset()
    with engine_at(cluster, memory_gib=memory_gib, spill=path_or_none(spill)) as engine:
        found = bots_of_store(
            opened, slice_, listed=viewers, allowed=free, channels=bot_channels or None,
            memory_gib=memory_gib, spill=path_or_none(spill), cluster=engine,
        )  # fmt: skip
    write_bots(Path(out), found, listed=viewers, allowed=free, fingerprint=pseudonyms.fingerprint)
    seen = set(found.rows["viewer"].to_list())
    for one in lists:
        say(f"--listed {one.told(seen=len(one.viewers & seen))}")
    counts = {rule: counted["accounts"] for rule, counted in found.removed.items()}
    say(
        f"{out}: "
        + ", ".join(f"{n} bots by {rule}" for rule, n in counts.items())
        + f", among {found.kind}; {len(viewers - free - seen)} more of the lists were never seen. "
        f"Use it: streamergraph process {store} --bots {out}"
    )
    if found.most_at_once is not None:
        say(
            f"nobody was in more than {bot_channels} chats at one moment, but in {found.most_at_once} "
            "at most: where few channels are collected, give --bot-channels a smaller number"
        )
    return counts
