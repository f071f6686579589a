"""A collection of MongoDB, read as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from streamergraph.errors import StreamergraphError
from streamergraph.extras import how_to_install
from streamergraph.observations.opt_out import OptOut
from streamergraph.observations.schema import AUTHORS, MEMBERS

SCHEME = "mongodb://"
LIST_NAMES = {MEMBERS: "spect", AUTHORS: "authors"}  # how `collect` calls lists, in JSON too
PATIENCE_MS = 10_000


@dataclass(frozen=True)
class Collection:
    """The documents of ``mongodb://host:port/DATABASE.COLLECTION``."""

    address: str

    @property
    def name(self) -> str:
        """DATABASE.COLLECTION; empty where the address has none.

        >>> Collection("mongodb://here/a.b?tlsCAFile=/etc/ca.pem").name, Collection("mongodb://here").name
        ('a.b', '')
        """
        _, slash, name = self._hosts_and_name.rpartition("/")
        return name if slash else ""

    @property
    def server(self) -> str:
        """The address of the server, with all options, and without the collection."""
        scheme, _, _ = self.address.partition("://")
        rest = self._hosts_and_name
        hosts = rest.rpartition("/")[0] if "/" in rest else rest
        return f"{scheme}://{hosts}/?{self.address.partition('?')[2]}"

    @property
    def _hosts_and_name(self) -> str:
        return self.address.partition("?")[0].partition("://")[2]

    @property
    def shown(self) -> str:
        """The address without a name, a password or options."""
        return re.sub(r"//[^/]*@", "//", self.address).partition("?")[0]

    @property
    def opt_out_name(self) -> str:
        """The collection of those who are not to be stored, in the same database."""
        return f"{self.name.partition('.')[2]}_opt_out"

    def opt_out(self) -> OptOut:
        """Who is not to be stored, as `collect` keeps it beside the documents."""
        with self._database() as database:
            return OptOut.of_lines(one["_id"] for one in database[self.opt_out_name].find())

    def read(self) -> Iterator[Any]:
        """Every document, in the order in which they were stored; none is changed.

        Raises StreamergraphError where there is no such server or collection.
        """
        with self._database() as database:
            collection = self.name.partition(".")[2]
            if collection not in database.list_collection_names():
                raise StreamergraphError(
                    self.shown,
                    expected="a collection with documents",
                    found=", ".join(database.list_collection_names()) or "none",
                    remedy="check the names of the database and the collection",
                )
            yield from database[collection].find(batch_size=20)

    @contextmanager
    def _database(self) -> Iterator[Any]:
        try:
            from pymongo import MongoClient
            from pymongo.errors import PyMongoError
        except ImportError:
            raise StreamergraphError(
                self.shown,
                expected="the driver of MongoDB",
                found="it is not installed",
                remedy=how_to_install("mongodb"),
            ) from None

        database, _, collection = self.name.partition(".")
        if not collection:
            raise StreamergraphError(
                self.shown,
                expected=f"{SCHEME}HOST:PORT/DATABASE.COLLECTION",
                found=f"no collection in {self.name!r}",
                remedy="name it, such as mongodb://localhost:27017/Twitch_db.Twitch_stream_collection",
            )
        try:
            with MongoClient(self.server, serverSelectionTimeoutMS=PATIENCE_MS) as client:
                yield client[database]
        except PyMongoError as error:
            raise StreamergraphError(
                self.shown, expected="a MongoDB that answers", found=first_words(error),
                remedy="start it, or check the address and the password",
            ) from None  # fmt: skip


def first_words(error: Exception) -> str:
    """What the driver says, without the servers, settings and timeouts that it says behind it.

    >>> first_words(OSError("a:1: [Errno 111] Connection refused (configured timeouts: x), Timeout: 5s"))
    'a:1: [Errno 111] Connection refused'
    """
    return re.split(r",| \(configured timeouts", str(error))[0][:200]
