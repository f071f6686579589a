"""MongoDB as a sink: a document by channel and tick, and one by run in a second collection.

Nothing is acknowledged before it is in the server's journal (with the default write concern a kill of the
server loses acknowledged documents). A tick counts once the document of its run is there, which comes
last; what a tick left that did not get so far is deleted when a collector begins. A third collection has
who is not to be stored (see `observations.opt_out`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from streamergraph.collecting.kept_runs import KeptRun, run_record
from streamergraph.collecting.named_channels import NamedChannels
from streamergraph.errors import StreamergraphError
from streamergraph.extras import how_to_install
from streamergraph.importing.mongodb import (
    LIST_NAMES,
    PATIENCE_MS,
    SCHEME,
    Collection,
    first_words,
)
from streamergraph.observations.looks import Look, SeenStream
from streamergraph.observations.opt_out import UNFINISHED, OptOut, left_out
from streamergraph.observations.schema import AUTHORS, MEMBERS, STORED
from streamergraph.privacy import Pseudonyms

VIEWERS_OF_A_DOCUMENT = 200_000  # some 3 MB of the 16 that the server takes
KEY = "key"


@dataclass
class MongoSink:
    """Documents of ``mongodb://HOST:PORT/DATABASE.COLLECTION``; its runs are in ``COLLECTION_runs``."""

    address: str
    _client: Any = field(default=None, repr=False)
    _pseudonyms: Pseudonyms | None = None

    @property
    def shown(self) -> str:
        """The address without a password."""
        return Collection(self.address).shown

    def connect(self) -> str | None:
        """Open the connection and make the indexes; the fingerprint of the key that was used before.

        Raises StreamergraphError where there is no server, driver or name of a collection.
        """
        with self._told():
            self._open()
            self._streams.create_index([("run_id", 1), ("user_id", 1), ("part", 1)], unique=True)
            self._streams.create_index([("time", 1)])
            known = self._runs.find_one({"_id": KEY})
        return None if known is None else str(known["fingerprint"])

    def _open(self) -> None:
        from pymongo import MongoClient

        if not all(Collection(self.address).name.partition(".")):
            raise StreamergraphError(
                "--store", expected=f"{SCHEME}HOST:PORT/DATABASE.COLLECTION", found=self.shown,
                remedy="name both, such as mongodb://localhost:27017/twitch.streams",
            )  # fmt: skip
        self._client = MongoClient(
            Collection(self.address).server, serverSelectionTimeoutMS=PATIENCE_MS,
            socketTimeoutMS=6 * PATIENCE_MS, tz_aware=True, journal=True,
        )  # fmt: skip

    def exists(self) -> bool:
        """Whether anything was collected there; raises StreamergraphError like `connect`."""
        with self._told():
            self._open()
            try:
                return self._runs.find_one({"_id": KEY}) is not None
            finally:
                self.close()

    def use_key(self, pseudonyms: Pseudonyms) -> None:
        """Write under this key; raises StreamergraphError where another one was used before."""
        fingerprint = pseudonyms.fingerprint
        with self._told():
            self._runs.update_one(
                {"_id": KEY}, {"$setOnInsert": {"fingerprint": fingerprint}}, upsert=True
            )
            found = self._runs.find_one({"_id": KEY})["fingerprint"]
        if found != fingerprint:
            raise StreamergraphError(
                self.shown,
                expected="the key that its pseudonyms were made with",
                found="another one",
                remedy="name it with --key, or collect into a new collection",
            )
        self._pseudonyms = pseudonyms

    def close(self) -> None:
        """Close the connection."""
        if self._client is not None:
            self._client.close()

    def known(self) -> Mapping[str, str]:
        """The status of every run; what a tick left that was not completed is deleted."""
        with self._told():
            found = {
                str(run["_id"]): str(run["status"])
                for run in self._runs.find({"_id": {"$ne": KEY}}, {"status": 1})
            }
            last = self._runs.find_one({"status": STORED}, sort=[("planned", -1)])
            since = {} if last is None else {"planned": {"$gte": last["planned"]}}
            left = set(self._streams.distinct("run_id", since)) - found.keys()
            self._streams.delete_many({"run_id": {"$in": sorted(left)}})
        return found

    def add(self, looks: Sequence[Look]) -> list[Look]:
        """See `Sink`."""
        from pymongo import ReplaceOne

        with self._told():
            known = self._opt_out()
        looks, listed = left_out(looks, known, self._pseudonyms)
        documents = [
            document
            for look in looks
            if look.status == STORED
            for stream in look.streams
            for document in self._documents(look, stream)
        ]
        keys = ("run_id", "user_id", "part")
        failed = [look.run_id for look in looks if look.status != STORED]
        with self._told():
            if failed:  # what they left, where they broke off
                self._streams.delete_many({"run_id": {"$in": failed}})
            if documents:
                self._streams.bulk_write(
                    [
                        ReplaceOne({key: one[key] for key in keys}, one, upsert=True)
                        for one in documents
                    ],
                    ordered=False,
                )
            if (now := self._opt_out() | listed) != known:  # somebody was forgotten meanwhile
                self._note_opt_out(now)
                self._take_out(now, of={"run_id": {"$in": [look.run_id for look in looks]}})
            self._runs.bulk_write(
                [ReplaceOne({"_id": look.run_id}, _run(look), upsert=True) for look in looks],
                ordered=False,
            )
        return list(looks)

    def forget(self, people: OptOut) -> dict[str, int]:
        """See `Sink`."""
        with self._told():
            known = replace(self._opt_out() | people, unfinished=True)
            self._note_opt_out(known)
            counts = self._take_out(known, of={})
            self._opt_outs.delete_one({"_id": UNFINISHED})
        return counts

    def _take_out(self, people: OptOut, *, of: dict[str, Any]) -> dict[str, int]:
        """Delete people from the documents that `of` selects; notes the ids of channels known by name."""
        deleted = 0
        if people.channels and self._pseudonyms is not None:
            names = {name: f"$user_{name}" for name in ("id", "login", "name")}
            found = [
                {f"user_{name}": one["_id"].get(name) for name in names}
                for one in self._streams.aggregate([{"$match": of}, {"$group": {"_id": names}}])
            ]
            channels = NamedChannels(people.channels, self._pseudonyms)
            for one in found:
                channels.learn(one)
            self._note_opt_out(replace(people, channels=channels.marks))
            for one in filter(channels.is_one, found):
                deleted += self._streams.delete_many({**of, **one}).deleted_count
        lists = 0
        for name in LIST_NAMES.values() if people.viewers else ():
            theirs = {f"{name}.pseudonyms": {"$in": sorted(people.viewers)}}
            gone = self._streams.update_many({**of, **theirs}, {"$pull": theirs})
            lists += gone.modified_count
        return {"presences": lists, "rows of channels": deleted}

    def _opt_out(self) -> OptOut:
        return OptOut.of_lines(one["_id"] for one in self._opt_outs.find())

    def _note_opt_out(self, people: OptOut) -> None:
        from pymongo import ReplaceOne

        lines = people.lines()
        if lines:
            self._opt_outs.bulk_write(
                [ReplaceOne({"_id": line}, {}, upsert=True) for line in lines], ordered=False
            )

    def runs(self) -> list[KeptRun]:
        """What is kept of every look; raises StreamergraphError like `connect`."""
        with self._told():
            self._open()
            found = list(self._runs.find({"_id": {"$ne": KEY}}))
        for one in found:
            one["losses"] = {loss["reason"]: loss["count"] for loss in one.get("losses", ())}
        return [KeptRun.of_json({**one, "run_id": one["_id"]}) for one in found]

    def last_streams(self) -> dict[str, list[dict[str, Any]]]:
        """The streams of the last stored look of each series."""
        with self._told():
            last = {
                one["source"]: one["_id"]
                for one in self._runs.find({"status": STORED}).sort("planned", 1)
            }
            return {
                source: list(self._streams.find({"run_id": run, "part": 0}))
                for source, run in last.items()
            }

    def size(self) -> tuple[int, int | None]:
        """Bytes that the database takes on its disk, and those that are free there, where it tells."""
        with self._told():
            stats = self._client[self._streams.database.name].command("dbStats")
        free = stats["fsTotalSize"] - stats["fsUsedSize"] if "fsTotalSize" in stats else None
        return int(stats["storageSize"] + stats["indexSize"]), None if free is None else int(free)

    @property
    def _opt_outs(self) -> Any:
        collection = Collection(self.address)
        return self._client[collection.name.partition(".")[0]][collection.opt_out_name]

    @property
    def _streams(self) -> Any:
        database, _, collection = Collection(self.address).name.partition(".")
        return self._client[database][collection]

    @property
    def _runs(self) -> Any:
        database, _, collection = Collection(self.address).name.partition(".")
        return self._client[database][f"{collection}_runs"]

    def _documents(self, look: Look, stream: SeenStream) -> Iterator[dict[str, Any]]:
        """A stream as documents of bounded size: one, but for millions of viewers."""
        lists = {MEMBERS: stream.members, AUTHORS: stream.authors}
        said = {
            "run_id": look.run_id,
            "planned": look.planned,
            "time": look.time,
            "user_id": stream.user_id,
            "user_login": stream.login,
            "user_name": stream.name,
            "viewer_count": stream.viewers,
            "game_id": stream.category_id,
            "game_name": stream.category,
            "language": stream.language,
        }
        fingerprint = self._pseudonyms.fingerprint if self._pseudonyms is not None else None
        longest = max(len(viewers or ()) for viewers in lists.values())
        for part in range(max(1, -(-longest // VIEWERS_OF_A_DOCUMENT))):
            here = slice(part * VIEWERS_OF_A_DOCUMENT, (part + 1) * VIEWERS_OF_A_DOCUMENT)
            yield {
                **{name: value for name, value in said.items() if value is not None},
                "part": part,
                **{
                    LIST_NAMES[kind]: {
                        "pseudonyms": list(viewers[here]),
                        "key_fingerprint": fingerprint,
                    }
                    for kind, viewers in lists.items()
                    if viewers is not None
                },
            }

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the driver raises, as a StreamergraphError without a password."""
        try:
            from pymongo.errors import PyMongoError
        except ImportError:
            raise StreamergraphError(
                self.shown, expected="the driver of MongoDB", found="it is not installed",
                remedy=how_to_install("mongodb"),
            ) from None  # fmt: skip

        try:
            yield
        except PyMongoError as error:
            raise StreamergraphError(
                self.shown, expected="a MongoDB that answers", found=first_words(error),
                remedy="start it, or check the address and the password",
            ) from None  # fmt: skip


def _run(look: Look) -> dict[str, Any]:
    said = dict(vars(run_record(look)))
    del said["run_id"]
    # Names of fields must not have every letter.
    said["losses"] = [{"reason": reason, "count": n} for reason, n in said["losses"].items()]
    return said
