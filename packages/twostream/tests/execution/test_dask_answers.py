"""A scheduler that says nothing is not waited for without end."""

from __future__ import annotations

import threading

import pytest
from twostream.errors import TwostreamError
from twostream.execution import dask_answers
from twostream.execution.dask_answers import answered


class Client:
    """One whose scheduler gives so many signs of life, and then none."""

    scheduler = type("Scheduler", (), {"identity": None})

    def __init__(self, signs):
        self.signs = signs

    def sync(self, _, *, callback_timeout):
        assert callback_timeout == dask_answers.SIGN_OF_LIFE_SECONDS
        if not self.signs:
            raise TimeoutError
        self.signs -= 1


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(dask_answers, "PATIENCE_SECONDS", 0.01)


def test_an_answer_that_takes_long_is_waited_for_while_there_are_signs_of_life():
    client, late = Client(3), threading.Event()
    threading.Timer(0.02, late.set).start()
    assert answered(client, "tcp://a:1", lambda: late.wait(60)) is True


def test_without_a_sign_of_life_the_cluster_is_lost():
    never = threading.Event()
    with pytest.raises(TwostreamError, match=r"tcp://a:1: expected the scheduler .* to stay"):
        answered(Client(2), "tcp://a:1", lambda: never.wait(60))


@pytest.mark.parametrize(("signs", "error"), [(1, ConnectionResetError), (0, TwostreamError)])
def test_what_goes_wrong_on_the_way_is_the_clusters_where_it_is_gone(signs, error):
    def ask():
        raise ConnectionResetError

    with pytest.raises(error):
        answered(Client(signs), "tcp://a:1", ask)


def test_other_errors_are_those_of_who_asks():
    with pytest.raises(KeyError):
        answered(Client(0), "tcp://a:1", lambda: {}["a"])
