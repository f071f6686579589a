"""Documents of MongoDB: a snapshot each, keyed by names as the original wrote them, or a stream each."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from streamergraph.errors import StreamergraphError
from streamergraph.importing.snapshots import read_snapshot
from streamergraph.importing.streams import TIME_FIELDS, looks_like_stream
from streamergraph.importing.times import Clock
from streamergraph.observations.looks import Look, digest_of
from streamergraph.observations.schema import BROKEN
from streamergraph.privacy import Pseudonyms

READ_CHARACTERS = 1 << 20
NUMBERS = ("$numberLong", "$numberInt", "$numberDouble", "$numberDecimal")
OBJECT_ID_SECONDS = slice(0, 8)  # hexadecimal digits of an ObjectId that are its time


class Documents(Protocol):
    """Documents of one collection, or an export of it."""

    @property
    def name(self) -> str:
        """What the looks are named by."""

    def read(self) -> Iterator[Any]:
        """Every document; what is none comes as an exception's name in a string."""


@dataclass
class DocumentSource:
    """The looks of documents. Streams that are documents of their own make a look a moment.

    A document without a time of its own has that of its ObjectId, which is when it was stored: told.
    """

    documents: Documents
    clock: Clock
    pseudonyms: Pseudonyms
    width_minutes: float | None = None
    language: str | None = None
    by_object_id: int = 0
    total: int = field(default=0, init=False)

    def looks(self) -> Iterator[Look]:
        """A look for each document, or for each moment of documents that are streams."""
        streams: dict[str, list[Mapping[str, Any]]] = {}
        for number, document in enumerate(self.documents.read()):
            blank = Look(
                source=self.documents.name,
                file=f"{self.documents.name}#{number}",
                language=self.language,
            )
            if isinstance(document, str) or not isinstance(document, Mapping):
                problem = document if isinstance(document, str) else "no object"
                yield replace(blank, status=BROKEN, problem=problem)
                continue
            content = {name: plain(value) for name, value in document.items()}
            identity = content.pop("_id", None)
            if isinstance(identity, str):
                blank = replace(blank, file=f"{self.documents.name}#{identity}")
            if looks_like_stream(content):
                said = next((str(content[name]) for name in TIME_FIELDS if content.get(name)), "")
                streams.setdefault(said or f"#{self._time_of(identity)}", []).append(content)
                continue
            yield self._look(content, blank, identity)
        for said, listed in streams.items():
            file = f"{self.documents.name}#{said}"
            blank = Look(source=self.documents.name, file=file, language=self.language)
            yield self._look(listed, blank, None)

    def _look(self, content: Any, blank: Look, identity: Any) -> Look:
        entries = content if isinstance(content, list) else content.values()
        dated = any(
            isinstance(entry, Mapping) and entry.get(name)
            for entry in entries
            for name in TIME_FIELDS
        )
        named = None if dated else self._time_of(identity)
        self.by_object_id += named is not None
        look = read_snapshot(
            content, blank, named=named, clock=self.clock, pseudonyms=self.pseudonyms
        )
        width = self.width_minutes
        streams = tuple(replace(one, width_minutes=width) for one in look.streams)
        return replace(look, streams=streams, digest=digest_of(streams))

    def _time_of(self, identity: Any) -> datetime.datetime | None:
        try:
            seconds = int(str(identity)[OBJECT_ID_SECONDS], 16) if len(str(identity)) == 24 else 0
        except ValueError:
            return None
        return datetime.datetime.fromtimestamp(seconds, datetime.UTC) if seconds else None


@dataclass(frozen=True)
class ExportFile:
    """What `mongoexport` writes: a document a line, or one array of them (``--jsonArray``)."""

    path: Path

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    def read(self) -> Iterator[Any]:
        """Every document of the file, a part of it in memory at a time."""
        decoder = json.JSONDecoder()
        try:
            with self.path.open(encoding="utf-8-sig") as file:
                text, ended = "", False
                while True:
                    text = text.lstrip(" \t\r\n,[]") if not ended or text else text
                    try:
                        document, end = decoder.raw_decode(text)
                    except ValueError as error:
                        more = "" if ended else file.read(READ_CHARACTERS)
                        ended = not more
                        if more:
                            text += more
                            continue
                        if text:
                            problem = getattr(error, "msg", "no JSON")
                            yield f"no JSON from here on: {problem}"
                        return
                    yield document
                    text = text[end:]
        except UnicodeDecodeError:
            raise StreamergraphError(
                self.path, expected="JSON", found="something else", remedy="mend the file"
            ) from None


def plain(value: Any) -> Any:
    """A value of MongoDB's extended JSON, or of its driver, as plain JSON; dates as ISO texts.

    >>> plain({"$numberLong": "7"}), plain({"$date": {"$numberLong": "1714564800000"}})
    (7, 1714564800000)
    >>> plain({"a": [{"$oid": "6271"}]})
    {'a': ['6271']}
    """
    if isinstance(value, Mapping):
        if len(value) == 1:
            ((name, inner),) = value.items()
            if name in NUMBERS:
                number = float(inner)
                return int(number) if number.is_integer() else number
            if name in ("$date", "$oid"):
                return plain(inner)
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, datetime.datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
        return moment.isoformat()
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
