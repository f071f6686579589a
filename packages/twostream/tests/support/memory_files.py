"""A stored clip's files that lie in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class MemoryFiles:
    """Members by name."""

    contents: Mapping[str, bytes] = field(default_factory=dict)

    def read(self, members: Sequence[str]) -> list[bytes]:
        return [self.contents[member] for member in members]
