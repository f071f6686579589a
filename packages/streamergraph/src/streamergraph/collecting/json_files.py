"""Snapshots as JSON, one file a look, with pseudonyms in the place of logins: `import` reads them back.

``DIR/it/2026-05-05T13-15-00Z.json``, by the language and the planned moment: an object from display names
to streams, as collectors have written it since 2022. In the place of a list of logins stands an object
with `pseudonyms`, written as texts, since most readers of JSON would round numbers of 64 bits, and with
the fingerprint of their key. ``DIR/runs.jsonl`` has a line for every look, those that failed too, and
``DIR/opt-out.list`` who is not to be stored (see `observations.opt_out`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from streamergraph.atomic import TEMPORARY_PREFIX, atomic_path, flush_to_disk
from streamergraph.collecting.clock import Clock
from streamergraph.collecting.kept_runs import KeptRun, as_json, counts_of_streams, run_record
from streamergraph.collecting.named_channels import NamedChannels
from streamergraph.collecting.waiting import patient_writer
from streamergraph.errors import StreamergraphError
from streamergraph.importing.folder import RUNS_NAME
from streamergraph.importing.mongodb import LIST_NAMES
from streamergraph.observations.days import make_private_folder
from streamergraph.observations.looks import Look, SeenStream
from streamergraph.observations.opt_out import (
    OptOut,
    left_out,
    read_opt_out,
    write_opt_out,
)
from streamergraph.observations.schema import AUTHORS, MEMBERS, STORED
from streamergraph.privacy import Pseudonyms

SNAPSHOTS = "*/[0-9]*T*Z.json"  # by language and planned moment


@dataclass
class JsonSink:
    """A folder of snapshots under one key. Make it with `open`."""

    folder: Path
    pseudonyms: Pseudonyms
    clock: Clock

    @property
    def fingerprint(self) -> str:
        """That of the key."""
        return self.pseudonyms.fingerprint

    @classmethod
    def open(cls, folder: Path, pseudonyms: Pseudonyms, clock: Clock) -> JsonSink:
        """Make the folder if needed; raises StreamergraphError for other files in it, or another key."""
        runs = folder / RUNS_NAME
        if not runs.exists():
            if folder.is_dir() and any(folder.iterdir()):
                raise StreamergraphError(
                    folder,
                    expected="a folder of snapshots that `collect` made, or an empty one",
                    found="other files",
                    remedy="choose another folder",
                )
            make_private_folder(folder)
            with atomic_path(runs, private=True) as temporary:
                temporary.write_text(json.dumps({"key_fingerprint": pseudonyms.fingerprint}) + "\n")
        sink = cls(folder, pseudonyms, clock)
        with patient_writer(folder, clock):
            sink._sweep()
        if key_of(folder) != pseudonyms.fingerprint:
            raise StreamergraphError(
                folder,
                expected="the key that its pseudonyms were made with",
                found="another one",
                remedy="name it with --key, or collect into a new folder",
            )
        return sink

    def known(self) -> Mapping[str, str]:
        """The status of every look, by its run id: also of those whose line a kill has taken."""
        found = {
            str(line["run_id"]): str(line["status"])
            for line in lines_of(self.folder)
            if "run_id" in line
        }
        for path in self.files():
            found[f"twitch/{path.parent.name}#{_planned(path.stem)}"] = STORED
        return found

    def add(self, looks: Sequence[Look]) -> list[Look]:
        """See `Sink`."""
        written: list[Path] = []
        with patient_writer(self.folder, self.clock):
            known = read_opt_out(self.folder, self.fingerprint)
            looks, listed = left_out(looks, known, self.pseudonyms)
            try:
                written.extend(self._write(look) for look in looks if look.status == STORED)
                self._note(looks)
                if listed != known:
                    write_opt_out(self.folder, listed, self.fingerprint)
            except OSError:
                for path in written:  # altogether or not at all
                    path.unlink(missing_ok=True)
                raise
        return looks

    def forget(self, people: OptOut) -> dict[str, int]:
        """See `Sink`."""
        counts = {"presences": 0, "rows of channels": 0}
        with patient_writer(self.folder, self.clock):
            known = read_opt_out(self.folder, self.fingerprint) | people
            named = NamedChannels(known.channels, self.pseudonyms)
            for path in self.files() if known.channels else ():
                for name, stream in _entries(json.loads(path.read_bytes())):
                    named.learn(stream, name)
            known = replace(known, channels=named.marks, unfinished=True)
            write_opt_out(self.folder, known, self.fingerprint)
            for path in self.files():
                content = json.loads(path.read_bytes())
                if gone := _take_out(content, named, known.viewers):
                    self._replace(path, content)
                for what, number in gone.items():
                    counts[what] += number
            self._sweep()
            write_opt_out(self.folder, replace(known, unfinished=False), self.fingerprint)
        return counts

    def files(self) -> list[Path]:
        """All snapshots."""
        return sorted(self.folder.glob(SNAPSHOTS))

    def _replace(self, path: Path, content: Any) -> None:
        text = json.dumps(content, ensure_ascii=False, allow_nan=False)
        with atomic_path(path, private=True) as temporary:
            temporary.write_text(text + "\n", encoding="utf-8")

    def _sweep(self) -> None:
        """Delete what a kill has left of ticks."""
        for left in self.folder.glob(f"*/{TEMPORARY_PREFIX}*"):
            left.unlink(missing_ok=True)

    def _write(self, look: Look) -> Path:
        path = self._path(look)
        if not path.parent.exists():
            make_private_folder(path.parent)
        self._replace(path, self._content(look))
        return path

    def _path(self, look: Look) -> Path:
        return self.folder / look.source.rpartition("/")[2] / f"{_stem(look.file)}.json"

    def _content(self, look: Look) -> dict[str, Any]:
        assert look.time is not None
        moment = look.time.isoformat()
        content: dict[str, Any] = {}
        for stream in look.streams:
            name = stream.name or stream.login or str(stream.user_id)
            if name in content:  # two channels may show one name
                name = f"{name} ({stream.user_id})"
            content[name] = {**self._stream(stream), "date_time": moment}
        return content or _seen_nobody(moment)

    def _stream(self, stream: SeenStream) -> dict[str, Any]:
        lists = {LIST_NAMES[MEMBERS]: stream.members, LIST_NAMES[AUTHORS]: stream.authors}
        said = {
            "user_id": None if stream.user_id is None else str(stream.user_id),
            "user_login": stream.login,
            "user_name": stream.name,
            "game_id": None if stream.category_id is None else str(stream.category_id),
            "game_name": stream.category,
            "viewer_count": stream.viewers,
            "language": stream.language,
            **{
                name: {
                    "pseudonyms": [str(number) for number in viewers],
                    "key_fingerprint": self.fingerprint,
                }
                for name, viewers in lists.items()
                if viewers is not None
            },
        }
        return {name: value for name, value in said.items() if value is not None}

    def _note(self, looks: Sequence[Look]) -> None:
        """Append a line a look: whole lines, also behind one that broke off."""
        path = self.folder / RUNS_NAME
        text = "".join(json.dumps(as_json(run_record(look))) + "\n" for look in looks)
        with path.open("r+b") as file:
            at = file.seek(0, 2)
            file.seek(at - 1)
            is_broken_off = file.read(1) != b"\n"
            try:
                file.write(b"\n" * is_broken_off + text.encode())
                file.flush()
                flush_to_disk(path)
            except OSError:
                file.truncate(at)
                raise


def _entries(content: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The streams of a snapshot, with the names that they stand under; none of one that saw nobody."""
    return [(name, one) for name, one in content.items() if isinstance(one, dict)]


def _take_out(
    content: dict[str, Any], named: NamedChannels, viewers: frozenset[int]
) -> Counter[str]:
    """Take people out of a snapshot; returns how many of what were there."""
    gone: Counter[str] = Counter()
    texts = {str(number) for number in viewers}
    moment = ""
    for name, stream in _entries(content):
        moment = stream["date_time"]
        if named.is_one(stream, name):
            del content[name]
            gone["rows of channels"] += 1
            continue
        for kind in LIST_NAMES.values():
            if kind in stream:
                listed = stream[kind]["pseudonyms"]
                stream[kind]["pseudonyms"] = [text for text in listed if text not in texts]
                gone["presences"] += len(listed) - len(stream[kind]["pseudonyms"])
    if not content:
        content.update(_seen_nobody(moment))
    return +gone


def _seen_nobody(moment: str) -> dict[str, Any]:
    """Who saw nobody has seen that at this moment."""
    return {"date_time": moment, "data": []}


def _stem(planned: str) -> str:
    """A planned moment as the name of a file.

    >>> _stem("2026-05-05T13:15:00+00:00"), _planned("2026-05-05T13-15-00Z")
    ('2026-05-05T13-15-00Z', '2026-05-05T13:15:00+00:00')
    """
    return planned.replace(":", "-").replace("+00-00", "Z")


def _planned(stem: str) -> str:
    day, _, time = stem.partition("T")
    return f"{day}T{time.replace('-', ':').replace('Z', '+00:00')}"


def lines_of(folder: Path) -> list[dict[str, Any]]:
    """The lines of runs.jsonl, in order; without those that broke off."""
    lines: list[dict[str, Any]] = []
    for text in (folder / RUNS_NAME).read_text(encoding="utf-8").splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            continue  # a kill or a full disk came between
        if isinstance(line, dict):
            lines.append(line)
    return lines


def key_of(folder: Path) -> str | None:
    """The fingerprint of the key that the snapshots are under."""
    first = next(iter(lines_of(folder)), {})
    return first.get("key_fingerprint")


def runs_of_folder(folder: Path) -> list[KeptRun]:
    """What is kept of every look; what a kill has left without a line is read from its snapshot."""
    kept = {line["run_id"]: KeptRun.of_json(line) for line in lines_of(folder) if "run_id" in line}
    for path in sorted(folder.glob(SNAPSHOTS)):
        source, planned = f"twitch/{path.parent.name}", _planned(path.stem)
        run = f"{source}#{planned}"
        if run not in kept or kept[run].status != STORED:
            streams = [one for _, one in _entries(json.loads(path.read_bytes()))]
            said = {"run_id": run, "source": source, "planned": planned, "time": planned}
            kept[run] = KeptRun.of_json({**said, "status": STORED, **counts_of_streams(streams)})
    return list(kept.values())


def last_streams(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The streams of the last snapshot of each series."""
    last = {f"twitch/{path.parent.name}": path for path in sorted(folder.glob(SNAPSHOTS))}
    return {
        series: [one for _, one in _entries(json.loads(path.read_bytes()))]
        for series, path in last.items()
    }
