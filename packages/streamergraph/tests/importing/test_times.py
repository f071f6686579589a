from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from streamergraph.importing.local_order import later_of_two
from streamergraph.importing.times import Clock, parse_time, time_in_name

NOON = datetime.datetime(2024, 5, 1, 12, 0, tzinfo=datetime.UTC)
ROME = ZoneInfo("Europe/Rome")


@pytest.mark.parametrize(
    "said",
    [
        "2024-05-01T12:00:00Z", "2024-05-01 14:00:00+02:00", "2024-05-01 12:00:00 UTC",
        1714564800, "1714564800", "1714564800.000", 1714564800000, "1714564800000",
        1714564800000000, "1714564800000000000", 1714564800.0, "2024-05-01 12:00:00.000000000 +0000 UTC",
        "Wed May 01 2024 14:00:00 GMT+0200 (CEST)", "2024-05-01T14:00:00+02:00[Europe/Rome]",
        "/Date(1714564800000)/", "2024-05-01 12:00:00,000+00",
    ],
)  # fmt: skip
def test_moments_with_a_zone_or_since_1970(said):
    assert parse_time(said) == NOON


@pytest.mark.parametrize(
    "said",
    [
        "2024-05-01_12-00",
        "2024-05-01 12:00:00",
        "2024-05-01T12:00",
        "20240501T120000",
        "Wed May  1 12:00:00 2024",
        "2024-05-01 12:00:00 PM",
        "2024-05-01 12:00 p.m.",
        "2024-5-1 12:00",
        "2024/5/1 12:00:00",
        "1.5.2024 12:00",
        "01.05.2024, 12:00:00",
        "1 May 2024 12:00:00",
        "May 1, 2024 12:00:00 PM",
        "01-May-2024 12:00:00",
    ],
)
def test_local_times_have_no_zone_of_their_own(said):
    assert parse_time(said) == NOON.replace(tzinfo=None)
    assert Clock(ROME).moment(said).hour == 10


@pytest.mark.parametrize(
    "said",
    ["", "yesterday", "12:00", None, True, [], {}, 17, "99999999999999999999", "03/04/2024 12:00"],
)
def test_what_is_no_time_is_none(said):
    assert Clock(ROME).moment(said) is None


def test_an_hour_that_comes_twice_is_told_apart_by_the_order_of_reading():
    clock = Clock(ROME)
    local = [f"2022-10-30 0{h}:{m:02}:00" for h in (1, 2, 2, 3) for m in range(0, 60, 5)]
    for _ in range(2):  # channels, one behind the other
        moments = [clock.moment(one) for one in local]
        assert len(set(moments)) == 48
        assert (moments[-1] - moments[0]).total_seconds() == 235 * 60
    assert clock.ambiguous == 0
    shuffled = np.random.default_rng(0).permutation(local)
    for one in shuffled:
        clock.moment(str(one))
    assert clock.ambiguous > 12


def test_hours_that_come_twice_or_never_are_counted():
    clock = Clock(ROME)
    assert clock.moment("2022-10-30 02:30:00").isoformat() == "2022-10-30T00:30:00+00:00"
    clock.moment("2022-03-27 02:30:00")
    assert (clock.ambiguous, clock.skipped, clock.local) == (1, 1, 2)
    assert any("came twice" in note for note in clock.notes())
    assert any("do not exist" in note for note in clock.notes())


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("2022-05-05_15-09.json", "13:09:00"),
        ("it_2022-05-05_15-09 (copy).json", "13:09:00"),
        ("x-2022-05-05T1509.json", "13:09:00"),
        ("2022-05-05_15-09-0001.json", "13:09:00"),  # a number, no zone
        ("20220505_1509.json.gz", "13:09:00"),
        ("20220505150930.json", "13:09:30"),
        ("2022_05_05_15_09_30_anna.json", "13:09:30"),
        ("2022-05-05T13:09:30.123456Z.json", "13:09:30"),
        ("20220505T130900Z.json", "13:09:00"),
        ("2022-05-05_14-09+0100.json", "13:09:00"),
        ("streams-1651756140.json", "13:09:00"),
        ("1651756140000.json", "13:09:00"),
    ],
)
def test_times_in_names(name, moment):
    found = Clock(ROME).moment(time_in_name(name))
    assert found.isoformat() == f"2022-05-05T{moment}+00:00"


@pytest.mark.parametrize("name", ["page 3.json", "44123456789.json", "anna_2022.json"])
def test_numbers_in_names_that_are_no_time(name):
    assert time_in_name(name) is None


@pytest.mark.parametrize(
    "said",
    [
        "2024/05/01 12:00:00 +0000", "2024-05-01 12:00:00 +00:00", "2024-05-01 12:00:00Z",
        "Wed, 01 May 2024 12:00:00 GMT", "2024-05-01T12:00:00 UTC", "2024-05-01 12:00:00 GMT",
    ],
)  # fmt: skip
def test_other_ways_to_write_a_moment(said):
    assert parse_time(said) == NOON


@pytest.mark.parametrize("said", ["2024/05/01 12:00", "2024-05-01_12:00:00", "20240501120000"])
def test_other_ways_to_write_a_local_time(said):
    assert parse_time(said) == NOON.replace(tzinfo=None)


@pytest.mark.parametrize("said", ["2024-05-01", "20240501", "01/05/2024 12:00", "2024-W18-3"])
def test_a_day_or_what_may_mean_two_days_is_no_moment(said):
    assert parse_time(said) is None


def test_a_night_without_a_step_back_belongs_to_its_neighbours():
    minutes = np.arange(0, 300, 5.0)  # local: 02:00 to 02:59 are 120 to 179
    night = (minutes >= 120) & (minutes < 180)
    before, after = minutes < 180, minutes >= 120
    assert not later_of_two(minutes[before], night[before])[0].any()
    assert later_of_two(minutes[after], night[after])[0].sum() == 12
    assert later_of_two(minutes[night], night[night])[1] == 12  # nothing tells


def test_a_log_that_begins_with_the_newest_is_read_from_its_end():
    local = np.concatenate([np.arange(60, 180, 5.0), np.arange(120, 240, 5.0)])
    twice = (local >= 120) & (local < 180)
    expected, unsure = later_of_two(local, twice)
    assert (expected.sum(), unsure) == (12, 0)
    backwards, unsure = later_of_two(local[::-1], twice[::-1])
    assert (backwards[::-1] == expected).all()
    assert unsure == 0


def test_a_shuffled_log_tells_nothing():
    local = np.random.default_rng(0).permutation(np.arange(0, 300, 5.0))
    twice = (local >= 120) & (local < 180)
    later, unsure = later_of_two(local, twice)
    assert not later.any()
    assert unsure == 12
