"""The store of Parquet parts as a sink: what `import` fills too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from streamergraph.collecting.clock import Clock
from streamergraph.errors import StreamergraphError
from streamergraph.locks import sole_writer
from streamergraph.observations.looks import Look
from streamergraph.observations.store import Store

OTHERS_SECONDS = 120.0  # how long a tick waits for `store compact` and the like
PAUSE_SECONDS = 0.5


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
        end = self.clock.monotonic() + OTHERS_SECONDS
        while True:
            try:
                with sole_writer(self.store.folder):
                    return self.store.add(looks)
            except StreamergraphError as error:
                if "nobody else writes" not in str(error) or self.clock.monotonic() >= end:
                    raise
                self.clock.sleep(PAUSE_SECONDS)
