"""What computed the scores, as it is written and read again."""

from __future__ import annotations

from dataclasses import replace

from twostream.evaluation.engines import (
    differing_arithmetic,
    engines_content,
    engines_text,
    merged,
    recorded_engines,
)
from twostream.models.computation import Computation

FAST = Computation(
    engine="openvino", library="openvino 2026.4.1", precision="float32", device="cpu", threads=2
)
MORE_THREADS = replace(FAST, threads=8)
ROUNDED = replace(FAST, precision="bfloat16")


def test_it_is_read_as_it_was_written() -> None:
    engines = {"spatial": (FAST, MORE_THREADS), "temporal": (FAST,)}
    assert recorded_engines({"engines": engines_content(engines)}) == engines


def test_results_that_do_not_say_it_or_say_it_otherwise_are_read_all_the_same() -> None:
    for told in (None, [], "openvino", {"spatial": ["openvino"]}, {"spatial": [{"engine": "x"}]}):
        assert recorded_engines({"engines": told}) == {}


def test_streams_with_the_same_are_told_once() -> None:
    assert engines_text({"spatial": (FAST,), "temporal": (FAST,)}) == FAST.text()
    assert engines_text({"spatial": (FAST,), "temporal": (FAST, MORE_THREADS)}) == (
        f"spatial: {FAST.text()}; temporal: {FAST.text()} and {MORE_THREADS.text()}"
    )


def test_parts_computed_alike_are_one() -> None:
    assert merged([FAST], (), [FAST, MORE_THREADS]) == (FAST, MORE_THREADS)


def test_threads_do_not_make_scores_others_but_a_precision_does() -> None:
    one = {"spatial": (FAST,)}
    assert not differing_arithmetic(one, {"temporal": (MORE_THREADS,)})
    assert differing_arithmetic(one, {"spatial": (ROUNDED,)})
    assert differing_arithmetic(one, {})
    assert not differing_arithmetic({}, {})
