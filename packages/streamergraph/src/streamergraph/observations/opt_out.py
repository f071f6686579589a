"""Who is not to be stored: keyed hashes, in a file of their own.

A viewer stands in the list as the pseudonym, a channel as marks of its id and names (see
`Pseudonyms.channel_mark`). The key alone tells whose they are. Each store has its list, as lines of text:

    key 0123456789abcdef
    viewer -7316228441038571234
    channel 0f1e2d3c4b5a69788796a5b4c3d2e1f0
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from pathlib import Path

from streamergraph.atomic import atomic_path
from streamergraph.errors import StreamergraphError
from streamergraph.observations.looks import Look, SeenStream
from streamergraph.privacy import Pseudonyms

OPT_OUT_NAME = "opt-out.list"
UNFINISHED = "unfinished"  # what was stored of them may still be there
HIDDEN = "forgotten"  # in the place of a name, in the names of files
WORD = re.compile(r"[A-Za-z0-9_]+")
LINE = re.compile(r"viewer (-?[0-9]{1,19})|channel ([0-9a-f]{32})")


@dataclass(frozen=True, kw_only=True)
class OptOut:
    """Pseudonyms of viewers and marks of channels; `unfinished` while what was stored is being deleted."""

    viewers: frozenset[int] = frozenset()
    channels: frozenset[str] = frozenset()
    unfinished: bool = False

    def __bool__(self) -> bool:
        return bool(self.viewers or self.channels)

    def __or__(self, other: OptOut) -> OptOut:
        return OptOut(
            viewers=self.viewers | other.viewers,
            channels=self.channels | other.channels,
            unfinished=self.unfinished or other.unfinished,
        )

    def lines(self) -> list[str]:
        """Each entry as text.

        >>> OptOut(viewers=frozenset({-7})).lines()
        ['viewer -7']
        """
        return [
            *([UNFINISHED] if self.unfinished else []),
            *(f"viewer {number}" for number in sorted(self.viewers)),
            *(f"channel {mark}" for mark in sorted(self.channels)),
        ]

    @classmethod
    def of_lines(cls, lines: Iterable[str]) -> OptOut:
        """The reverse of `lines`; raises ValueError for what is none."""
        viewers, channels, unfinished = set(), set(), False
        for line in lines:
            if line == UNFINISHED:
                unfinished = True
                continue
            found = LINE.fullmatch(line)
            if found is None:
                raise ValueError("no entry of an opt-out list")
            if found[1] is not None:
                viewers.add(int(found[1]))
            else:
                channels.add(found[2])
        return cls(viewers=frozenset(viewers), channels=frozenset(channels), unfinished=unfinished)


def of_people(names: Iterable[str], pseudonyms: Pseudonyms, *, channels: bool) -> OptOut:
    """The entries of these logins; with those of their channels, if wanted."""
    names = list(names)
    return OptOut(
        viewers=frozenset(map(pseudonyms.viewer, names)),
        channels=frozenset(map(pseudonyms.channel_mark, names) if channels else ()),
    )


def read_opt_out(folder: Path, fingerprint: str) -> OptOut:
    """The list of a store; an empty one where there is none.

    Raises StreamergraphError for one that cannot be read, or that is under another key.
    """
    path = folder / OPT_OUT_NAME
    try:
        key, *lines = path.read_text(encoding="ascii").splitlines()
        found = OptOut.of_lines(lines)
    except FileNotFoundError:
        return OptOut()
    except ValueError:  # of decoding too
        raise StreamergraphError(
            path,
            expected="a list of keyed hashes of people who are not to be stored",
            found="something else",
            remedy="restore it from a copy of the store; without it they would be stored again",
        ) from None
    if key != f"key {fingerprint}":
        raise StreamergraphError(
            path,
            expected=f"a list under the key of its store ({fingerprint})",
            found=key,
            remedy="restore it from a copy of the store",
        )
    return found


def write_opt_out(folder: Path, opt_out: OptOut, fingerprint: str) -> None:
    """Replace the list of a store."""
    with atomic_path(folder / OPT_OUT_NAME, private=True) as temporary:
        lines = [f"key {fingerprint}", *opt_out.lines()]
        temporary.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")


def left_out(
    looks: Sequence[Look], opt_out: OptOut, pseudonyms: Pseudonyms | None
) -> tuple[list[Look], OptOut]:
    """Looks without the people of the list, and the list with the ids of channels known by name.

    Raises StreamergraphError where channels are on it and the key is not known, which alone tells them.
    """
    if not opt_out:
        return list(looks), opt_out
    if opt_out.channels and pseudonyms is None:
        raise StreamergraphError(
            "--key",
            expected="the key, for the store holds marks of streamers that were forgotten",
            found="none",
            remedy="open it with the key",
        )
    marks = set(opt_out.channels)
    kept = []
    for look in looks:
        streams = []
        for stream in look.streams:
            if marks and pseudonyms is not None:
                told = marks_of(stream, pseudonyms)
                if not marks.isdisjoint(told):
                    if stream.user_id is not None:
                        marks.add(told[0])  # whoever takes another name stays forgotten
                    continue
            streams.append(_without_viewers(stream, opt_out.viewers))
        kept.append(replace(look, streams=tuple(streams)))
    if pseudonyms is not None:
        names = HiddenNames(opt_out, pseudonyms)
        kept = [
            look
            if look.planned is not None  # a collector names its looks by moment and language
            else replace(look, source=names.hidden(look.source), file=names.hidden(look.file))
            for look in kept
        ]
    return kept, replace(opt_out, channels=frozenset(marks))


def marks_of(stream: SeenStream, pseudonyms: Pseudonyms) -> list[str]:
    """The marks of a stream's channel; that of its id comes first, if there is one."""
    told = (stream.user_id, stream.login, stream.name)
    return [pseudonyms.channel_mark(one) for one in told if one is not None]


def _without_viewers(stream: SeenStream, viewers: frozenset[int]) -> SeenStream:
    def kept(listed: tuple[int, ...] | None) -> tuple[int, ...] | None:
        if listed is None or viewers.isdisjoint(listed):
            return listed
        return tuple(number for number in listed if number not in viewers)

    return replace(stream, members=kept(stream.members), authors=kept(stream.authors))


@dataclass(frozen=True)
class HiddenNames:
    """Names of files and series without the people of a list: logs are often named by their channel."""

    opt_out: OptOut
    pseudonyms: Pseudonyms

    @cached_property
    def _known(self) -> dict[str, str]:
        return {}

    def hidden(self, text: str) -> str:
        """The text with `HIDDEN` in the place of each login that is on the list.

        >>> pseudonyms = Pseudonyms(key=bytes(32))
        >>> listed = of_people(["anna_b"], pseudonyms, channels=True)
        >>> HiddenNames(listed, pseudonyms).hidden("logs/Anna_B_2026-05-05.csv")
        'logs/forgotten_2026-05-05.csv'
        """
        return WORD.sub(lambda found: self._word(found[0]), text)

    def _word(self, word: str) -> str:
        if word not in self._known:
            self._known[word] = next(
                (
                    f"{before}{HIDDEN}{after}"
                    for before, name, after in _names_in(word)
                    if self.pseudonyms.viewer(name) in self.opt_out.viewers
                    or self.pseudonyms.channel_mark(name) in self.opt_out.channels
                ),
                word,
            )
        return self._known[word]


def _names_in(word: str) -> Iterator[tuple[str, str, str]]:
    """What may be a login in a word, the longest first: between its ends and its underscores."""
    ends = [-1, *(k for k, letter in enumerate(word) if letter == "_"), len(word)]
    pairs = sorted(combinations(ends, 2), key=lambda pair: pair[0] - pair[1])
    for first, last in pairs:
        name = word[first + 1 : last]
        if name and not name.isdigit():  # a date, most likely
            yield word[: first + 1], name, word[last:]
