"""What computed the scores of a run, as ``results.json`` keeps it and as people read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twostream.models.computation import Computation, read_computation

NOT_RECORDED = "not recorded"

Engines = dict[str, tuple[Computation, ...]]


def merged(*parts: Sequence[Computation]) -> tuple[Computation, ...]:
    """All computations of several parts, each once.

    More than one where scores were completed later, with other threads, say.
    """
    return tuple(dict.fromkeys(one for part in parts for one in part))


def engines_content(engines: Mapping[str, Sequence[Computation]]) -> dict[str, Any]:
    """``engines`` of ``results.json``: by stream, a list that nearly always has one element."""
    return {stream: [one.to_dict() for one in found] for stream, found in engines.items()}


def recorded_engines(results: Mapping[str, Any]) -> Engines:
    """What ``results.json`` says of every stream; empty where its version did not record it.

    >>> recorded_engines({"protocols": {}})
    {}
    """
    told = results.get("engines")
    if not isinstance(told, Mapping):
        return {}
    try:
        return {
            str(stream): tuple(read_computation(one) for one in found)
            for stream, found in told.items()
        }
    except (TypeError, AttributeError):  # written by a version that says it in another way
        return {}


def precision_of(results: Mapping[str, Any]) -> str | None:
    """In what numbers all scores behind a ``results.json`` are, of several splits too; None: not told.

    >>> precision_of({"engines": {}}) is None
    True
    """
    each = [*(results.get("splits") or {}).values(), results]
    found = {
        one.precision for part in each for told in recorded_engines(part).values() for one in told
    }
    return " and ".join(sorted(found)) or None


def differing_arithmetic(first: Engines, second: Engines) -> bool:
    """Whether two runs were scored by other engines or precisions, as far as both say.

    One that does not say may have been scored in bfloat16 or TF32, so it differs from one that does.
    """
    kinds = [
        {(one.engine, one.precision) for found in engines.values() for one in found}
        for engines in (first, second)
    ]
    return kinds[0] != kinds[1]


def engines_text(engines: Mapping[str, Sequence[Computation]]) -> str:
    """One line for people: one statement where all streams have the same.

    >>> engines_text({})
    'not recorded'
    """
    texts = {s: " and ".join(one.text() for one in found) for s, found in engines.items()}
    if not texts:
        return NOT_RECORDED
    if len(set(texts.values())) == 1:
        return next(iter(texts.values()))
    return "; ".join(f"{stream}: {text}" for stream, text in texts.items())


def rounding_text(stream: str, told: Mapping[str, Any]) -> str:
    """One line of it for people.

    >>> rounding_text("spatial", {"precision": "bfloat16", "samples": 16, "largest_difference": 0.004,
    ...     "top_classes_that_differ": 1})
    'spatial: scores in bfloat16 differ from float32 by up to 0.004, the top class in 1 of 16 samples'
    """
    return (
        f"{stream}: scores in {told['precision']} differ from float32 by up to "
        f"{told['largest_difference']:.1g}, the top class in {told['top_classes_that_differ']} of "
        f"{told['samples']} samples"
    )
