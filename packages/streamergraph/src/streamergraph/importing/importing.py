"""What a source gives, into a store: in portions, counted, and with nothing lost in silence."""

from __future__ import annotations

import re
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from streamergraph.errors import StreamergraphError
from streamergraph.observations.looks import KnownLook, Look, Source
from streamergraph.observations.schema import DUPLICATE, STORED
from streamergraph.observations.store import Store
from streamergraph.progress import Progress

PRESENCES_OF_A_PORTION = 500_000
LOOKS_OF_A_PORTION = 2_000
SECONDS_OF_A_PORTION = 10.0  # what an interrupt may cost
UNCHANGED = "unchanged"
SHOWN = 3
WHERE = re.compile(r"(?: starting at)? at character \d+$")


@dataclass
class Named:
    """The first of many files, and how many there are."""

    first: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, file: str) -> None:
        """One more."""
        self.count += 1
        if len(self.first) < SHOWN:
            self.first.append(file)

    def __str__(self) -> str:
        more = f" and {self.count - SHOWN} more" if self.count > SHOWN else ""
        return ", ".join(self.first) + more


@dataclass
class Imported:
    """Looks by what became of them, and what was not understood: by reason, and in which files."""

    looks: Counter[str] = field(default_factory=Counter)
    losses: Counter[str] = field(default_factory=Counter)
    files: dict[str, Named] = field(default_factory=lambda: defaultdict(Named))
    problems: dict[str, Named] = field(default_factory=lambda: defaultdict(Named))
    presences: int = 0

    def add(self, look: Look) -> None:
        """Count a look as it was stored."""
        self.looks[look.status] += 1
        self.presences += look.presences if look.status in (STORED, DUPLICATE) else 0
        self.losses.update(look.losses)
        for reason in look.losses:
            self.files[reason].add(look.file)
        if look.problem and look.status not in (STORED, DUPLICATE):
            # Where it is in its file stands in the store; here files of one problem are told together.
            self.problems[WHERE.sub("", look.problem)].add(look.file)

    def notes(self) -> list[str]:
        """A line for every reason, with the first files."""
        return [
            *(
                f"{count} {reason}, in {self.files[reason]}"
                for reason, count in sorted(self.losses.items())
            ),
            *(
                f"{files.count} left out ({problem}): {files}"
                for problem, files in sorted(self.problems.items())
            ),
        ]

    def require_something(self, subject: object) -> None:
        """Raise StreamergraphError where nothing of what was read is left, or of all its chat lists."""
        unchanged = self.looks[UNCHANGED]
        understood = self.looks[STORED] + self.looks[DUPLICATE] + unchanged
        chat = {
            reason: n
            for reason, n in self.losses.items()
            if "chat" in reason or "pseudonym" in reason
        }
        if not understood:
            found = "; ".join(self.notes()) or "nothing"
        elif chat and not self.presences and not unchanged:
            found = "; ".join(note for note in self.notes() if any(r in note for r in chat))
        else:
            return
        raise StreamergraphError(
            str(subject),
            expected="snapshots with chat lists that are understood"
            if understood
            else "snapshots that are understood",
            found=f"none: {found}",
            remedy="mend what collects them; the page `From observations to tables` has the forms",
        )


def import_looks(
    source: Source, store: Store, imported: Imported, known: Mapping[str, KnownLook]
) -> None:
    """Store every look of `source` that is not `known`, a portion at a time, counted in `imported`.

    Interrupted, what was stored stays, and the next call goes on behind it.
    """
    portion: list[Look] = []
    presences = 0
    stored = time.monotonic()
    with Progress("import", total=source.total, unit="look") as progress:
        for look in source.looks():
            progress.advance()
            look = _of_its_own(look, known)
            before = known.get(look.run_id)
            if before is not None and before.digest == look.digest is not None:
                imported.looks[UNCHANGED] += 1
                continue
            portion.append(look)
            presences += look.presences
            late = time.monotonic() - stored > SECONDS_OF_A_PORTION
            if late or presences >= PRESENCES_OF_A_PORTION or len(portion) >= LOOKS_OF_A_PORTION:
                _store(portion, store, imported)
                portion, presences, stored = [], 0, time.monotonic()
        _store(portion, store, imported)


def _of_its_own(look: Look, known: Mapping[str, KnownLook]) -> Look:
    """The look under a name of its own, where its file told another moment before.

    Some collectors write one file over at every tick: what it said earlier is as true.
    """
    before = known.get(look.run_id)
    if before is None or before.status != STORED or look.status != STORED or look.time is None:
        return look
    if before.time in (None, look.time):
        return look
    return replace(look, file=f"{look.file} at {look.time.isoformat()}")


def _store(portion: list[Look], store: Store, imported: Imported) -> None:
    for look in store.add(portion):
        imported.add(look)
