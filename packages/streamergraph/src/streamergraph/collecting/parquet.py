"""The store of Parquet parts as a sink: what `import` fills too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from streamergraph.collecting.clock import Clock
from streamergraph.collecting.waiting import patient_writer
from streamergraph.observations import upkeep
from streamergraph.observations.looks import Look
from streamergraph.observations.opt_out import OptOut
from streamergraph.observations.store import Store


@dataclass
class ParquetSink:
    """A store; between ticks others may write to it."""

    store: Store
    clock: Clock

    def known(self) -> Mapping[str, str]:
        """The status of every look, by its run id."""
        return dict(self.store.runs().select("run_id", "status").iter_rows())

    def add(self, looks: Sequence[Look]) -> list[Look]:
        """See `Sink`."""
        with patient_writer(self.store.folder, self.clock):
            return self.store.add(looks)

    def forget(self, people: OptOut) -> dict[str, int]:
        """See `Sink`."""
        with patient_writer(self.store.folder, self.clock):
            return upkeep.forget(self.store, people)
