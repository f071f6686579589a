"""Which flags a dataclass of options becomes, and what each of them sets."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field

import pytest
from twostream.errors import TwostreamError
from twostream.options import check_options, option
from twostream.verbs.flags import flags_of, keys_of_groups, takes_flags, with_flags


@dataclass(frozen=True, kw_only=True)
class Wheel:
    size_cm: int = option(60, "Diameter in centimetres.", flag="size", least=10)
    tyre: str | None = option(None, "Its maker.")
    steered: bool = option(False, "Whether it turns.", stream="front")
    count: int = option(1, "How many of them.", shared=True)
    colour: str = option("black", "Colour.", apart=True)

    def __post_init__(self) -> None:
        check_options(self)


@dataclass(frozen=True, kw_only=True)
class Bicycle:
    name: str = option("mine", "Name of it.")
    colour: str = option("red", "Colour of the frame.")
    front: Wheel = field(default_factory=Wheel)
    rear: Wheel = field(default_factory=Wheel)


@takes_flags(Bicycle)
def ride(place: str, *, options: Bicycle, hours: int = 1) -> tuple[str, Bicycle, int]:
    """Go somewhere.

    Parameters
    ----------
    place
        Where to.
    hours
        How long.
    """
    return place, options, hours


def test_every_option_is_a_flag_and_that_of_several_groups_one_of_each_too():
    assert [one.name for one in flags_of(Bicycle)] == [
        "name",
        "colour",
        "size",
        "tyre",
        "steered",
        "count",
        "front-colour",
        "rear-colour",
        "front-size",
        "rear-size",
        "front-tyre",
        "rear-tyre",
        "front-steered",
        "rear-steered",
    ]


@pytest.mark.parametrize(
    ("given", "front", "rear"),
    [
        ({}, 60, 60),
        ({"size": 70}, 70, 70),
        ({"rear_size": 50}, 60, 50),
        ({"size": 70, "rear_size": 50}, 70, 50),
        ({"rear_size": 50, "size": 70}, 70, 50),
        ({"rear_size": None}, 60, 60),
    ],
)
def test_a_flag_is_said_of_all_groups_and_one_of_a_group_wins(given, front, rear):
    options = with_flags(Bicycle(), given)
    assert (options.front.size_cm, options.rear.size_cm) == (front, rear)


def test_what_means_something_to_one_group_only_is_said_of_that():
    options = with_flags(Bicycle(), {"steered": True, "colour": "blue"})
    assert (options.front.steered, options.rear.steered) == (True, False)
    assert (options.colour, options.front.colour, options.rear.colour) == ("blue", "black", "black")
    assert with_flags(Bicycle(), {"rear_steered": True}).rear.steered


def test_a_verb_is_called_with_flags_or_options_or_both():
    assert ride("home") == ("home", Bicycle(), 1)
    assert ride("home", hours=3, size=70)[1:] == (with_flags(Bicycle(), {"size": 70}), 3)
    own = Bicycle(name="yours")
    assert ride("home", options=own)[1] is not None
    assert ride("home", options=own, size=70)[1] == with_flags(own, {"size": 70})


def test_a_flag_that_is_none_and_a_value_that_cannot_be():
    with pytest.raises(TypeError, match="ride\\(\\) has no option 'sise'; did you mean 'size'"):
        ride("home", sise=70)
    with pytest.raises(TwostreamError, match="--size: expected a whole number of at least 10"):
        ride("home", rear_size=5)


def test_completion_and_help_know_every_flag():
    assert list(inspect.signature(ride).parameters)[:4] == ["place", "hours", "name", "colour"]
    assert inspect.signature(ride).parameters["size"].default == 60
    text = inspect.getdoc(ride)
    assert "size\n    Diameter in centimetres. At least 10.\n" in text
    assert "rear_size\n    `--size` of rear alone.\n" in text
    assert text.startswith("Go somewhere.")


def test_below_the_name_of_a_group_an_option_is_said_of_this_group():
    keys = keys_of_groups(Bicycle)
    assert keys["rear"] == {
        "size": "rear-size",
        "tyre": "rear-tyre",
        "steered": "rear-steered",
        "count": "count",
        "colour": "rear-colour",
    }
