"""What a result says of itself beside its CSV: from which graph, by which verb, and as it was written.

So a later call sees whether the result fits its own graph, whether a person asked for it or has changed it
since, and never writes over the latter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from streamergraph.audience_graph.files import facts_of
from streamergraph.audience_graph.graph import AudienceGraph

# Pictures make what they lack; what any other verb made was asked for.
VIEW = "view"


def stamp(graph: AudienceGraph, *, made_by: str, file: Path) -> dict[str, Any]:
    """What the JSON beside `file` says first: the graph's facts, the verb, the digest of the file."""
    return {**facts_of(graph), "made_by": made_by, "digest": digest_of(file)}


def digest_of(file: Path) -> str:
    """A digest of the bytes of a file."""
    return hashlib.blake2b(file.read_bytes(), digest_size=8).hexdigest()


def was_edited(file: Path, facts: Mapping[str, Any]) -> bool:
    """Whether somebody changed `file` after it was written; False where earlier versions wrote it."""
    return "digest" in facts and facts["digest"] != digest_of(file)


def set_aside_edited(file: Path, facts: Mapping[str, Any]) -> Path | None:
    """Rename a `file` that somebody changed, so that nothing is written over it; returns its place.

    None where nobody did.
    """
    if not file.is_file() or not was_edited(file, facts):
        return None
    aside = file.with_suffix(f".edited-{digest_of(file)[:8]}{file.suffix}")
    file.replace(aside)
    return aside
