"""The verb `collect`: who is live on Twitch and who is in the chats, tick by tick."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

from streamergraph.paths import path_or_none
from streamergraph.verbs.paths import AnyPath, InputPath, NewStoreOrAddress, checks_paths
from streamergraph.verbs.shared_options import AUTH_URL, HELIX_URL, NEW_KEY, TWITCH, helped_by

if TYPE_CHECKING:
    from streamergraph.collecting.audience import AudienceSource

IRC, CHATTERS, NO_CHAT = "irc", "helix-chatters", "none"
CHATS = (IRC, CHATTERS, NO_CHAT)


@helped_by(TWITCH, NEW_KEY)
@checks_paths
def collect(
    *,
    store: NewStoreOrAddress,
    language: list[str] | None = None,
    every: str = "15m",
    for_: str | None = None,
    once: bool = False,
    chat: list[str] | None = None,
    key: AnyPath | None = None,
    credentials: InputPath | None = None,
    tokens: AnyPath | None = None,
    heartbeat: AnyPath | None = None,
    chat_channels: int = 100,
    listen: str = "60s",
    helix_url: str = HELIX_URL,
    auth_url: str = AUTH_URL,
    irc_url: str = "ircs://irc.chat.twitch.tv:6697",
) -> Counter[str]:
    """Look at Twitch at fixed moments and store who is live; returns how many looks became what.

    It goes on until `--for` is over, or until Ctrl-C or SIGTERM, whatever fails meanwhile; called again, it
    goes on. Ticks are at full multiples of `--every` in UTC.

    Parameters
    ----------
    store
        Folder of the store, which `process` reads; or a place that `import` reads: json:DIR for snapshots
        as JSON, mongodb://HOST:PORT/DATABASE.COLLECTION for documents.
    language
        Language of streams, as Twitch codes it, such as it or en; repeatable. Default: all of them.
    every
        Time between two ticks, such as 15m.
    for_
        How long, such as 14d. Default: until it is ended. A collector that was interrupted and is called
        again in the same way ends when the first one would have ended.
    once
        One tick, now.
    chat
        Where audiences come from; repeatable. irc (default): whoever writes, and who is there in rooms
        small enough to be told, read without an account; helix-chatters: everybody in the rooms that the
        user of `auth login` moderates; none.
    heartbeat
        File that is written after each tick. Default: heartbeat.json in the store; for MongoDB in
        ``~/.local/state/streamergraph``.
    chat_channels
        How many rooms are listened to, those with the most viewers. Twitch lets nobody join more than
        100 at a time.
    listen
        How long `--once` listens to chats.
    helix_url
        Server of lists of streams in place of Twitch's own: a mock, a proxy.
    irc_url
        Server of chats, likewise.
    """
    import contextlib
    import datetime
    import functools

    from streamergraph.collecting.chatters import HelixChatters, require_scope
    from streamergraph.collecting.collector import Collector, Plan, tick_at_or_after
    from streamergraph.collecting.connecting import connected
    from streamergraph.collecting.durations import read_duration
    from streamergraph.collecting.heartbeat import Heartbeat, end_of_campaign
    from streamergraph.collecting.irc import IrcAudience
    from streamergraph.collecting.looking import look_at
    from streamergraph.collecting.rooms import MOST_ROOMS, Rooms
    from streamergraph.collecting.sinks import open_sink
    from streamergraph.collecting.stopping import StoppableClock
    from streamergraph.errors import StreamergraphError
    from streamergraph.events import note, say
    from streamergraph.locks import alone
    from streamergraph.observations.days import make_private_folder
    from streamergraph.observations.schema import BROKEN, STORED

    clock = StoppableClock()
    languages, chats = _languages(language), _chats(chat)
    if not 1 <= chat_channels <= MOST_ROOMS:
        raise StreamergraphError(
            "--chat-channels", expected=f"from 1 to {MOST_ROOMS}, which is what Twitch allows",
            found=str(chat_channels), remedy="choose fewer",
        )  # fmt: skip
    listen_seconds = read_duration(
        listen, flag="--listen", shortest=datetime.timedelta(seconds=1)
    ).total_seconds()
    interval = read_duration(every, flag="--every", shortest=datetime.timedelta(minutes=1))
    lasting = (
        read_duration(for_, flag="--for", shortest=datetime.timedelta(minutes=1)) if for_ else None
    )
    store = os.fspath(store)
    connect = functools.partial(
        connected,
        clock,
        credentials=path_or_none(credentials),
        tokens=path_or_none(tokens),
        helix_url=helix_url,
        auth_url=auth_url,
    )
    with contextlib.ExitStack() as stack:
        helix = stack.enter_context(connect())
        helix.tokens.current()  # a mistake in the keys is told now, and not in a run of weeks
        opened = stack.enter_context(open_sink(store, key=path_or_none(key), clock=clock))
        pseudonyms = opened.pseudonyms
        audiences: list[AudienceSource] = []
        if IRC in chats:
            audiences.append(IrcAudience(Rooms(pseudonyms, chat_channels), clock, url=irc_url))
        if CHATTERS in chats:
            of_user = stack.enter_context(connect(kind="user"))
            require_scope(of_user.tokens)
            audiences.append(HelixChatters(of_user, pseudonyms))
        now = clock.now()
        first = now.replace(microsecond=0) if once else tick_at_or_after(now, interval)
        about = {
            "languages": [one or "all" for one in languages],
            "every_seconds": interval.total_seconds(),
            "for": for_,
        }
        beat_path = path_or_none(heartbeat) or opened.heartbeat
        make_private_folder(beat_path.parent)
        stack.enter_context(alone(opened.lock, doing="collecting"))
        ends = end_of_campaign(beat_path, first, lasting, about)
        plan = Plan(languages=languages, every=interval, ends=ends)
        beating = Heartbeat(
            path=beat_path,
            clock=clock,
            every=interval,
            about={**about, "ends": ends.isoformat() if ends else None},
        )
        collector = Collector(
            plan=plan,
            clock=clock,
            observe=functools.partial(look_at, helix, clock),
            sink=opened.sink,
            audiences=audiences,
            report=beating.beat,
            warn=note,
            journal=opened.journal,
        )
        stack.enter_context(clock.listening())
        beating.beat([], state="starting")
        try:
            if once:
                counts = collector.once(first, listen_seconds=listen_seconds)
            else:
                say(f"{opened.shown}: first tick at {first.isoformat()}, then every {every}")
                counts = collector.run()
        except SystemExit:
            note("ended by SIGTERM; what was seen is stored")
            counts = collector.counts
        finally:
            beating.beat([], state="ended")

    say(f"{opened.shown}: " + ", ".join(f"{n} {status}" for status, n in sorted(counts.items())))
    if once and not counts[STORED] and counts[BROKEN]:
        raise StreamergraphError(
            helix_url,
            expected="a list of streams",
            found=beating.problem or "none",
            remedy="see what the server says, and call it again",
        )
    return counts


def _languages(language: list[str] | None) -> tuple[str | None, ...]:
    """Each once; raises StreamergraphError for what is no code of a language."""
    import re

    from streamergraph.errors import StreamergraphError

    if not language:
        return (None,)
    for one in language:
        if not re.fullmatch(r"[a-z]{2}|zh-hk|asl|other", one.lower()):
            raise StreamergraphError(
                "--language",
                expected="a language as Twitch codes it: two letters, asl or other",
                found=repr(one),
                remedy="such as --language it",
            )
    return tuple(dict.fromkeys(one.lower() for one in language))


def _chats(chat: list[str] | None) -> tuple[str, ...]:
    """Where audiences come from; raises StreamergraphError for what is no such source."""
    from streamergraph.errors import StreamergraphError

    chosen = tuple(dict.fromkeys(chat or [IRC]))
    unknown = [one for one in chosen if one not in CHATS]
    if unknown or (NO_CHAT in chosen and len(chosen) > 1):
        raise StreamergraphError(
            "--chat",
            expected=f"{IRC} or {CHATTERS}, or both, or {NO_CHAT}",
            found=repr(unknown[0]) if unknown else " and ".join(chosen),
            remedy="choose among them",
        )
    return chosen
