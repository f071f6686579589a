from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamergraph.enrichment.release_dates import NO_DAY, NOT_KNOWN, OPEN_ORDER, read_dates

DAY = datetime.date(2008, 10, 21)


@pytest.mark.parametrize(
    "text",
    ["Oct 21, 2008", "October 21, 2008", "21 October 2008", "21 Oct, 2008", "21 Oct 2008", "Oct. 21st 2008",
     "Tuesday, October 21, 2008", "2008-10-21", "2008/10/21", "2008.10.21", "2008-10-21T17:00:00Z",
     "2008-10-21 00:00:00", "2008-10-21T00:00:00.000+02:00",
     "21-Oct-2008", "Oct 21, 2008 10:30 AM", "20081021",
     "1224547200", "1224547200.0", "1224547200000", "2008年10月21日", "2008年 10月 21日",
     "2008년 10월 21일",
     "21/10/2008", "10/21/2008", "21.10.2008", "10-21-2008", " oct 21, 2008 ", "Released: Oct 21, 2008",
     "21 ott 2008", "21. Okt. 2008", "21 oct. 2008", "21 de octubre de 2008", "21/out./2008",
     "21 окт. 2008 г.", "21 Eki 2008", "21. říj. 2008", "21 жовт. 2008",
     "21 października 2008", "2008 Oct 21"],
)  # fmt: skip
def test_a_day_is_read_as_the_stores_of_all_regions_write_it(text):
    assert read_dates([text]).dates == [DAY]


@pytest.mark.parametrize(
    "text",
    ["Coming soon", "TBA",
     "To be announced", "Unknown", "2023", "Q1 2023", "Q3 2024", "October 2008", "Oct 2008",
     "2008-10", "10/2008", "Early 2023", "Spring 2021", "2008年10月"],
)  # fmt: skip
def test_without_a_day_no_day_is_made_up(text):
    found = read_dates([text])
    assert (found.dates, found.unread) == ([None], {NO_DAY: (1, text)})


@pytest.mark.parametrize(
    "text", ["21-Oct-08", "08-Oct-21", "39742", "31 February 2008", "2008-13-01",
     "21/10/08", "5 Oct 3008", "21x10"]
)  # fmt: skip
def test_what_could_be_any_day_is_none_and_counted(text):
    found = read_dates([text, text, "2008-10-21"])
    assert found.dates == [None, None, DAY]
    assert found.unread == {NOT_KNOWN: (2, text)}
    assert (found.read, found.n_unread) == (1, 2)


def test_nothing_said_is_not_counted():
    assert read_dates(["", " "]).unread == {}


def test_the_file_decides_whether_the_day_or_the_month_comes_first():
    march = datetime.date(2017, 3, 4)
    april = datetime.date(2017, 4, 3)
    assert read_dates(["03/04/2017", "10/21/2008"]).dates == [march, DAY]
    assert read_dates(["21/10/2008", "03/04/2017"]).dates == [DAY, april]
    assert read_dates(["05/05/2017"]).dates == [datetime.date(2017, 5, 5)]


@pytest.mark.parametrize("others", [[], ["21/10/2008", "10/21/2008"]])
def test_an_order_that_the_file_leaves_open_is_not_guessed(others):
    found = read_dates(["03/04/2017", *others])
    assert found.dates == [None] + [DAY] * len(others)
    assert found.unread == {OPEN_ORDER: (1, "03/04/2017")}


FORMS = ["%d %B %Y", "%b %d, %Y", "%Y-%m-%d", "%d-%b-%Y", "%A, %B %d, %Y", "%Y%m%d"]


@given(
    st.lists(st.dates(datetime.date(1970, 1, 1), datetime.date(2030, 1, 1)), min_size=1), st.data()
)
def test_every_day_is_read_as_it_was_written(days, data):
    texts = [day.strftime(data.draw(st.sampled_from(FORMS))) for day in days]
    assert read_dates(texts).dates == days


@given(st.lists(st.dates(datetime.date(1970, 1, 1), datetime.date(2030, 1, 1)), min_size=1))
def test_a_date_of_numbers_is_right_or_left_open(days):
    for form in ("%d/%m/%Y", "%m/%d/%Y"):
        found = read_dates([day.strftime(form) for day in days])
        assert all(read in (None, day) for read, day in zip(found.dates, days, strict=True))
        if any(day.day > 12 for day in days):
            assert found.dates == days
