"""What `run` can be told: every flag of its verbs, and each stream its own."""

from __future__ import annotations

import inspect

import pytest
import twostream
from twostream.verbs.flags import with_flags
from twostream.verbs.options import RunOptions


def test_run_takes_every_flag_of_the_verbs_it_calls() -> None:
    own = inspect.signature(twostream.run).parameters
    for verb in (twostream.prepare, twostream.train, twostream.evaluate):
        for name, parameter in inspect.signature(verb).parameters.items():
            # A dry run would leave the other verbs nothing to work on.
            # Of folds, `run` takes all unless one is named: its `split` has no number at first.
            if name not in (
                "source",
                "data",
                "out",
                "run",
                "stream",
                "streams",
                "dry_run",
                "split",
            ):
                assert own[name].default == parameter.default, (verb, name)


@pytest.mark.parametrize(
    ("flags", "spatial", "temporal"),
    [
        ({}, (None, 0.5), (None, 0.5)),
        ({"epochs": 3}, (3, 0.5), (3, 0.5)),
        ({"temporal_epochs": 30, "dropout": 0.2}, (None, 0.2), (30, 0.2)),
        ({"epochs": 3, "spatial_epochs": 4, "temporal_dropout": 0.0}, (4, 0.5), (3, 0.0)),
        ({"temporal_epochs": None}, (None, 0.5), (None, 0.5)),
    ],
)
def test_a_stream_may_have_settings_of_its_own(flags, spatial, temporal) -> None:
    options = with_flags(RunOptions(), flags)
    assert (options.spatial.epochs, options.spatial.dropout) == spatial
    assert (options.temporal.epochs, options.temporal.dropout) == temporal
    assert (options.spatial.stream, options.temporal.stream) == ("spatial", "temporal")


def test_the_number_of_frames_is_of_the_spatial_stream() -> None:
    options = with_flags(RunOptions(), {"frames_per_clip": 17})
    assert (options.spatial.frames_per_clip, options.temporal.frames_per_clip) == (17, None)


def test_an_option_that_is_none_names_the_near_one() -> None:
    with pytest.raises(TypeError, match=r"run\(\) has no option 'epoch'; did you mean 'epochs'"):
        twostream.run("videos", out="run", epoch=3)
