"""What a declaration of an option means for its value."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twostream.errors import TwostreamError
from twostream.fingerprints import deciding_values
from twostream.options import Place, check_options, option, options_of, places_of, with_values
from twostream.paths import READ


@dataclass(frozen=True, kw_only=True)
class Lens:
    focus_mm: float = option(50.0, "Focal length in millimetres.", flag="focus", above=0, most=800)

    def __post_init__(self) -> None:
        check_options(self)


@dataclass(frozen=True, kw_only=True)
class Camera:
    speed: int = option(100, "Sensitivity.", least=25)
    mode: Literal["still", "film"] = option(
        "still", "What it takes.", earlier_values={"video": "film"}
    )
    flash: bool = option(False, "Use the flash.")
    card: Annotated[Path | None, READ] = option(None, "Folder of the card.")
    maker: str | None = option(None, "Who made it.", before=None)
    serial: str = "not an option"
    lens: Lens = field(default_factory=Lens)

    def __post_init__(self) -> None:
        check_options(self)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (
            "speed",
            24,
            "--speed: expected a whole number of at least 25, found 24; leave it out for 100",
        ),
        ("speed", 100.5, "--speed: expected a whole number of at least 25, found 100.5"),
        ("speed", True, "--speed: expected a whole number of at least 25, found True"),
        ("speed", "100", "--speed: expected a whole number of at least 25, found 100"),
        ("speed", None, "--speed: expected a whole number"),
        ("mode", "flim", "--mode: expected one of still, film, found flim; did you mean film?"),
        ("mode", 5, "--mode: expected one of still, film, found 5"),
        ("flash", 1, "--flash: expected true or false, found 1"),
        ("maker", 5, "--maker: expected text, found 5; leave it out"),
        ("card", [], "--card: expected a path, found list"),
    ],
)
def test_a_value_of_another_type_or_out_of_range_names_its_flag(name, value, said):
    with pytest.raises(TwostreamError) as caught:
        Camera(**{name: value})
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize("value", [0, -1, 800.5, math.inf, math.nan, "50", None])
def test_a_range_has_its_bounds(value):
    with pytest.raises(TwostreamError, match=r"^--focus: expected a number above 0, at most 800"):
        Lens(focus_mm=value)


@given(st.floats(0, 800, exclude_min=True) | st.integers(1, 800))
def test_what_is_within_the_range_is_taken_as_the_type_of_the_field(value):
    assert Lens(focus_mm=value).focus_mm == value
    assert type(Lens(focus_mm=np.float64(value)).focus_mm) is float


def test_numbers_of_numpy_text_as_path_and_words_of_earlier_versions():
    camera = Camera(speed=np.int64(200), card="cards/1", mode="video")
    assert (camera.speed, camera.card, camera.mode) == (200, Path("cards/1"), "film")
    assert type(camera.speed) is int


def test_options_are_found_in_order_and_by_group_and_what_is_no_option_is_left_out():
    assert [one.flag for one in options_of(Camera)] == [
        "--speed",
        "--mode",
        "--flash",
        "--card",
        "--maker",
    ]
    assert [(place.groups, place.option.name) for place in places_of(Camera)][-1] == (
        ("lens",),
        "focus",
    )


def test_values_go_to_their_places_and_are_checked_there():
    focus = places_of(Camera)[-1]
    assert with_values(Camera(), {focus: 35}).lens.focus_mm == 35
    assert focus.value(with_values(Camera(speed=400), {focus: 35})) == 35
    with pytest.raises(TwostreamError, match="--focus"):
        with_values(Camera(), {focus: -1})


def test_an_option_that_was_added_later_leaves_earlier_fingerprints_alone():
    assert "maker" not in deciding_values(Camera())
    assert deciding_values(Camera(maker="us"))["maker"] == "us"


def test_a_place_tells_its_group():
    speed, focus = places_of(Camera)[0], places_of(Camera)[-1]
    assert (speed.group, focus.group) == (None, "lens")
    assert isinstance(speed, Place)
