"""Documents of MongoDB: a snapshot each, keyed by names as the original wrote them, or a stream each."""

from __future__ import annotations

import datetime
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from streamergraph.errors import StreamergraphError
from streamergraph.importing.fields import plain
from streamergraph.importing.files import DAMAGED, open_text
from streamergraph.importing.snapshots import read_snapshot
from streamergraph.importing.streams import looks_like_stream
from streamergraph.importing.ticks import Ticks, Timed
from streamergraph.importing.times import Clock
from streamergraph.observations.looks import Look, digest_of
from streamergraph.observations.schema import BROKEN, CLOCK
from streamergraph.privacy import Pseudonyms

READ_CHARACTERS = 1 << 20
LONGEST_CHARACTERS = 1 << 30
OBJECT_ID = re.compile(r"[0-9a-f]{24}")
OBJECT_ID_SECONDS = slice(0, 8)  # hexadecimal digits of an ObjectId that are its time


@dataclass(frozen=True)
class NoDocument:
    """What stands in the place of a document, by what is wrong with it; never what it says."""

    problem: str


class Documents(Protocol):
    """Documents of one collection, or an export of it."""

    @property
    def name(self) -> str:
        """What the looks are named by."""

    def read(self) -> Iterator[Any]:
        """Every document; a `NoDocument` for what is none."""


@dataclass
class DocumentSource:
    """The looks of documents. Streams that are documents of their own make a look a tick (see `ticks`).

    The moment is that which a document says (`date_time`, or an `_id` that is a time). One that says none
    has that of its ObjectId, which is when it was stored: counted in `by_object_id`; else `named`, that of
    its file's name. `name` is what the documents are called in the store.
    """

    documents: Documents
    clock: Clock
    pseudonyms: Pseudonyms
    width_minutes: float | None = None
    language: str | None = None
    named: datetime.datetime | None = None
    name: str = ""
    by_object_id: int = 0
    total: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.name = self.name or self.documents.name

    def looks(self) -> Iterator[Look]:
        """A look for each document, or for each tick of documents that are streams."""
        ticks = Ticks()
        names: Counter[str] = Counter()
        for number, document in enumerate(self.documents.read()):
            if not isinstance(document, Mapping):
                found = document if isinstance(document, NoDocument) else NoDocument("no object")
                yield replace(self._blank(str(number)), status=BROKEN, problem=found.problem)
                continue
            content = {name: plain(value) for name, value in document.items()}
            identity = content.pop("_id", None)
            if looks_like_stream(content):
                stored = _time_of(identity)
                for tick in ticks.add(Timed.of(content, stored)):
                    yield self._look_of(tick, names)
            else:
                for tick in ticks.rest():  # in the order of the documents
                    yield self._look_of(tick, names)
                name = identity if isinstance(identity, str) else str(number)
                yield self._look(content, self._blank(name), identity)
        for tick in ticks.rest():
            yield self._look_of(tick, names)

    def _blank(self, name: str) -> Look:
        source = self.name
        return Look(source=source, file=f"{source}#{name}", language=self.language)

    def _look_of(self, tick: list[Timed], names: Counter[str]) -> Look:
        said = tick[0].moment.isoformat() if tick[0].moment else ""
        names[said] += 1
        blank = self._blank(said if names[said] == 1 else f"{said}~{names[said]}")
        stored = tick[0].moment if tick[0].by_object_id else None
        return self._look([timed.content for timed in tick], blank, stored)

    def _look(self, content: Any, blank: Look, identity: Any) -> Look:
        look = self._read(content, blank, None)
        if look.status == CLOCK and look.time is None:
            named = self.clock.moment(identity) if isinstance(identity, str) else None
            if named is None:
                stored = identity if isinstance(identity, datetime.datetime) else _time_of(identity)
                self.by_object_id += (
                    0 if stored is None else len(content) if isinstance(content, list) else 1
                )
                named = stored or self.named
            look = self._read(content, blank, named)
        width = self.width_minutes
        streams = tuple(replace(one, width_minutes=width) for one in look.streams)
        return replace(look, streams=streams, digest=digest_of(streams))

    def _read(self, content: Any, blank: Look, named: datetime.datetime | None) -> Look:
        return read_snapshot(
            content, blank, named=named, clock=self.clock, pseudonyms=self.pseudonyms
        )


def _time_of(identity: Any) -> datetime.datetime | None:
    """When an ObjectId was made; None for what is none."""
    if OBJECT_ID.fullmatch(str(identity)) is None:
        return None
    seconds = int(str(identity)[OBJECT_ID_SECONDS], 16)
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


@dataclass(frozen=True)
class ExportFile:
    """What `mongoexport` writes: a document a line, or one array of them (``--jsonArray``).

    `longest`: characters after which a document that is not complete is given up.
    """

    path: Path
    longest: int = LONGEST_CHARACTERS

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    def read(self) -> Iterator[Any]:
        """Every document of the file, a part of it in memory at a time; a `NoDocument` for what is none.

        After what is no JSON it goes on with the next line that begins a document.
        """
        decoder = json.JSONDecoder()
        try:
            with open_text(self.path) as file:
                text, at, ended = "", 0, False
                while True:
                    at = _AROUND.match(text, at).end()  # type: ignore[union-attr]
                    try:
                        document, at = decoder.raw_decode(text, at)
                        yield document
                        continue
                    except json.JSONDecodeError as error:
                        problem = error
                    if at == len(text) or _is_cut_off(problem, text):
                        more = "" if ended else file.read(max(READ_CHARACTERS, len(text) - at))
                        ended = not more
                        if more and len(text) - at <= self.longest:
                            text, at = text[at:] + more, 0
                            continue
                        if at == len(text):
                            return
                    yield NoDocument(f"no JSON: {problem.msg}")
                    while (found := _BEGINS.search(text, at + 1)) is None:
                        # The last line may be the beginning of the next document.
                        text, at = text[text.rfind("\n") :] if "\n" in text[at + 1 :] else "", -1
                        more = file.read(READ_CHARACTERS)
                        if not more:
                            return
                        text += more
                    at = found.end() - 1
        except (UnicodeDecodeError, *DAMAGED):
            raise StreamergraphError(
                self.path,
                expected="JSON, plain or packed by gzip",
                found="something else",
                remedy="unpack it, or get it again",
            ) from None


_AROUND = re.compile(r"[\s,\[\]\ufeff]*")
_BEGINS = re.compile(r"\n[\s,\[]*\{")


def _is_cut_off(problem: json.JSONDecodeError, text: str) -> bool:
    """Whether what stands there may be the beginning of a document."""
    return problem.msg.startswith("Unterminated string") or problem.pos >= len(text) - 16
